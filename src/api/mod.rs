//! The API kinds: types, custom resource definitions, validation and defaults. Pure.
//!
//! Group, version, kind, field names and short names are the upstream ones, so manifests written
//! for Gardener apply unchanged. Two conventions hold for every type here:
//!
//! * a field that Gardener knows and this crate does not is kept in an [`Unmodelled`] map, and the
//!   schema preserves it, wherever only a part of an object is modelled;
//! * addresses and families stay text. Whether the text is any good is a question for
//!   validation, which has to report *all* errors of an object by field.

mod condition;
mod crds;
mod operation;
mod reserved;
mod schema;
mod unmodelled;

pub mod autov6;
pub mod calico;
pub mod core;
pub mod defaults;
pub mod exceptions;
pub mod extensions;
pub mod families;
pub mod gates;
pub mod load_balancer;
pub mod offset;
pub mod validation;

pub use condition::{Condition, ConditionStatus};
pub use crds::crds;
pub use operation::{LastError, LastOperation, OperationState, OperationType};
pub use unmodelled::Unmodelled;
