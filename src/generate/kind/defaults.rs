//! The values kind fills in.

use super::{Cluster, Node};

/// The ranges kind takes for one family.
struct Ranges {
    api_server_address: &'static str,
    pods: &'static str,
    services: &'static str,
}

const IPV4: Ranges = Ranges {
    api_server_address: "127.0.0.1",
    pods: "10.244.0.0/16",
    services: "10.96.0.0/16",
};
const IPV6: Ranges = Ranges {
    api_server_address: "::1",
    pods: "fd00:10:244::/56",
    services: "fd00:10:96::/112",
};
const DUAL: Ranges = Ranges {
    api_server_address: "127.0.0.1",
    pods: "10.244.0.0/16,fd00:10:244::/56",
    services: "10.96.0.0/16,fd00:10:96::/112",
};

/// Fills absent values as kind does before it validates.
///
/// The node image is left alone: it belongs to the kind binary, which brings its own default.
pub fn apply_defaults(cluster: &mut Cluster) {
    fill(&mut cluster.name, "kind");
    if cluster.nodes.is_empty() {
        cluster.nodes.push(Node::default());
    }
    for node in &mut cluster.nodes {
        fill(&mut node.role, "control-plane");
    }
    let networking = &mut cluster.networking;
    fill(&mut networking.ip_family, "ipv4");
    let ranges = match networking.ip_family.as_str() {
        "ipv6" => IPV6,
        "dual" => DUAL,
        _ => IPV4,
    };
    fill(
        &mut networking.api_server_address,
        ranges.api_server_address,
    );
    fill(&mut networking.pod_subnet, ranges.pods);
    fill(&mut networking.service_subnet, ranges.services);
    fill(&mut networking.kube_proxy_mode, "iptables");
}

fn fill(field: &mut String, default: &str) {
    if field.is_empty() {
        default.clone_into(field);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dual_stack_listens_on_ipv4_and_puts_ipv4_first() {
        let mut cluster = Cluster::default();
        "dual".clone_into(&mut cluster.networking.ip_family);
        apply_defaults(&mut cluster);
        assert_eq!(cluster.networking.api_server_address, "127.0.0.1");
        assert_eq!(
            cluster.networking.pod_subnet,
            "10.244.0.0/16,fd00:10:244::/56"
        );
        assert_eq!(
            cluster.networking.service_subnet,
            "10.96.0.0/16,fd00:10:96::/112"
        );
        assert_eq!((cluster.name.as_str(), cluster.nodes.len()), ("kind", 1));
    }

    #[test]
    fn values_that_are_set_stay() {
        let mut cluster = Cluster::default();
        "fd00:1::/56".clone_into(&mut cluster.networking.pod_subnet);
        "ipv6".clone_into(&mut cluster.networking.ip_family);
        apply_defaults(&mut cluster);
        assert_eq!(cluster.networking.pod_subnet, "fd00:1::/56");
        assert_eq!(cluster.networking.service_subnet, "fd00:10:96::/112");
    }
}
