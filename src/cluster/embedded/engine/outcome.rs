//! The answer to one request, before it is written in some media type.

use std::sync::Arc;

use serde_json::Value;

use crate::cluster::embedded::kinds::Kind;
use crate::cluster::embedded::store::Object;

/// A successful answer.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// HTTP status code.
    pub code: u16,
    /// What to show.
    pub content: Content,
    /// The kind that was addressed: columns for tables, names for lists.
    pub kind: Arc<Kind>,
    /// Texts for `Warning: 299` headers.
    pub warnings: Vec<String>,
}

/// What an answer shows.
#[derive(Debug, Clone)]
pub enum Content {
    /// One object of the kind, with its bytes encoded at most once.
    Object(Arc<Object>),
    /// Objects of the kind.
    List(List),
    /// Anything else: a Status of success, a Scale, a review, a token.
    Other(Value),
}

/// Objects of one kind with the members of `ListMeta`.
#[derive(Debug, Clone)]
pub struct List {
    /// `apiVersion` of the list.
    pub api_version: String,
    /// `kind` of the list, such as `ShootList`.
    pub kind: String,
    /// `metadata.resourceVersion`.
    pub version: u64,
    /// `metadata.continue`, set when there is more.
    pub continue_token: Option<String>,
    /// `metadata.remainingItemCount`, when known.
    pub remaining: Option<u64>,
    /// The objects in order of namespace, then name.
    pub items: Vec<Arc<Object>>,
}
