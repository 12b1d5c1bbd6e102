//! The image of the running program: itself and the shared libraries it needs, and nothing else.
//!
//! No base image and no engine take part, so it can be made where there is no internet; the same program gives
//! the same bytes, so a registry that has them is not sent them again.

mod elf;
mod layer;
mod libraries;
mod push;

pub use layer::{Layer, PROGRAM_PATH};
pub use libraries::{Resolved, resolve};
pub use push::{OwnImage, Pushed};
