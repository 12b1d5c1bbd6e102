//! A real kind cluster: the `kind` binary and Docker Engine.
//!
//! The binary creates and deletes clusters; everything else goes through the engine's API. What we make carries
//! the label [`OWNER_LABEL`], and what does not is never removed.

mod error;

pub use error::KindError;

/// Label of everything we make in the engine; its value is the name of the environment.
pub const OWNER_LABEL: &str = "garden6.dev/environment";
