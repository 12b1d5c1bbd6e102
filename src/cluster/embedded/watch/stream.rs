//! The stream a watcher reads.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_util::Stream;

use super::WatchEvent;
use crate::cluster::embedded::kinds::Kind;

/// Events of one watch, in order of commit; it ends cleanly at its time-out, after an error event,
/// and when the engine stops.
pub struct WatchStream {
    kind: Arc<Kind>,
    events: Pin<Box<dyn Stream<Item = WatchEvent> + Send>>,
}

impl WatchStream {
    /// Wraps the events of a watch on `kind`.
    pub fn new(kind: Arc<Kind>, events: impl Stream<Item = WatchEvent> + Send + 'static) -> Self {
        Self {
            kind,
            events: Box::pin(events),
        }
    }

    /// The kind that is watched: columns for tables.
    pub fn kind(&self) -> &Arc<Kind> {
        &self.kind
    }
}

impl Stream for WatchStream {
    type Item = WatchEvent;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<WatchEvent>> {
        self.events.as_mut().poll_next(context)
    }
}

impl fmt::Debug for WatchStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatchStream")
            .field("kind", &self.kind.kind)
            .finish_non_exhaustive()
    }
}
