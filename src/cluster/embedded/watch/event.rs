//! One event of a watch.

use std::sync::Arc;

use crate::cluster::embedded::store::Object;

/// The `type` of a watch event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventType {
    /// The object began to match.
    Added,
    /// The object changed and matches as before.
    Modified,
    /// The object is gone or matches no more.
    Deleted,
    /// Nothing happened up to the version of the object, which is otherwise empty.
    Bookmark,
    /// The object is a Status; the stream ends after it.
    Error,
}

impl EventType {
    /// The text on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Added => "ADDED",
            Self::Modified => "MODIFIED",
            Self::Deleted => "DELETED",
            Self::Bookmark => "BOOKMARK",
            Self::Error => "ERROR",
        }
    }
}

/// One event of a watch; the object is shared with every other reader.
#[derive(Debug, Clone)]
pub struct WatchEvent {
    /// What happened.
    pub event_type: EventType,
    /// To which object (a Status for errors).
    pub object: Arc<Object>,
}
