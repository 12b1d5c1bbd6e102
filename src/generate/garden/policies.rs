//! The network policies of the namespace that hosts the Shoot's control plane.

use super::{CONTROL_PLANE_NAMESPACE, block_cidrs};
use crate::{
    generate::{
        GenerateError, Plan,
        network_policies::{RuntimeNetworks, ShootNetworks, policies},
        stream::stream,
    },
    ipam::FamilyPlan,
    net::Cidr,
};

/// The port of an API server that kubeadm set up.
const API_SERVER_PORT: u16 = 6443;
const COMMENT: &str =
    "Network policies of a namespace with a Shoot's control plane. Every static IPv4 block has
its IPv6 equivalent. Pods get through with the label networking.gardener.cloud/to-<what>=allowed.";

/// The policies as one stream.
///
/// The address of the API server is known only once its container runs: where the plan names none, the whole
/// container network may be reached on its port.
pub fn network_policies(plan: &Plan) -> Result<String, GenerateError> {
    let addresses = &plan.environment.plan;
    let texts = |range: fn(&FamilyPlan) -> Cidr| -> Vec<String> {
        addresses
            .in_use()
            .map(|ranges| range(ranges).to_string())
            .collect()
    };
    let api_server = if plan.settings().api_servers.is_empty() {
        let port = i32::from(API_SERVER_PORT);
        addresses
            .in_use()
            .map(|ranges| (ranges.docker, port))
            .collect()
    } else {
        plan.settings()
            .api_servers
            .iter()
            .map(|address| (Cidr::host(address.ip()), i32::from(address.port())))
            .collect()
    };
    let runtime = RuntimeNetworks {
        families: addresses.families,
        pods: texts(|ranges| ranges.pod_pool),
        services: texts(|ranges| ranges.services),
        nodes: texts(|ranges| ranges.docker),
        block_cidrs: block_cidrs(addresses.families),
        api_server,
    };
    let shoot = ShootNetworks {
        families: addresses.families,
        ranges: [
            texts(|ranges| ranges.shoot_nodes),
            texts(|ranges| ranges.shoot_pods),
            texts(|ranges| ranges.shoot_services),
        ]
        .concat(),
    };
    let policies = policies(CONTROL_PLANE_NAMESPACE, &runtime, &shoot)
        .map_err(|error| GenerateError::plan("network policies", error.to_string()))?;
    stream("network policies", COMMENT, &policies)
}
