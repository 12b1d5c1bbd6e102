//! The versioned object map and the rings of recent changes.
//!
//! One counter gives versions to all writes; the order of versions is the order of commits. Objects
//! are immutable and shared. A commit holds the only lock for microseconds and never waits.

mod change;
mod checksum;
mod commit;
mod key;
mod log;
mod memory;
mod object;
mod resource;

pub use change::{Change, ChangeType};
pub use commit::{Action, Commit, Refused};
pub use key::Key;
pub use log::LogError;
pub(super) use memory::weight;
pub use memory::{Batch, Store, TooOld};
pub use object::Object;
