//! The nodes of a cluster as a status shows them.

use k8s_openapi::api::core::v1::Node;
use kube::{Api, Client, ResourceExt as _, api::ListParams};

use super::{ClusterError, NodeStatus};

/// Asks for all nodes, in the order of their names.
pub(super) async fn list(client: &Client) -> Result<Vec<NodeStatus>, ClusterError> {
    let nodes = Api::<Node>::all(client.clone())
        .list(&ListParams::default())
        .await
        .map_err(|source| ClusterError::Api {
            request: "list nodes".to_owned(),
            source: Box::new(source),
        })?;
    Ok(nodes.items.iter().map(status).collect())
}

/// A node as a report shows it.
pub(super) fn status(node: &Node) -> NodeStatus {
    let spec = node.spec.clone().unwrap_or_default();
    let status = node.status.clone().unwrap_or_default();
    let single = spec.pod_cidr.into_iter().collect();
    NodeStatus {
        name: node.name_any(),
        ready: status
            .conditions
            .iter()
            .flatten()
            .any(|condition| condition.type_ == "Ready" && condition.status == "True"),
        addresses: status
            .addresses
            .iter()
            .flatten()
            .filter(|address| address.type_ == "InternalIP")
            .filter_map(|address| address.address.parse().ok())
            .collect(),
        pods: spec.pod_cidrs.unwrap_or(single),
        version: status
            .node_info
            .map(|info| info.kubelet_version)
            .unwrap_or_default(),
    }
}
