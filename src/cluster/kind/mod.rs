//! A real kind cluster: the `kind` binary and Docker Engine.
//!
//! The binary creates and deletes clusters; everything else goes through the engine's API. What we make carries
//! the label [`OWNER_LABEL`], and what does not is never removed. kind's containers cannot carry it: a
//! cluster is ours if the journal says so.

mod backend;
mod calico;
mod cluster;
mod dns;
mod engine;
mod error;
mod host_routes;
mod image;
mod masquerade;
mod network;
mod nodes;
mod orphans;
mod preflight;
mod program;
mod ptp;
mod registry;
mod status;
mod taken;
mod teardown;
mod usable;

pub use backend::KindBackend;
pub use calico::CalicoManifest;
pub use engine::{ContainerFile, DEFAULT_HOST, Engine, Selection, container_name};
pub use error::KindError;
pub use image::publish_own_image;
pub use network::{NetworkOutcome, NetworkPlan};
pub use program::{CreateRequest, KindProgram};
pub use taken::{InUse, in_use};

/// Label of everything we make in the engine; its value is the name of the environment.
pub const OWNER_LABEL: &str = "garden6.dev/environment";
