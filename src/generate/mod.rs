//! Typed plans rendered to configuration files: kind, containerd, CNI, manifests.
//!
//! Every generator goes the same way: a typed plan, a template or a structural patch, then the result is
//! parsed back and compared with the plan before anybody uses it. Nothing here touches the host.

mod artifact;
pub mod calico;
mod compare;
pub mod coredns;
mod error;
mod folder;
pub mod garden;
mod hosts_toml;
pub mod kind;
pub mod network_policies;
mod plan;
mod ptp;
mod readme;
mod registry;
mod stream;
pub mod sysctls;
mod templates;

pub use artifact::Artifact;
pub use error::GenerateError;
pub use folder::{CalicoSource, folder, hosts_toml};
pub use hosts_toml::{Containerd, HostsToml, REGISTRY_CONFIG_PATH};
pub use plan::{InvalidMirror, Plan, PlanSettings, RegistryMirror};
pub use ptp::{NodeRoute, PtpNetwork, masquerade, node_routes};
pub use registry::LocalRegistry;
pub use templates::{SUFFIX as TEMPLATE_SUFFIX, Templates};
