//! YAML files that name images: read as upstream reads them, with the place of everything.

mod fault;
mod fields;
mod place;
mod scalar;
mod text;

pub use fault::{DocumentError, Fault};
pub use place::FilePlace;

pub(in crate::mirror) use fields::{Faults, Fields};
pub(in crate::mirror) use text::Document;
