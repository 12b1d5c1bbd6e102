//! Container image references, the OCI distribution client and transfers.
//!
//! The protocol is written on plain HTTP requests, because each of its steps has to be in our hands:
//! literal IPv6 addresses in references, what is asked before it is sent, exact bytes of manifests.

pub mod auth;
mod digest;
pub mod document;
mod error;
mod fetched;
pub mod inventory;
pub mod layout;
pub mod lock;
mod manifest;
pub mod naming;
pub mod own_image;
pub mod plan;
mod reference;
pub mod registry;
pub mod rewrite;
pub mod transfer;
pub mod vector;
pub mod verify;

pub use digest::{Digest, DigestError, Hasher, HashingWriter};
pub use error::MirrorError;
pub use fetched::{Child, Content, FetchedManifest};
pub use manifest::{Descriptor, ImageConfig, ImageManifest, media_type};
pub use reference::{DEFAULT_REGISTRY, ImageRef, ReferenceError};
pub use registry::{Endpoint, Existing, RegistryClient};
