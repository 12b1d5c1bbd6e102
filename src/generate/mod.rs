//! Typed plans rendered to configuration files: kind, containerd, CNI.
//!
//! Every generator goes the same way: a typed plan, a template or a structural patch, then the result is
//! parsed back and compared with the plan before anybody uses it. Nothing here touches the host.

pub mod calico;
mod error;
mod hosts_toml;
pub mod kind;
mod ptp;
mod templates;

pub use error::GenerateError;
pub use hosts_toml::{HostsToml, REGISTRY_CONFIG_PATH};
pub use ptp::{NodeRoute, PtpNetwork, node_routes};
