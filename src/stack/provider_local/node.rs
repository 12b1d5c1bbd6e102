//! Nodes that exist as data only, for a control plane without machines.

use std::collections::BTreeMap;

use k8s_openapi::{
    api::core::v1::{Node, NodeAddress, NodeCondition, NodeSpec, NodeStatus, NodeSystemInfo},
    apimachinery::pkg::{
        api::resource::Quantity,
        apis::meta::v1::{ObjectMeta, Time},
    },
};
use kube::{
    Api,
    api::{Patch, PatchParams},
};

use crate::{
    ipam::AddressPlan,
    stack::{context::Context, error::StackError, names::FIELD_MANAGER},
};

/// Marks a Node that no machine stands behind.
const SIMULATED_LABEL: &str = "garden6.dev/simulated";
/// The first addresses of the Docker network: the network itself and its gateway.
const RESERVED_ADDRESSES: u128 = 2;

/// Makes the simulated Nodes of the environment.
pub(crate) async fn keep_simulated_nodes(context: &Context) -> Result<(), StackError> {
    let api: Api<Node> = Api::all(context.client.clone());
    let params = PatchParams::apply(FIELD_MANAGER).force();
    for (index, name) in context.options.simulated_nodes.iter().enumerate() {
        let node = node(name, index, &context.options.plan, context.clock.now());
        let mut base = node.clone();
        base.status = None;
        api.patch(name, &params, &Patch::Apply(&base))
            .await
            .map_err(StackError::api(format!("apply Node {name}")))?;
        let mut status = node;
        status.spec = None;
        status.metadata = ObjectMeta {
            name: Some(name.clone()),
            ..ObjectMeta::default()
        };
        // Addresses are a map by type to an apply, which has no room for two InternalIPs; kubelet
        // patches them, too.
        let owner = PatchParams::apply(FIELD_MANAGER);
        api.patch_status(name, &owner, &Patch::Merge(&status))
            .await
            .map_err(StackError::api(format!("patch the status of Node {name}")))?;
    }
    Ok(())
}

/// A Node as kubelet and node IPAM would describe it, except that it says it is simulated.
fn node(name: &str, index: usize, plan: &AddressPlan, now: jiff::Timestamp) -> Node {
    let offset = RESERVED_ADDRESSES + index as u128;
    let addresses = plan.in_use().filter_map(|family| family.docker.nth(offset));
    let addresses = addresses
        .map(|address| node_address("InternalIP", &address.to_string()))
        .chain([node_address("Hostname", name)])
        .collect();
    let ranges: Vec<String> = plan
        .in_use()
        .filter_map(|family| family.pods.subnets(family.node_mask).nth(index))
        .map(|range| range.to_string())
        .collect();
    let labels = [
        ("kubernetes.io/hostname", name),
        ("kubernetes.io/os", "linux"),
        (SIMULATED_LABEL, "true"),
    ];
    let quantities = [("cpu", "8"), ("memory", "16Gi"), ("pods", "110")];
    let quantities: BTreeMap<String, Quantity> = quantities
        .map(|(key, value)| (key.to_owned(), Quantity(value.to_owned())))
        .into();
    Node {
        metadata: ObjectMeta {
            name: Some(name.to_owned()),
            labels: Some(labels.map(|(k, v)| (k.to_owned(), v.to_owned())).into()),
            ..ObjectMeta::default()
        },
        spec: Some(NodeSpec {
            pod_cidr: ranges.first().cloned(),
            pod_cidrs: Some(ranges),
            provider_id: Some(format!("simulated://garden6/{name}")),
            ..NodeSpec::default()
        }),
        status: Some(NodeStatus {
            addresses: Some(addresses),
            capacity: Some(quantities.clone()),
            allocatable: Some(quantities),
            conditions: Some(vec![NodeCondition {
                type_: "Ready".to_owned(),
                status: "True".to_owned(),
                reason: Some("Simulated".to_owned()),
                message: Some("no machine stands behind this node".to_owned()),
                last_heartbeat_time: Some(Time(now)),
                last_transition_time: Some(Time(now)),
            }]),
            node_info: Some(NodeSystemInfo {
                container_runtime_version: "simulated://garden6".to_owned(),
                kubelet_version: "v0.0.0-simulated".to_owned(),
                os_image: "simulated".to_owned(),
                operating_system: "linux".to_owned(),
                architecture: std::env::consts::ARCH.to_owned(),
                ..NodeSystemInfo::default()
            }),
            ..NodeStatus::default()
        }),
    }
}

fn node_address(type_: &str, address: &str) -> NodeAddress {
    NodeAddress {
        type_: type_.to_owned(),
        address: address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::{Families, IpFamily};

    #[test]
    fn a_node_has_an_address_and_a_pod_range_per_family() {
        let plan = AddressPlan::default_for(Families::dual(IpFamily::V6));
        let node = node("n", 1, &plan, jiff::Timestamp::UNIX_EPOCH);
        let addresses: Vec<String> = node
            .status
            .unwrap()
            .addresses
            .unwrap()
            .into_iter()
            .map(|address| address.address)
            .collect();
        assert_eq!(addresses, ["fd00:10::3", "172.18.0.3", "n"]);
        let spec = node.spec.unwrap();
        assert_eq!(spec.pod_cidr.as_deref(), Some("fd00:10:1:1::/64"));
        assert_eq!(spec.pod_cidrs.unwrap(), ["fd00:10:1:1::/64", "10.0.1.0/24"]);
    }
}
