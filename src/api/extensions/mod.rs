//! The group `extensions.gardener.cloud/v1alpha1`: what gardenlet asks extensions to do.

mod cluster;
mod contract;
mod dns_record;
mod infrastructure;
mod machine_pool;
mod network;
mod operating_system_config;
mod operating_system_files;
mod worker;

pub use cluster::{Cluster, ClusterSpec};
pub use contract::{ExtensionObject, ExtensionStatus};
pub use dns_record::{DnsRecord, DnsRecordSpec, DnsRecordStatus};
pub use infrastructure::{
    Infrastructure, InfrastructureNetworking, InfrastructureSpec, InfrastructureStatus,
};
pub use machine_pool::{MachineDeployment, MachineImage, MachinePool};
pub use network::{Network, NetworkSpec, NetworkStatus};
pub use operating_system_config::{
    CloudConfig, OperatingSystemConfig, OperatingSystemConfigSpec, OperatingSystemConfigStatus,
};
pub use operating_system_files::{File, FileContent, InlineContent, SecretContent, Unit};
pub use worker::{Worker, WorkerSpec, WorkerStatus};
