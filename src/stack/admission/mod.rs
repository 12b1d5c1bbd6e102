//! Admission: defaults, validation and immutability of everything that people write.
//!
//! [`review`] is the whole pipeline as one function of values. [`StackAdmission`] calls it inside the
//! embedded control plane; in kind the same function sits behind a webhook.

mod finding;
mod in_process;
mod judge;
mod pipeline;

pub use finding::Finding;
pub use in_process::StackAdmission;
pub use judge::{Judge, Refused, Write};
pub use pipeline::{Operation, Refusal, Request, default, review, validate, wants_seed};

pub(super) use in_process::{global_id, without_field};
