//! The network policies of a namespace that hosts control planes: every static IPv4 block has its
//! IPv6 equivalent (GEP-21; Gardener, `pkg/controller/networkpolicy`). Pure.

use std::collections::BTreeMap;

use k8s_openapi::{
    api::networking::v1::{
        IPBlock, NetworkPolicy, NetworkPolicyEgressRule, NetworkPolicyPeer, NetworkPolicyPort,
        NetworkPolicySpec,
    },
    apimachinery::pkg::{
        apis::meta::v1::{LabelSelector, LabelSelectorRequirement, ObjectMeta},
        util::intstr::IntOrString,
    },
};
use thiserror::Error;

use crate::{
    api::{
        exceptions::{NotARange, inside},
        offset,
    },
    net::{Cidr, Families, IpFamily},
};

const PRIVATE_V4: [&str; 4] = [
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
];
const PRIVATE_V6: [&str; 2] = ["fe80::/10", "fc00::/7"];
/// The addresses that node-local-dns binds, by family.
const NODE_LOCAL_DNS: [&str; 2] = ["169.254.20.10/32", "fd30:1319:f1e:230b::1/128"];

/// The networks of the cluster that the control planes run in.
#[derive(Clone, Debug)]
pub struct RuntimeNetworks {
    /// The families.
    pub families: Families,
    /// Pod ranges.
    pub pods: Vec<String>,
    /// Service ranges.
    pub services: Vec<String>,
    /// Node ranges.
    pub nodes: Vec<String>,
    /// Ranges that nobody may reach, both families mixed.
    pub block_cidrs: Vec<String>,
    /// Where the API server of the cluster answers: the host, or the range it is in, and the port.
    pub api_server: Vec<(Cidr, i32)>,
}

/// Whose namespace the policies are for.
#[derive(Clone, Debug)]
pub struct ShootNetworks {
    /// The families of the Shoot.
    pub families: Families,
    /// All its ranges, from specification and status.
    pub ranges: Vec<String>,
}

/// Why no policies can be made.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PolicyError {
    /// A candidate for an exception is no range.
    #[error(transparent)]
    Range(#[from] NotARange),
    /// There is no service range to find the DNS service in.
    #[error("the service ranges {ranges:?} have no address for DNS")]
    NoDns {
        /// The ranges.
        ranges: Vec<String>,
    },
}

/// The policies of a Shoot's namespace, in a stable order.
pub fn policies(
    namespace: &str,
    runtime: &RuntimeNetworks,
    shoot: &ShootNetworks,
) -> Result<Vec<NetworkPolicy>, PolicyError> {
    let mut list = vec![
        deny_all(namespace),
        allow(namespace, "dns", dns(runtime)?),
        allow(namespace, "private-networks", private(runtime, shoot)?),
        allow(namespace, "public-networks", public(runtime)?),
        allow(namespace, "runtime-apiserver", api_server(runtime)),
    ];
    if !runtime.block_cidrs.is_empty() {
        let rules = runtime
            .block_cidrs
            .iter()
            .map(|block| rule(vec![peer(block, Vec::new())]))
            .collect();
        list.push(allow(namespace, "blocked-cidrs", rules));
    }
    Ok(list)
}

impl RuntimeNetworks {
    fn is_single(&self, family: IpFamily) -> bool {
        self.families.is_single(family)
    }

    fn blocked(&self) -> impl Iterator<Item = &str> {
        self.block_cidrs.iter().map(String::as_str)
    }

    /// The cluster's own ranges, in the order pods, services, nodes.
    fn own(&self) -> impl Iterator<Item = &str> {
        [&self.pods, &self.services, &self.nodes]
            .into_iter()
            .flatten()
            .map(String::as_str)
    }

    fn own_if_single(&self, family: IpFamily) -> impl Iterator<Item = &str> {
        let single = self.is_single(family);
        self.own().filter(move |_| single)
    }
}

/// Cluster ranges of IPv6 may be globally routable, so an IPv6-only cluster excepts its own.
fn public(runtime: &RuntimeNetworks) -> Result<Vec<NetworkPolicyEgressRule>, PolicyError> {
    let v4 = inside("0.0.0.0/0", PRIVATE_V4.into_iter().chain(runtime.blocked()))?;
    let v6 = PRIVATE_V6
        .into_iter()
        .chain(runtime.blocked())
        .chain(runtime.own_if_single(IpFamily::V6));
    let v6 = inside("::/0", v6)?;
    Ok(vec![rule(vec![peer("0.0.0.0/0", v4), peer("::/0", v6)])])
}

