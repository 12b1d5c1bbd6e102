//! The nodes of a cluster: addresses and pod ranges, as the API server tells them.

use std::net::IpAddr;

use k8s_openapi::api::core::v1::Node;

use super::KindError;
use crate::{
    cluster::nodes::status,
    net::{Cidr, Families, IpFamily},
};

/// What the pod network has to know of a node. Its container has the same name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NodeNetwork {
    /// Name of the node and of its container.
    pub(super) name: String,
    /// Internal addresses.
    pub(super) addresses: Vec<IpAddr>,
    /// Pod ranges in family order.
    pub(super) pods: Vec<Cidr>,
}

impl NodeNetwork {
    /// Reads a node that has the ranges `pods`, or is going to get them.
    pub(super) fn expected(node: &Node, families: Families, pods: &[Cidr]) -> Self {
        Self::of(node, families).unwrap_or_else(|_| {
            let status = status(node);
            Self {
                name: status.name,
                addresses: status.addresses,
                pods: pods.to_vec(),
            }
        })
    }

    /// Reads a node and makes sure that it has an address and a range of every family.
    pub(super) fn of(node: &Node, families: Families) -> Result<Self, KindError> {
        let status = status(node);
        let ranges: Vec<Cidr> = status
            .pods
            .iter()
            .filter_map(|range| range.parse().ok())
            .collect();
        let pods: Vec<Cidr> = families
            .iter()
            .filter_map(|family| {
                ranges
                    .iter()
                    .find(|range| range.family() == family)
                    .copied()
            })
            .collect();
        let complete = families.iter().all(|family| {
            pods.iter().any(|range| range.family() == family)
                && status
                    .addresses
                    .iter()
                    .any(|address| IpFamily::of(*address) == family)
        });
        if complete {
            return Ok(Self {
                name: status.name,
                addresses: status.addresses,
                pods,
            });
        }
        let addresses: Vec<String> = status.addresses.iter().map(ToString::to_string).collect();
        Err(KindError::NodeNetwork {
            found: format!(
                "addresses [{}] and pod ranges [{}]",
                addresses.join(", "),
                status.pods.join(", ")
            ),
            node: status.name,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn node() -> Node {
        serde_json::from_value(json!({
            "metadata": {"name": "garden6-control-plane"},
            "spec": {"podCIDR": "fd00:10:1::/64", "podCIDRs": ["fd00:10:1::/64", "10.0.0.0/24"]},
            "status": {"addresses": [
                {"type": "InternalIP", "address": "fd00:10::2"},
                {"type": "InternalIP", "address": "172.18.0.2"},
                {"type": "Hostname", "address": "garden6-control-plane"},
            ]},
        }))
        .unwrap()
    }

    #[test]
    fn ranges_come_in_the_order_of_the_families() {
        let network = NodeNetwork::of(&node(), "ipv4,ipv6".parse().unwrap()).unwrap();
        let pods: Vec<String> = network.pods.iter().map(ToString::to_string).collect();
        assert_eq!(pods, ["10.0.0.0/24", "fd00:10:1::/64"]);
        assert_eq!(network.addresses.len(), 2);
    }

    #[test]
    fn a_family_without_range_is_an_error_that_shows_what_is_there() {
        let mut node = node();
        node.spec.as_mut().unwrap().pod_cidrs = None;
        let error = NodeNetwork::of(&node, "dual".parse().unwrap()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "node garden6-control-plane has addresses [fd00:10::2, 172.18.0.2] and pod ranges [fd00:10:1::/64], which does not fit the families of the plan"
        );
    }
}
