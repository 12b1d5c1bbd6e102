//! kind's own cluster document: what it means, what kind makes of it, and ours rendered from a plan.
//!
//! Everything here is a pure function. The document as kind reads it ([`Cluster`]), the values it
//! fills in ([`apply_defaults`]), what it refuses ([`validate()`]), and the facts it derives for kubeadm
//! and for the container engine are kept beside our own [`ClusterPlan`], so that a document is known
//! to be good before `kind` sees it.

mod cluster;
mod container;
mod decode;
mod defaults;
mod document;
mod kubeadm;
mod plan;
mod ports;
mod problem;
mod subnet;
mod ula;
mod validate;

pub use cluster::{
    API_VERSION, CLUSTER_KIND, Cluster, JsonPatch, Mount, Networking, Node, PortMapping,
};
pub use container::{ContainerFacts, container_facts, publish};
pub use decode::decode;
pub use defaults::apply_defaults;
pub use document::{KindDocument, render};
pub use kubeadm::{KubeadmFacts, NodeAddresses, api_version, kubeadm_facts};
pub use plan::{CgroupVersion, ClusterPlan, NodeLayout, NodePlan, PlanOptions};
pub use ports::{InvalidPort, Protocol, PublishedPort};
pub use problem::{Problem, ProblemKind};
pub use ula::network_subnet;
pub use validate::validate;