/// Gardener puts all ranges of a Shoot that is not IPv4-only into the IPv6 list, which lets the
/// IPv4 ranges of a dual-stack Shoot through. Here each list looks at all ranges.
fn private(
    runtime: &RuntimeNetworks,
    shoot: &ShootNetworks,
) -> Result<Vec<NetworkPolicyEgressRule>, PolicyError> {
    let blocks = |family, blocks: &[&str]| {
        let peers = blocks
            .iter()
            .map(|block| {
                let candidates = runtime
                    .blocked()
                    .chain(runtime.own_if_single(family))
                    .chain(shoot.ranges.iter().map(String::as_str));
                Ok(peer(block, inside(block, candidates)?))
            })
            .collect::<Result<Vec<_>, PolicyError>>()?;
        Ok::<_, PolicyError>(rule(peers))
    };
    Ok(vec![
        blocks(IpFamily::V4, &PRIVATE_V4)?,
        blocks(IpFamily::V6, &PRIVATE_V6)?,
    ])
}

fn dns(runtime: &RuntimeNetworks) -> Result<Vec<NetworkPolicyEgressRule>, PolicyError> {
    let pods = |app: &str| NetworkPolicyPeer {
        namespace_selector: Some(selector("kubernetes.io/metadata.name", "kube-system")),
        pod_selector: Some(LabelSelector {
            match_expressions: Some(vec![LabelSelectorRequirement {
                key: "k8s-app".to_owned(),
                operator: "In".to_owned(),
                values: Some(vec![app.to_owned()]),
            }]),
            ..LabelSelector::default()
        }),
        ..NetworkPolicyPeer::default()
    };
    let mut peers = vec![pods("kube-dns"), pods("node-local-dns")];
    peers.extend(NODE_LOCAL_DNS.map(|address| peer(address, Vec::new())));
    let services: Vec<String> = runtime
        .services
        .iter()
        .filter_map(|text| offset::address(text.parse().ok()?, offset::CLUSTER_DNS).ok())
        .map(|address| Cidr::host(address).to_string())
        .collect();
    if services.is_empty() {
        return Err(PolicyError::NoDns {
            ranges: runtime.services.clone(),
        });
    }
    peers.extend(services.iter().map(|address| peer(address, Vec::new())));
    let ports = [("UDP", 53), ("TCP", 53), ("UDP", 8053), ("TCP", 8053)]
        .map(|(protocol, number)| port(protocol, number));
    Ok(vec![NetworkPolicyEgressRule {
        to: Some(peers),
        ports: Some(ports.to_vec()),
    }])
}

fn api_server(runtime: &RuntimeNetworks) -> Vec<NetworkPolicyEgressRule> {
    runtime
        .api_server
        .iter()
        .map(|(hosts, number)| NetworkPolicyEgressRule {
            to: Some(vec![peer(&hosts.to_string(), Vec::new())]),
            ports: Some(vec![port("TCP", *number)]),
        })
        .collect()
}

fn deny_all(namespace: &str) -> NetworkPolicy {
    let description = "Disables all ingress traffic into this namespace and all egress traffic \
                       out of it.";
    NetworkPolicy {
        metadata: metadata(namespace, "deny-all", description),
        spec: Some(NetworkPolicySpec {
            pod_selector: Some(LabelSelector::default()),
            policy_types: Some(vec!["Ingress".to_owned(), "Egress".to_owned()]),
            ..NetworkPolicySpec::default()
        }),
    }
}

fn allow(namespace: &str, what: &str, egress: Vec<NetworkPolicyEgressRule>) -> NetworkPolicy {
    let label = format!("networking.gardener.cloud/to-{what}");
    let description = format!("Allows egress of pods labelled with {label}=allowed.");
    NetworkPolicy {
        metadata: metadata(namespace, &format!("allow-to-{what}"), &description),
        spec: Some(NetworkPolicySpec {
            pod_selector: Some(selector(&label, "allowed")),
            policy_types: Some(vec!["Egress".to_owned()]),
            egress: Some(egress),
            ..NetworkPolicySpec::default()
        }),
    }
}

fn metadata(namespace: &str, name: &str, description: &str) -> ObjectMeta {
    ObjectMeta {
        name: Some(name.to_owned()),
        namespace: Some(namespace.to_owned()),
        annotations: Some(BTreeMap::from([(
            "gardener.cloud/description".to_owned(),
            description.to_owned(),
        )])),
        ..ObjectMeta::default()
    }
}

