//! What kind refuses after it has filled in its defaults; every problem is reported.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};

use super::{Cluster, Node, PortMapping, Problem, ProblemKind, subnet};
use crate::net::IpFamily;

/// Validates a document whose defaults have been applied.
///
/// Overlaps between ranges, or with networks of the engine, are not looked at by kind.
pub fn validate(cluster: &Cluster) -> Vec<Problem> {
    let mut problems = Vec::new();
    let networking = &cluster.networking;
    if !is_cluster_name(&cluster.name) {
        let detail = format!(
            "`{}` is not a cluster name: lower-case letters, digits, dots and dashes only",
            cluster.name
        );
        problems.push(Problem::new(ProblemKind::Name, "name", detail));
    }
    if let Some(detail) = port_problem(networking.api_server_port) {
        problems.push(Problem::new(
            ProblemKind::ApiPort,
            "networking.apiServerPort",
            detail,
        ));
    }
    if !matches!(networking.ip_family.as_str(), "ipv4" | "ipv6" | "dual") {
        let detail = format!("`{}` is none of ipv4, ipv6, dual", networking.ip_family);
        problems.push(Problem::new(
            ProblemKind::IpFamily,
            "networking.ipFamily",
            detail,
        ));
    }
    for (kind, field, list) in [
        (
            ProblemKind::PodSubnet,
            "networking.podSubnet",
            &networking.pod_subnet,
        ),
        (
            ProblemKind::ServiceSubnet,
            "networking.serviceSubnet",
            &networking.service_subnet,
        ),
    ] {
        if let Err(detail) = check_ranges(list, &networking.ip_family) {
            problems.push(Problem::new(kind, field, detail));
        }
    }
    if !matches!(
        networking.kube_proxy_mode.as_str(),
        "iptables" | "ipvs" | "nftables" | "none"
    ) {
        let detail = format!(
            "`{}` is none of iptables, ipvs, nftables, none",
            networking.kube_proxy_mode
        );
        problems.push(Problem::new(
            ProblemKind::ProxyMode,
            "networking.kubeProxyMode",
            detail,
        ));
    }
    for (index, node) in cluster.nodes.iter().enumerate() {
        check_node(node, &format!("nodes[{index}]"), &mut problems);
    }
    if !cluster
        .nodes
        .iter()
        .any(|node| node.role == "control-plane")
    {
        problems.push(Problem::new(
            ProblemKind::NoControlPlane,
            "nodes",
            "at least one node must be a control plane",
        ));
    }
    problems
}

fn is_cluster_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte))
}

/// Minus one leaves the choice to the engine, zero to kind.
fn port_problem(port: i32) -> Option<String> {
    (!(-1..=65535).contains(&port)).then(|| format!("{port} is not a port"))
}

fn check_ranges(list: &str, ip_family: &str) -> Result<(), String> {
    let families = subnet::families(list)?;
    match (ip_family, families.as_slice()) {
        ("dual", [_]) => Ok(()),
        ("dual", [first, second]) if first != second => Ok(()),
        ("dual", _) => Err(format!(
            "`{list}`: dual-stack takes one range, or one of each family"
        )),
        ("ipv4", [IpFamily::V6]) => Err(format!("`{list}` is not an IPv4 range")),
        ("ipv6", [IpFamily::V4]) => Err(format!("`{list}` is not an IPv6 range")),
        (_, [_]) => Ok(()),
        (_, _) => Err(format!("`{list}`: single-stack takes exactly one range")),
    }
}

fn check_node(node: &Node, path: &str, problems: &mut Vec<Problem>) {
    if !matches!(node.role.as_str(), "control-plane" | "worker") {
        let detail = format!("`{}` is neither control-plane nor worker", node.role);
        problems.push(Problem::new(
            ProblemKind::Role,
            format!("{path}.role"),
            detail,
        ));
    }
    for (index, mapping) in node.extra_port_mappings.iter().enumerate() {
        let path = format!("{path}.extraPortMappings[{index}]");
        if let Some(detail) = port_problem(mapping.host_port) {
            problems.push(Problem::new(
                ProblemKind::HostPort,
                format!("{path}.hostPort"),
                detail,
            ));
        }
        if let Some(detail) = port_problem(mapping.container_port) {
            let field = format!("{path}.containerPort");
            problems.push(Problem::new(ProblemKind::ContainerPort, field, detail));
        }
    }
    problems.extend(first_clash(&node.extra_port_mappings, path));
}

