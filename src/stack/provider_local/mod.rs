//! The provider `local`: infrastructure and machines of Shoots without any cloud, addresses of load
//! balancers, and DNS.

pub mod dns;

mod dns_record;
mod infrastructure;
mod machine_pools;
mod machines;
mod node;
mod operating_system;
mod service;
mod worker;

pub(crate) use dns_record::{DnsRecordActuator, follow_zones};
pub(crate) use infrastructure::{InfrastructureActuator, shoot_and_seed};
pub use machine_pools::{MachinePool, machine_pools};
pub(crate) use machines::DataOnly;
pub(crate) use node::keep_simulated_nodes;
pub(crate) use operating_system::OperatingSystemActuator;
pub(crate) use service::{error_policy as service_error_policy, reconcile as reconcile_service};
pub(crate) use worker::WorkerActuator;

/// The type of everything that this provider serves.
pub(crate) const TYPE: &str = "local";
