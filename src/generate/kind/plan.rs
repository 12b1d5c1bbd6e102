//! What a cluster of ours consists of, before it becomes kind's document.

use std::{collections::BTreeMap, net::IpAddr};

use semver::Version;

use super::{Mount, Networking, PortMapping, PublishedPort};
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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CgroupVersion {
    /// One hierarchy per controller.
    V1,
    /// The unified hierarchy.
    #[default]
    V2,
}

/// The machines of a cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NodeLayout {
    /// Machines besides the control plane.
    pub workers: u8,
    /// Zones that the machines are spread over in turn; without any they carry no label.
    pub zones: u8,
    /// Ports of the control plane on the host.
    pub ports: Vec<PublishedPort>,
    /// Folders of the host inside every machine.
    pub mounts: Vec<Mount>,
}

/// What is known besides the addresses.
#[derive(Debug, Clone, Default)]
pub struct PlanOptions {
    /// Name of the cluster.
    pub name: String,
    /// The machines.
    pub layout: NodeLayout,
    /// Node image; the default of the kind binary where absent.
    pub image: Option<String>,
    /// Kubernetes version of the node image, where it is known.
    pub kubernetes: Option<Version>,
    /// Control groups of the engine's machine.
    pub cgroups: CgroupVersion,
    /// Whether containerd of the node image must be told where per-registry files are.
    pub set_registry_path: bool,
    /// Feature gates that every component gets.
    pub feature_gates: BTreeMap<String, bool>,
    /// The file of name servers that pods get, on the machines; that of the machine where absent.
    pub resolv_conf: Option<String>,
}

/// One machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodePlan {
    /// `control-plane` or `worker`.
    pub role: &'static str,
    /// The zone that it says to be in.
    pub zone: Option<String>,
    /// Its ports on the host.
    pub ports: Vec<PortMapping>,
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
    /// The machines, the control plane first.
    pub nodes: Vec<NodePlan>,
    /// Folders of the host inside every machine.
    pub mounts: Vec<Mount>,
    /// Node image.
    pub image: Option<String>,
    /// Feature gates every component gets.
    pub feature_gates: BTreeMap<String, bool>,
    /// Arguments of kube-controller-manager, as name and value.
    pub controller_manager_args: Vec<(String, String)>,
    /// Whether the kubelet must be told to accept cgroup v1.
    pub accept_cgroup_v1: bool,
    /// Whether containerd must be told where per-registry files are.
    pub set_registry_path: bool,
    /// The file of name servers that pods get.
    pub resolv_conf: Option<String>,
}

impl ClusterPlan {
    /// Decides everything that follows from the addresses and the versions.
    pub fn new(addresses: &AddressPlan, options: PlanOptions) -> Self {
        let PlanOptions {
            name,
            layout,
            image,
            kubernetes,
            cgroups,
            set_registry_path,
            mut feature_gates,
            resolv_conf,
        } = options;
        let families = addresses.families;
        let older_than =
            |version: Version| kubernetes.as_ref().is_some_and(|known| *known < version);
        if families.is_dual() && older_than(DUAL_STACK_IS_ON) {
            feature_gates.insert("IPv6DualStack".to_owned(), true);
        }
        let refuses_v1 = kubernetes
            .as_ref()
            .is_some_and(|known| *known >= CGROUP_V1_IS_REFUSED);
        Self {
            name,
            families,
            api_server_address: families.primary().loopback(),
            pods: addresses.pods(),
            services: addresses.services(),
            nodes: layout.nodes(families),
            mounts: layout.mounts,
            image,
            feature_gates,
            controller_manager_args: node_masks(addresses, families),
            accept_cgroup_v1: cgroups == CgroupVersion::V1 && refuses_v1,
            set_registry_path,
            resolv_conf,
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

impl NodeLayout {
    fn nodes(&self, families: Families) -> Vec<NodePlan> {
        let workers = std::iter::repeat_n("worker", self.workers.into());
        let zones = (0..self.zones).map(|zone| Some(zone.to_string())).cycle();
        std::iter::once("control-plane")
            .chain(workers)
            .zip(zones.chain(std::iter::repeat(None)))
            .enumerate()
            .map(|(index, (role, zone))| NodePlan {
                role,
                zone,
                // One port of the host leads to one machine.
                ports: match index {
                    0 => self
                        .ports
                        .iter()
                        .flat_map(|port| port.mappings(families))
                        .collect(),
                    _ => Vec::new(),
                },
            })
            .collect()
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
