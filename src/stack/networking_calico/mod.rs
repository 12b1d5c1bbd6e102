//! networking-calico: a Network and its NetworkConfig become calico's settings.
//!
//! The rules are those of gardener-extension-networking-calico, holes included where Gardener's
//! own tests depend on them; what cannot work is told in a condition instead of silently rendered.

mod actuator;
mod config;
mod findings;
mod settings;

pub(crate) use actuator::NetworkActuator;
pub use config::{
    AutoScaling, Backend, Enabled, Ipam, NetworkConfig, Overlay, Pool, PoolConfig, PoolMode,
};
pub use findings::{Finding, findings};
pub use settings::{IpPool, PodRanges, Settings, settings};

/// The type of Networks that are served.
pub(crate) const TYPE: &str = "calico";
