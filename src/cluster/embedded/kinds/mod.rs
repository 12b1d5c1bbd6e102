//! The kinds a control plane serves: built-in ones and those of custom resource definitions.
//!
//! A built-in kind is a line of a table plus a small strategy; a custom kind is data from its
//! definition. The generic verbs of the engine do the rest for both.

mod builtin;
mod core_kinds;
pub mod definition;
mod json;
mod kind;
mod network;
mod rbac;
mod registry;
pub mod service;
mod strategy;
mod typed;
mod webhooks;
mod workloads;

pub use builtin::kinds as builtin_kinds;
pub use kind::{
    Column, ExtraSubresource, Kind, Origin, ResourceId, ScalePaths, Scope, Subresources,
};
pub use registry::Registry;
pub use strategy::{Strategy, View};
pub use typed::{RoundTrip, lost, without_additions};
