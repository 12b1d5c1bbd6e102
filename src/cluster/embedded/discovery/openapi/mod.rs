//! OpenAPI v3: a root document, and one document per group and version.
//!
//! `kubectl apply` looks for the `fieldValidation` parameter of the operations, `kubectl explain`
//! walks from the path of a resource over its group, version and kind to the schema.

mod builtin;
mod document;
mod operations;
mod schemas;

pub(super) use document::{document, root};
