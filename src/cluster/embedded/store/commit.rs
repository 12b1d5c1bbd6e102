//! What a write asks of the store.

use std::sync::Arc;

use serde_json::Value;

use super::Key;
use crate::cluster::embedded::kinds::ResourceId;

/// Whether the write keeps or removes the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Keep this state.
    Put,
    /// Remove the object; the value is its last state.
    Delete,
}

/// One write, conditional on what the writer has seen.
#[derive(Debug)]
pub struct Commit {
    /// Where the object lives.
    pub resource: Arc<ResourceId>,
    /// Which object.
    pub key: Key,
    /// The version the write is based on; `None` when the object must not exist yet.
    pub expected: Option<u64>,
    /// The state; its `metadata.resourceVersion` is set by the store.
    pub value: Value,
    /// Keep or remove.
    pub action: Action,
    /// A namespace that must exist and not be terminating at the moment of the write.
    pub inside: Option<String>,
}

/// Why a write was not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Somebody else wrote the object in between.
    #[error("the object has changed since it was read")]
    Raced,
    /// The namespace does not exist.
    #[error("namespace {namespace:?} does not exist")]
    NamespaceMissing {
        /// Which one.
        namespace: String,
    },
    /// The namespace is being deleted.
    #[error("namespace {namespace:?} is being terminated")]
    NamespaceTerminating {
        /// Which one.
        namespace: String,
    },
    /// The append log could not take the write.
    #[error("the log cannot be written: {message}")]
    Log {
        /// What the operating system said.
        message: String,
    },
}
