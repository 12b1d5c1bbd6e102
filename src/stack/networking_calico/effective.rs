//! What the extension's controller does to a configuration before it computes values.

use serde_json::Value;

use crate::{
    api::{
        calico::{Ipv4, Ipv6, NetworkConfig},
        core::Shoot,
    },
    net::{Families, IpFamily},
    stack::networks::family_of,
};

/// Everything that the settings depend on.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// The configuration.
    pub config: NetworkConfig,
    /// The families of the Network.
    pub families: Families,
    /// The one pod range of the Network.
    pub pod_cidr: String,
    /// The pod ranges that the Shoot's status reports.
    pub status_pods: Vec<String>,
    /// The node ranges that the Shoot's status reports.
    pub status_nodes: Vec<String>,
    /// The node range of the Shoot's specification.
    pub nodes: Option<String>,
    /// The Shoot's kube-proxy.
    pub kube_proxy: KubeProxy,
    /// Whether all nodes are ready for a second family; nothing where there is no migration.
    pub dual_stack_ready: Option<bool>,
}

/// The Shoot's kube-proxy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KubeProxy {
    /// Off only when false.
    pub enabled: Option<bool>,
    /// `IPTables`, `IPVS`, `NFTables`.
    pub mode: Option<String>,
}

impl KubeProxy {
    /// The kube-proxy of a Shoot.
    pub fn of(shoot: &Shoot) -> Self {
        let setting = |key| shoot.spec.kubernetes.other.get(&["kubeProxy", key]);
        Self {
            enabled: setting("enabled").and_then(Value::as_bool),
            mode: setting("mode").and_then(Value::as_str).map(str::to_owned),
        }
    }
}

/// The input as it is after the controller had its hands on it.
pub fn through_controller(mut input: Input) -> Input {
    if input.dual_stack_ready == Some(false) {
        input.families = Families::single(input.families.primary());
    }
    let families = input.families;
    if families.contains(IpFamily::V4) {
        input.config.ipv4.get_or_insert_default();
    }
    if families.contains(IpFamily::V6) {
        input.config.ipv6.get_or_insert_default();
    }
    detect_by_node_ranges(&mut input);
    overlay(&mut input.config, families);
    input
}

/// Nodes find their addresses by the node ranges. The range of the specification lands in the
/// IPv4 section whatever its family; the status, once there is one, sorts that out.
fn detect_by_node_ranges(input: &mut Input) {
    let Some(nodes) = input.nodes.as_deref().filter(|nodes| !nodes.is_empty()) else {
        return;
    };
    if let Some(ipv4) = &mut input.config.ipv4 {
        ipv4.auto_detection_method = Some(format!("cidr={nodes}"));
    }
    if input.status_nodes.is_empty() {
        return;
    }
    let method = |family: IpFamily| {
        let ranges: Vec<&str> = input
            .status_nodes
            .iter()
            .map(String::as_str)
            .filter(|range| family_of(range) == Some(family))
            .collect();
        (!ranges.is_empty()).then(|| format!("cidr={}", ranges.join(",")))
    };
    if let Some(ipv4) = &mut input.config.ipv4 {
        ipv4.auto_detection_method = method(IpFamily::V4);
    }
    if let Some(ipv6) = &mut input.config.ipv6 {
        ipv6.auto_detection_method = method(IpFamily::V6);
    }
}

/// With IPv6, `backend` and `ipv6.mode` of the user never survive.
fn overlay(config: &mut NetworkConfig, families: Families) {
    let with_ipv6 = families.contains(IpFamily::V6);
    let vxlan = config.vxlan.as_ref().is_some_and(|vxlan| vxlan.enabled);
    let (mode, backend) = match &config.overlay {
        None if with_ipv6 => ("Never", "none"),
        None => return,
        Some(overlay) if overlay.enabled && vxlan => ("Always", "vxlan"),
        Some(overlay) if overlay.enabled => ("Always", "bird"),
        Some(overlay) if overlay.create_pod_routes == Some(true) => ("Never", "bird"),
        Some(_) => ("Never", "none"),
    };
    config.backend = Some(backend.to_owned());
    let mode = Some(mode.to_owned());
    if with_ipv6 {
        config.ipv6.get_or_insert_with(Ipv6::default).mode = mode;
    } else {
        config.ipv4.get_or_insert_with(Ipv4::default).mode = mode;
    }
}
