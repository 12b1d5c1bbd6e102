//! Simulated clouds: the providers `aws`, `gcp`, `azure` and `openstack` without any machine.
//!
//! What is simulated is what `AUTOv6` depends on: pools of prefixes that are handed out, run out
//! and fail on purpose, ranges by each provider's rules, and what every node gets of them. Rules
//! and arithmetic are in [`crate::ipam::clouds`]; here is who asks and where the answers go.

mod assigned;
mod cloud;
mod config;
mod infrastructure;
mod machines;
mod publish;
mod worker;

pub(crate) use cloud::Cloud;
pub(crate) use infrastructure::InfrastructureActuator;
pub(crate) use worker::WorkerActuator;

/// The types that are served.
pub(crate) const TYPES: [&str; 4] = ["aws", "gcp", "azure", "openstack"];

/// Whether a provider is one of them. A local Seed hosts Shoots of simulated clouds as well.
pub(crate) fn is_simulated(provider: &str) -> bool {
    TYPES.contains(&provider)
}
