//! What a cluster of ours consists of, before it becomes kind's document.

use std::net::IpAddr;

use semver::Version;

use super::Networking;
use crate::{
    ipam::AddressPlan,
    net::{Cidr, Families, IpFamily},
};

/// Kubernetes versions whose components have dual-stack behind a gate that is off by default.
const DUAL_STACK_IS_ON: Version = Version::new(1, 21, 0);
/// First version whose kubelet refuses to start on cgroup v1 unless told otherwise.
const CGROUP_V1_IS_REFUSED: Version = Version::new(1, 35, 0);
/// Bits per node kube-controller-manager takes when nothing is said.
const DEFAULT_NODE_MASK_V4: u8 = 24;
const DEFAULT_NODE_MASK_V6: u8 = 64;

/// Control groups of the machine the containers run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CgroupVersion {
    /// One hierarchy per controller.
    V1,
    /// The unified hierarchy.
    V2,
}

/// What is known besides the addresses.
#[derive(Debug, Clone)]
pub struct PlanOptions {
    /// Name of the cluster.
    pub name: String,
    /// Machines besides the control plane.
    pub workers: u8,
    /// Node image; the default of the kind binary where absent.
    pub image: Option<String>,
    /// Kubernetes version of the node image, where it is known.
    pub kubernetes: Option<Version>,
    /// Control groups of the engine's machine.
    pub cgroups: CgroupVersion,
    /// Whether containerd of the node image must be told where per-registry files are.
    pub set_registry_path: bool,
}

/// One cluster, ready to be rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterPlan {
    /// Name of the cluster.
    pub name: String,
    /// Families in order.
    pub families: Families,
    /// Address of the host that the API server is published on.
    pub api_server_address: IpAddr,
    /// Pod ranges in family order.
    pub pods: Vec<Cidr>,
    /// Service ranges in family order.
    pub services: Vec<Cidr>,
    /// Machines besides the control plane.
    pub workers: u8,
    /// Node image.
    pub image: Option<String>,
    /// Feature gates every component gets.
    pub feature_gates: Vec<String>,
    /// Arguments of kube-controller-manager, as name and value.
    pub controller_manager_args: Vec<(String, String)>,
    /// Whether the kubelet must be told to accept cgroup v1.
    pub accept_cgroup_v1: bool,
    /// Whether containerd must be told where per-registry files are.
    pub set_registry_path: bool,
}

impl ClusterPlan {
    /// Decides everything that follows from the addresses and the versions.
    pub fn new(addresses: &AddressPlan, options: PlanOptions) -> Self {
        let PlanOptions {
            name,
            workers,
            image,
            kubernetes,
            cgroups,
            set_registry_path,
        } = options;
        let families = addresses.families;
        let older_than =
            |version: Version| kubernetes.as_ref().is_some_and(|known| *known < version);
        let feature_gates = if families.is_dual() && older_than(DUAL_STACK_IS_ON) {
            vec!["IPv6DualStack".to_owned()]
        } else {
            Vec::new()
        };
        let refuses_v1 = kubernetes
            .as_ref()
            .is_some_and(|known| *known >= CGROUP_V1_IS_REFUSED);
        Self {
            name,
            families,
            api_server_address: families.primary().loopback(),
            pods: addresses.pods(),
            services: addresses.services(),
            workers,
            image,
            feature_gates,
            controller_manager_args: node_masks(addresses, families),
            accept_cgroup_v1: cgroups == CgroupVersion::V1 && refuses_v1,
            set_registry_path,
        }
    }

    /// The network section of the document.
    pub fn networking(&self) -> Networking {
        Networking {
            ip_family: self.ip_family().to_owned(),
            api_server_address: self.api_server_address.to_string(),
            pod_subnet: joined(&self.pods),
            service_subnet: joined(&self.services),
            disable_default_cni: true,
            ..Networking::default()
        }
    }

    /// kind's word for the families.
    pub fn ip_family(&self) -> &'static str {
        match (self.families.is_dual(), self.families.primary()) {
            (true, _) => "dual",
            (false, IpFamily::V6) => "ipv6",
            (false, IpFamily::V4) => "ipv4",
        }
    }
}

/// kind splits at commas and does not trim.
fn joined(ranges: &[Cidr]) -> String {
    ranges
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(",")
}

/// Masks that differ from what kube-controller-manager takes by itself.
///
/// A single-stack controller manager knows only the flag without family.
fn node_masks(addresses: &AddressPlan, families: Families) -> Vec<(String, String)> {
    families
        .iter()
        .filter_map(|family| {
            let mask = addresses.of(family).node_mask;
            let (default, dual_flag) = match family {
                IpFamily::V4 => (DEFAULT_NODE_MASK_V4, "node-cidr-mask-size-ipv4"),
                IpFamily::V6 => (DEFAULT_NODE_MASK_V6, "node-cidr-mask-size-ipv6"),
            };
            let flag = if families.is_dual() {
                dual_flag
            } else {
                "node-cidr-mask-size"
            };
            (mask != default).then(|| (flag.to_owned(), mask.to_string()))
        })
        .collect()
}