fn selector(key: &str, value: &str) -> LabelSelector {
    LabelSelector {
        match_labels: Some(BTreeMap::from([(key.to_owned(), value.to_owned())])),
        ..LabelSelector::default()
    }
}

fn rule(peers: Vec<NetworkPolicyPeer>) -> NetworkPolicyEgressRule {
    NetworkPolicyEgressRule {
        to: Some(peers),
        ports: None,
    }
}

fn peer(cidr: &str, except: Vec<String>) -> NetworkPolicyPeer {
    NetworkPolicyPeer {
        ip_block: Some(IPBlock {
            cidr: cidr.to_owned(),
            except: Some(except).filter(|except| !except.is_empty()),
        }),
        ..NetworkPolicyPeer::default()
    }
}

fn port(protocol: &str, number: i32) -> NetworkPolicyPort {
    NetworkPolicyPort {
        protocol: Some(protocol.to_owned()),
        port: Some(IntOrString::Int(number)),
        end_port: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(list: &[&str]) -> Vec<String> {
        list.iter().map(|&text| text.to_owned()).collect()
    }

    fn runtime() -> RuntimeNetworks {
        RuntimeNetworks {
            families: Families::single(IpFamily::V6),
            pods: texts(&["2001:db8:1::/56"]),
            services: texts(&["fd00:10:2::/112"]),
            nodes: texts(&["fd00:10::/64"]),
            block_cidrs: texts(&["169.254.169.254/32", "fd00:ec2::254/128"]),
            api_server: vec![("fd00:10::2/128".parse().unwrap(), 6443)],
        }
    }

    fn shoot() -> ShootNetworks {
        ShootNetworks {
            families: Families::single(IpFamily::V6),
            ranges: texts(&["fd00:10:3::/56"]),
        }
    }

    fn blocks(name: &str) -> Vec<(String, Vec<String>)> {
        let policies = policies("shoot--local--local", &runtime(), &shoot()).unwrap();
        let policy = policies
            .into_iter()
            .find(|policy| policy.metadata.name.as_deref() == Some(name))
            .unwrap();
        let egress = policy.spec.unwrap().egress.unwrap();
        let peers = egress.into_iter().flat_map(|rule| rule.to.unwrap());
        peers
            .filter_map(|peer| peer.ip_block)
            .map(|block| (block.cidr, block.except.unwrap_or_default()))
            .collect()
    }

    #[test]
    fn an_ipv6_only_cluster_keeps_its_own_ranges_out_of_the_public() {
        let blocks = blocks("allow-to-public-networks");
        assert_eq!(blocks[0].0, "0.0.0.0/0");
        assert_eq!(
            blocks[1],
            (
                "::/0".to_owned(),
                texts(&[
                    "fe80::/10",
                    "fc00::/7",
                    "fd00:ec2::254/128",
                    "2001:db8:1::/56",
                    "fd00:10:2::/112",
                    "fd00:10::/64",
                ])
            )
        );
    }

    #[test]
    fn private_blocks_of_both_families_except_what_is_inside() {
        let blocks = blocks("allow-to-private-networks");
        let names: Vec<&str> = blocks.iter().map(|(cidr, _)| cidr.as_str()).collect();
        assert_eq!(
            names,
            [PRIVATE_V4.as_slice(), PRIVATE_V6.as_slice()].concat()
        );
        let (_, unique_local) = blocks.last().unwrap();
        assert_eq!(
            *unique_local,
            texts(&[
                "fd00:ec2::254/128",
                "fd00:10:2::/112",
                "fd00:10::/64",
                "fd00:10:3::/56"
            ])
        );
    }

    #[test]
    fn dns_is_reachable_at_the_tenth_service_address() {
        let addresses: Vec<String> = blocks("allow-to-dns").into_iter().map(|(c, _)| c).collect();
        assert_eq!(
            addresses,
            [
                "169.254.20.10/32",
                "fd30:1319:f1e:230b::1/128",
                "fd00:10:2::a/128"
            ]
        );
        let none = RuntimeNetworks {
            services: Vec::new(),
            ..runtime()
        };
        assert!(policies("x", &none, &shoot()).is_err());
        let mut bad = runtime();
        bad.block_cidrs.push("nonsense".to_owned());
        assert!(policies("x", &bad, &shoot()).is_err());
    }

    #[test]
    fn the_api_server_is_one_host() {
        assert_eq!(
            blocks("allow-to-runtime-apiserver"),
            [("fd00:10::2/128".to_owned(), Vec::new())]
        );
    }
}
