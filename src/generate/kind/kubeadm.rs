//! The facts kind puts into the kubeadm documents of a node.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use semver::Version;

use super::{Cluster, subnet};
use crate::net::IpFamily;

/// The addresses a node has on the container network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodeAddresses {
    /// The IPv4 address.
    pub ipv4: Option<Ipv4Addr>,
    /// The IPv6 address.
    pub ipv6: Option<Ipv6Addr>,
}

/// What follows from the families of a cluster for one node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KubeadmFacts {
    /// `--node-ip` of the kubelet, in order.
    pub node_ips: Vec<IpAddr>,
    /// Address the API server advertises: the first node address.
    pub advertise_address: Option<IpAddr>,
    /// `bind-address` of the controller manager, where kind sets it.
    pub controller_manager_bind: Option<IpAddr>,
    /// `bind-address` of the scheduler, where kind sets it.
    pub scheduler_bind: Option<IpAddr>,
    /// `address` of the kubelet, where kind sets it.
    pub kubelet_address: Option<IpAddr>,
    /// `healthzBindAddress` of the kubelet, where kind sets it.
    pub kubelet_healthz: Option<IpAddr>,
    /// Names and addresses in the certificate of the API server beside kubeadm's own.
    pub cert_sans: Vec<String>,
}

/// The kubeadm API version kind writes for a Kubernetes version.
pub fn api_version(kubernetes: &Version) -> &'static str {
    match (kubernetes.major, kubernetes.minor) {
        (1, ..=22) => "kubeadm.k8s.io/v1beta2",
        (1, ..=35) => "kubeadm.k8s.io/v1beta3",
        _ => "kubeadm.k8s.io/v1beta4",
    }
}

/// The facts for one node of a cluster whose defaults have been applied.
///
/// A dual-stack node takes the order of its addresses from the first *Service* range; a single-stack IPv6
/// cluster is the only one for which kind binds components to IPv6 addresses.
pub fn kubeadm_facts(cluster: &Cluster, addresses: NodeAddresses) -> KubeadmFacts {
    let networking = &cluster.networking;
    let ipv4 = addresses.ipv4.map(IpAddr::V4);
    let ipv6 = addresses.ipv6.map(IpAddr::V6);
    let ordered = match networking.ip_family.as_str() {
        "ipv6" => [ipv6, None],
        "dual" => {
            let first = subnet::families(&networking.service_subnet)
                .ok()
                .and_then(|families| families.first().copied());
            if first == Some(IpFamily::V6) {
                [ipv6, ipv4]
            } else {
                [ipv4, ipv6]
            }
        }
        _ => [ipv4, None],
    };
    let node_ips: Vec<IpAddr> = ordered.into_iter().flatten().collect();
    let only_ipv6 = networking.ip_family == "ipv6";
    let bind = |address: Ipv6Addr| only_ipv6.then_some(IpAddr::V6(address));
    KubeadmFacts {
        advertise_address: node_ips.first().copied(),
        node_ips,
        controller_manager_bind: bind(Ipv6Addr::UNSPECIFIED),
        scheduler_bind: bind(Ipv6Addr::LOCALHOST),
        kubelet_address: bind(Ipv6Addr::UNSPECIFIED),
        kubelet_healthz: bind(Ipv6Addr::UNSPECIFIED),
        cert_sans: vec![
            "localhost".to_owned(),
            networking.api_server_address.clone(),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::kind::apply_defaults;

    const NODE: NodeAddresses = NodeAddresses {
        ipv4: Some(Ipv4Addr::new(172, 18, 0, 2)),
        ipv6: Some(Ipv6Addr::new(0xfd00, 0x10, 0, 0, 0, 0, 0, 2)),
    };

    fn cluster(ip_family: &str, services: &str) -> Cluster {
        let mut cluster = Cluster::default();
        ip_family.clone_into(&mut cluster.networking.ip_family);
        services.clone_into(&mut cluster.networking.service_subnet);
        apply_defaults(&mut cluster);
        cluster
    }

    #[test]
    fn dual_stack_follows_the_first_service_range() {
        let facts = kubeadm_facts(&cluster("dual", "fd00:10:2::/112,10.2.0.0/16"), NODE);
        assert_eq!(facts.node_ips.first(), facts.advertise_address.as_ref());
        assert_eq!(facts.advertise_address, NODE.ipv6.map(IpAddr::V6));
        assert_eq!(facts.controller_manager_bind, None);
        let facts = kubeadm_facts(&cluster("dual", "10.2.0.0/16,fd00:10:2::/112"), NODE);
        assert_eq!(facts.advertise_address, NODE.ipv4.map(IpAddr::V4));
    }

    #[test]
    fn only_single_stack_ipv6_binds_components() {
        let facts = kubeadm_facts(&cluster("ipv6", ""), NODE);
        assert_eq!(facts.node_ips, [IpAddr::V6(NODE.ipv6.unwrap())]);
        assert_eq!(facts.scheduler_bind, Some(Ipv6Addr::LOCALHOST.into()));
        assert_eq!(facts.cert_sans, ["localhost", "::1"]);
        assert_eq!(
            kubeadm_facts(&cluster("ipv4", ""), NODE).kubelet_address,
            None
        );
    }

    #[test]
    fn api_versions_follow_the_kubernetes_version() {
        let of = |text: &str| api_version(&Version::parse(text).unwrap());
        assert_eq!(of("1.20.2"), "kubeadm.k8s.io/v1beta2");
        assert_eq!(of("1.23.0"), "kubeadm.k8s.io/v1beta3");
        assert_eq!(of("1.36.0"), "kubeadm.k8s.io/v1beta4");
    }
}
