//! The group `core.gardener.cloud/v1beta1`.
//!
//! Upstream serves these kinds from an aggregated API server; here they are custom resources.

mod cloud_profile;
mod kubernetes;
mod networking;
mod project;
mod seed;
mod shoot;
mod shoot_status;
mod workers;

pub use cloud_profile::{
    CloudProfile, CloudProfileKubernetes, CloudProfileSpec, ExpirableVersion, Region,
};
pub use kubernetes::{KubeControllerManager, Kubelet, Kubernetes, WorkerKubernetes};
pub use networking::Networking;
pub use project::{Project, ProjectSpec, ProjectStatus};
pub use seed::{Seed, SeedNetworks, SeedProvider, SeedSpec, SeedStatus, ShootNetworks};
pub use shoot::{CloudProfileReference, Dns, Hibernation, Shoot, ShootSpec};
pub use shoot_status::{AdvertisedAddress, NetworkingStatus, ShootStatus};
pub use workers::{Machine, Provider, WorkerPool};
