//! One request in, one outcome out: the verbs of the Kubernetes API for every kind.
//!
//! A write goes decode, default, admission, ownership, validation, commit; a lost race starts over.
//! No I/O and no HTTP in here.

mod adjust;
mod admit;
mod authorize;
mod bootstrap;
mod core;
mod create;
mod decode;
mod delete;
mod delete_options;
mod list;
mod metadata;
mod observe;
mod operation;
mod outcome;
mod ownership;
mod page;
mod patch;
mod read;
mod rehearse;
mod request;
mod reviews;
mod rules;
mod scale;
mod selection;
mod special;
mod tokens;
mod update;
mod write;

pub use core::Engine;
pub use operation::{Body, Operation, RequestOptions, Target, User, Verb};
pub use outcome::{Content, List, Outcome};
pub use rehearse::{Rejection, rehearse};

pub(super) use delete::{CLEANUP, FOREGROUND, ORPHAN};
pub(super) use delete_options::Propagation;
pub(super) use special::definitions;
use tokens::Tokens;

#[cfg(test)]
pub(super) mod testing;
