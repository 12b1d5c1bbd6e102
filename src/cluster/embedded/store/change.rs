//! One committed write.

use std::sync::Arc;

use super::{Key, Object};
use crate::cluster::embedded::kinds::ResourceId;

/// What a write did to the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeType {
    /// It did not exist before.
    Created,
    /// It existed and exists.
    Updated,
    /// It is gone.
    Deleted,
}

/// One committed write; versions are unique and rise in order of commit.
#[derive(Debug)]
pub struct Change {
    /// The version of this write.
    pub version: u64,
    /// Where the object lives.
    pub resource: Arc<ResourceId>,
    /// Which object.
    pub key: Key,
    /// What happened to it.
    pub change_type: ChangeType,
    /// The new state; for a deletion the last one, under the version of the deletion.
    pub object: Arc<Object>,
    /// The state before, if there was one.
    pub previous: Option<Arc<Object>>,
}
