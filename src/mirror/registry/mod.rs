//! A client of registries (OCI distribution specification 1.1).
//!
//! Every request goes through [`client`]'s one gate: limits per host, authentication, redirects, attempts. Content
//! is verified where it is read ([`stream`]), so nothing unverified ever reaches a target.

mod blobs;
mod budget;
mod call;
mod chunks;
mod client;
mod endpoint;
mod flow;
mod http_clients;
mod limits;
mod link;
mod manifests;
mod pace;
mod patience;
mod referrers;
mod stream;
mod tags;
mod upload;
mod upload_watch;

pub use blobs::BlobHead;
pub use budget::PullBudget;
pub use client::{RegistryClient, Session};
pub use endpoint::Endpoint;
pub(super) use endpoint::forbids;
pub use flow::Flow;
pub use http_clients::HttpClients;
pub use manifests::{ManifestHead, StoredManifest};
pub use patience::Patience;
pub use referrers::Referrers;
pub(super) use referrers::fallback_tag;
pub use stream::BlobSource;
pub(super) use stream::BlobStream;
pub use upload::Existing;
pub(super) use upload::{BlobPut, SMALL, Whereabouts};
