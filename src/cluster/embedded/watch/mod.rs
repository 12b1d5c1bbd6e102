//! Watch streams: filters, selector transitions, bookmarks, slow readers.
