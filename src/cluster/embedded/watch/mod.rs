//! Watch streams: filters, selector transitions, bookmarks, slow readers.

mod event;
mod stream;

pub use event::{EventType, WatchEvent};
pub use stream::WatchStream;
