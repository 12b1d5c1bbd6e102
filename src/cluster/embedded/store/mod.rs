//! The versioned object map and the rings of recent changes.

mod object;

pub use object::Object;
