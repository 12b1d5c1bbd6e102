//! Field ownership: who set which field, and server-side apply on top of it.
//!
//! The model is upstream's structured merge: a set of field paths per manager, operation, version
//! and subresource, kept in `metadata.managedFields`. Which lists and maps are owned item by item
//! follows from the schema of a custom resource or from a built-in table ([`shapes`]).
//!
//! Pure functions over JSON values: time comes in as an argument, nothing here knows the store.

pub use self::{
    apply::{ApplyError, Conflict, apply, check_typed},
    managed::{Entry, ManagedFields, Operation},
    path::PathElement,
    set::FieldSet,
    types::FieldType,
    update::update,
    writer::{Extent, Writer},
};

mod apply;
mod codec;
mod compare;
mod last_applied;
mod managed;
mod merge;
mod order;
mod path;
mod prune;
mod remove;
mod set;
pub mod shapes;
mod types;
mod update;
mod walk;
mod writer;

pub(in crate::cluster::embedded) use self::order::interleave;