/// The first mapping of a node that cannot be bound beside the ones before it.
///
/// kind looks at one node at a time, takes `::` for `0.0.0.0`, lets a wildcard clash with everything, and
/// takes an absent protocol and TCP for two different ones.
fn first_clash(mappings: &[PortMapping], path: &str) -> Option<Problem> {
    const WILDCARD: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    let mut bound: BTreeMap<(i32, &str), BTreeSet<IpAddr>> = BTreeMap::new();
    for (index, mapping) in mappings.iter().enumerate() {
        if matches!(mapping.host_port, -1 | 0) {
            continue;
        }
        let field = format!("{path}.extraPortMappings[{index}]");
        let address = match mapping.listen_address.as_str() {
            "" => WILDCARD,
            text => match text.parse::<IpAddr>() {
                Ok(address) if address.is_unspecified() => WILDCARD,
                Ok(address) => address.to_canonical(),
                Err(_) => {
                    return Some(Problem::new(
                        ProblemKind::ListenAddress,
                        format!("{field}.listenAddress"),
                        format!("`{text}` is not a plain IP address (no brackets, no zone)"),
                    ));
                }
            },
        };
        let others = bound
            .entry((mapping.host_port, mapping.protocol.as_str()))
            .or_default();
        let wildcard_clash = address == WILDCARD && !others.is_empty();
        if wildcard_clash || others.contains(&address) || others.contains(&WILDCARD) {
            return Some(Problem::new(
                ProblemKind::PortClash,
                field,
                format!(
                    "host port {} is already taken by an earlier mapping",
                    mapping.host_port
                ),
            ));
        }
        others.insert(address);
    }
    None
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::generate::kind::{apply_defaults, decode};

    fn keys(document: &Value) -> Vec<&'static str> {
        let mut cluster = decode(document).unwrap();
        apply_defaults(&mut cluster);
        validate(&cluster)
            .into_iter()
            .map(|problem| problem.kind.key())
            .collect()
    }

    #[test]
    fn all_problems_are_collected() {
        let document = json!({
            "name": "Big_Name",
            "networking": {"ipFamily": "ipv6", "podSubnet": "10.0.0.0/8", "kubeProxyMode": "ebpf"},
            "nodes": [{"role": "worker"}],
        });
        assert_eq!(
            keys(&document),
            ["name", "pod-subnet", "proxy-mode", "no-control-plane"]
        );
    }

    #[test]
    fn single_stack_takes_exactly_one_range_of_its_family() {
        let with = |pods: &str| json!({"networking": {"ipFamily": "ipv6", "podSubnet": pods}});
        assert_eq!(keys(&with("fd00:10:1::/48")), Vec::<&str>::new());
        assert_eq!(keys(&with("fd00:10:1::/48,10.0.0.0/15")), ["pod-subnet"]);
        assert_eq!(keys(&with("fd00:10:1::/48,")), ["pod-subnet"]);
    }

    #[test]
    fn dual_stack_takes_one_range_or_one_of_each_family() {
        let with = |pods: &str| json!({"networking": {"ipFamily": "dual", "podSubnet": pods}});
        assert_eq!(
            keys(&with("10.0.0.0/15,fd00:10:1::/48")),
            Vec::<&str>::new()
        );
        assert_eq!(keys(&with("fd00:10:1::/48,fd00:10:2::/48")), ["pod-subnet"]);
        assert_eq!(
            keys(&with("fd00:1::/48,10.0.0.0/15,10.8.0.0/15")),
            ["pod-subnet"]
        );
    }

    #[test]
    fn a_wildcard_clashes_with_every_address_of_the_port() {
        let mapping = |address: &str, protocol: &str| json!({"hostPort": 80, "containerPort": 80, "listenAddress": address, "protocol": protocol});
        let with = |mappings: Value| json!({"nodes": [{"extraPortMappings": mappings}]});
        let clash = |mappings: Value| keys(&with(mappings));
        assert_eq!(
            clash(json!([mapping("::", ""), mapping("0.0.0.0", "")])),
            ["port-clash"]
        );
        assert_eq!(
            clash(json!([mapping("::1", ""), mapping("", "")])),
            ["port-clash"]
        );
        assert!(clash(json!([mapping("::1", ""), mapping("127.0.0.1", "")])).is_empty());
        assert!(clash(json!([mapping("::1", "TCP"), mapping("::1", "UDP")])).is_empty());
        assert!(clash(json!([mapping("::1", ""), mapping("::1", "TCP")])).is_empty());
        assert_eq!(clash(json!([mapping("[::1]", "")])), ["listen-address"]);
    }
}
