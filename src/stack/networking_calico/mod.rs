//! networking-calico: a Network and its `NetworkConfig` become calico's settings.
//!
//! The rules are those of gardener-extension-networking-calico, holes included: people compare
//! against it. What its validation lets through although it cannot work is told by [`findings`].
//! The behaviour of calico itself (start-up, CNI plugin, pools) is here as far as the settings
//! depend on it. Everything but the actuator is pure.

mod actuator;
mod autodetection;
mod effective;
mod findings;
mod keys;
mod quantity;
mod rendered;
mod start_up;
mod validation;
mod values;

pub mod cni;
pub mod ip_pool;
pub mod router_id;

pub(crate) use actuator::NetworkActuator;
pub use effective::{Input, KubeProxy, through_controller};
pub use findings::{Finding, doubts, findings};
pub use keys::unknown_keys;
pub use rendered::{IpPool, Rendered, render};
pub use start_up::{ExistingPool, StartUp, StartUpError, VxlanVariable};
pub use validation::{config, kube_proxy, shoot, shoot_networking};
pub use values::{Unrenderable, Values, values};

/// The type of Networks that are served.
pub(crate) const TYPE: &str = "calico";
