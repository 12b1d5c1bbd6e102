//! Watch streams: filters, selector transitions, bookmarks, slow readers.

mod event;
mod filter;
mod stream;
mod watcher;

pub use event::{EventType, WatchEvent};
pub use filter::Filter;
pub use stream::WatchStream;
pub use watcher::{WatcherStart, open};
