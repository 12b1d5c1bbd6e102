//! The seam: what a backend does, and what a cluster is to everybody else.

use std::{collections::BTreeSet, fmt, net::IpAddr};

use async_trait::async_trait;
use kube::config::Kubeconfig;
use serde::{Deserialize, Serialize};

use super::{ClusterError, Journal};
use crate::{
    config::{BackendKind, Environment},
    counted::counted,
    progress::Progress,
};

/// Makes, finds and removes the cluster of an environment.
///
/// Every operation converges: called again after an interruption at any point it continues or starts over,
/// and ends in the same state.
#[async_trait]
pub trait Backend: Send + Sync {
    /// Which backend this is.
    fn kind(&self) -> BackendKind;

    /// Makes the cluster, or adopts the one an earlier call made.
    async fn create(
        &self,
        environment: &Environment,
        journal: &Journal,
        progress: &Progress,
    ) -> Result<Cluster, ClusterError>;

    /// Connects to the cluster an earlier call made, without changing anything.
    async fn attach(
        &self,
        environment: &Environment,
        journal: &Journal,
    ) -> Result<Cluster, ClusterError>;

    /// Removes what `create` made, newest first, and nothing else.
    async fn delete(
        &self,
        environment: &Environment,
        journal: &Journal,
        progress: &Progress,
    ) -> Result<(), ClusterError>;

    /// Looks at the cluster and its parts.
    async fn status(
        &self,
        environment: &Environment,
        journal: &Journal,
    ) -> Result<ClusterStatus, ClusterError>;
}

/// A cluster that answers.
#[derive(Clone)]
pub struct Cluster {
    /// How others reach it.
    pub kubeconfig: Kubeconfig,
    /// A client that ignores proxies of the environment.
    pub client: kube::Client,
    /// What can be done with it.
    pub capabilities: BTreeSet<Capability>,
    /// What nodes pull this program by, if it was brought to them.
    pub own_image: Option<String>,
}

impl Cluster {
    /// Whether the cluster has `wanted`; asking for two nodes is met by three.
    pub fn can(&self, wanted: Capability) -> bool {
        wanted.is_met_by(&self.capabilities)
    }
}

impl fmt::Debug for Cluster {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Cluster")
            .field("context", &self.kubeconfig.current_context)
            .field("capabilities", &self.capabilities)
            .finish_non_exhaustive()
    }
}

/// Something a cluster can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Capability {
    /// Pods run containers.
    RealPods,
    /// Packets travel between pods, nodes and Services.
    RealPackets,
    /// Network policies are enforced on packets.
    EnforcedPolicies,
    /// Nodes pull from the local registry over IPv6.
    RegistryOverIpv6,
    /// Nodes pull from the local registry over IPv4.
    RegistryOverIpv4,
    /// At least this many nodes are there.
    Nodes(u16),
}

impl Capability {
    /// Whether a set of capabilities covers this one.
    pub fn is_met_by(self, offered: &BTreeSet<Self>) -> bool {
        match self {
            Self::Nodes(wanted) => offered
                .iter()
                .any(|capability| matches!(capability, Self::Nodes(there) if *there >= wanted)),
            other => offered.contains(&other),
        }
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RealPods => formatter.write_str("pods that run"),
            Self::RealPackets => formatter.write_str("packets between pods"),
            Self::EnforcedPolicies => formatter.write_str("enforced network policies"),
            Self::RegistryOverIpv6 => formatter.write_str("a registry over IPv6"),
            Self::RegistryOverIpv4 => formatter.write_str("a registry over IPv4"),
            Self::Nodes(count) => formatter.write_str(&counted(*count, "node", "nodes")),
        }
    }
}

/// How far a cluster is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ClusterState {
    /// Nothing of it is there.
    Absent,
    /// Some of it is there; `up` completes it, `down` removes it.
    Partial,
    /// Everything is there and answers.
    Running,
}

/// A cluster as it is found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ClusterStatus {
    /// Which backend it belongs to.
    pub backend: BackendKind,
    /// The verdict over everything below.
    pub state: ClusterState,
    /// The parts, in the order in which they are made.
    pub parts: Vec<PartStatus>,
    /// The nodes, where the API server could be asked.
    pub nodes: Vec<NodeStatus>,
}

/// One part of a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PartStatus {
    /// What it is.
    pub name: String,
    /// Whether it is there and good.
    pub ready: bool,
    /// What was seen.
    pub detail: String,
}

/// One node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NodeStatus {
    /// Its name.
    pub name: String,
    /// Whether its Ready condition is true.
    pub ready: bool,
    /// Its internal addresses, in order.
    pub addresses: Vec<IpAddr>,
    /// Its pod ranges, in order.
    pub pods: Vec<String>,
    /// Version of its kubelet.
    pub version: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_for_nodes_is_met_by_more_of_them() {
        let offered = BTreeSet::from([Capability::RealPods, Capability::Nodes(3)]);
        assert!(Capability::Nodes(2).is_met_by(&offered));
        assert!(!Capability::Nodes(4).is_met_by(&offered));
        assert!(Capability::RealPods.is_met_by(&offered));
        assert!(!Capability::RealPackets.is_met_by(&offered));
    }
}
