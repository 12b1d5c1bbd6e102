//! Looking around when a case did not pass, before anything is removed.
//!
//! Collection is bounded in time and size and never changes an outcome: what cannot be had is
//! written down as such. Everything that is written goes through [`redact`].

mod folder;
mod objects;
mod redact;
mod runner;

pub use objects::NamespaceObjects;
pub use redact::redact;
pub use runner::{Collected, Collection, Collector};

pub(super) use folder::{FileRecord, Folder};
pub(super) use runner::{run, write_pages};
