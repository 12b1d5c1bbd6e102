//! One request in, one outcome out: the verbs of the Kubernetes API for every kind.
//!
//! No I/O and no HTTP in here.

mod core;
mod operation;
mod outcome;

pub use core::Engine;
pub use operation::{Body, Operation, RequestOptions, Target, User, Verb};
pub use outcome::{Content, List, Outcome};
