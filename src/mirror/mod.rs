//! Container image references, the OCI distribution client and transfers.
//!
//! The protocol is written on plain HTTP requests, because each of its steps has to be in our hands:
//! literal IPv6 addresses in references, what is asked before it is sent, exact bytes of manifests.

mod client;
mod digest;
mod error;
mod manifest;
pub mod naming;
pub mod own_image;
mod reference;
mod retry;

pub use client::{Endpoint, Existing, RegistryClient};
pub use digest::{Digest, DigestError, HashingWriter};
pub use error::MirrorError;
pub use manifest::{Descriptor, ImageConfig, ImageManifest, media_type};
pub use reference::{DEFAULT_REGISTRY, ImageRef, ReferenceError};
