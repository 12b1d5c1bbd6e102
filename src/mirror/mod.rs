//! Container image references, the OCI distribution client and transfers.

mod error;

pub use error::MirrorError;
