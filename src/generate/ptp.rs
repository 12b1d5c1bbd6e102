//! Plain routing as pod network: `ptp` with `host-local`, and one route per foreign node.
//!
//! Nodes of one container network share a link, so no overlay is needed: every pod range is routed through
//! the address of its node.

use std::net::IpAddr;

use serde_json::{Value, json};

use super::{Artifact, GenerateError, Plan, Templates, templates};
use crate::net::{Cidr, IpFamily};

/// The pod network of one node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PtpNetwork {
    /// Pod ranges of the node, in family order.
    pub pods: Vec<Cidr>,
    /// Maximum transmission unit of the container network.
    pub mtu: u32,
}

/// A route to the pods of another node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodeRoute {
    /// Pods of the other node.
    pub pods: Cidr,
    /// Address of the other node.
    pub via: IpAddr,
}

impl PtpNetwork {
    /// Renders the CNI network configuration list.
    ///
    /// # Errors
    ///
    /// A node without pod range, or a rendered text that does not say what the plan says.
    pub fn render(&self, templates: &Templates) -> Result<String, GenerateError> {
        if self.pods.is_empty() {
            return Err(GenerateError::Plan {
                subject: "CNI configuration".to_owned(),
                reason: "the node has no pod range".to_owned(),
            });
        }
        let ranges: Vec<String> = self.pods.iter().map(ToString::to_string).collect();
        let families = self.pods.iter().map(|pods| pods.family());
        conflist(&ranges, families, &json!(self.mtu), templates)
    }
}

/// The files of a plan: a network configuration with gaps, and the script that fills them in on every node.
///
/// # Errors
///
/// A rendered text that does not say what the plan says.
pub(super) fn files(plan: &Plan, templates: &Templates) -> Result<Vec<Artifact>, GenerateError> {
    let addresses = &plan.environment.plan;
    let gaps: Vec<String> = addresses
        .families
        .iter()
        .map(|family| format!("@PODS_{}@", family.to_string().to_uppercase()))
        .collect();
    let network = conflist(
        &gaps,
        addresses.families.iter(),
        &json!("\"@MTU@\""),
        templates,
    )?;
    let data = json!({
        "name": plan.environment.name,
        "families": addresses.families.iter().map(digit).collect::<Vec<_>>(),
        "masquerade": addresses.pods().into_iter().map(masquerade).collect::<Vec<_>>(),
    });
    Ok(vec![
        Artifact::new("ptp.conflist", network),
        Artifact {
            executable: true,
            ..Artifact::new("ptp.sh", templates.render(templates::PTP_SCRIPT, &data)?)
        },
    ])
}

const fn digit(family: IpFamily) -> u8 {
    match family {
        IpFamily::V4 => 4,
        IpFamily::V6 => 6,
    }
}

fn conflist(
    ranges: &[String],
    families: impl Iterator<Item = IpFamily>,
    mtu: &Value,
    templates: &Templates,
) -> Result<String, GenerateError> {
    const DOCUMENT: &str = "CNI configuration";
    let routes: Vec<&str> = families.map(default_route).collect();
    let data = json!({ "mtu": mtu, "ranges": ranges, "routes": routes });
    let text = templates.render(templates::PTP_CONFLIST, &data)?;
    let value: Value = serde_json::from_str(&text).map_err(|source| GenerateError::ReadBack {
        document: DOCUMENT,
        source: Box::new(source),
    })?;
    let expected: Vec<Value> = ranges
        .iter()
        .map(|range| json!([{ "subnet": range }]))
        .collect();
    if value.pointer("/plugins/0/ipam/ranges") == Some(&Value::Array(expected)) {
        Ok(text)
    } else {
        Err(GenerateError::Differs {
            document: DOCUMENT,
            part: "the pod ranges".to_owned(),
        })
    }
}

/// The rule that gives packets from `range` to elsewhere the address of the machine, as they leave by `interface`.
pub(super) fn masquerade_rule(range: Cidr, interface: Option<&str>) -> String {
    let out = interface
        .map(|name| format!(" -o {name}"))
        .unwrap_or_default();
    format!("POSTROUTING -s {range} ! -d {range}{out} -j MASQUERADE")
}

/// The command that adds the rule for pods on a node, unless it is there.
pub fn masquerade(pods: Cidr) -> String {
    let program = match pods.family() {
        IpFamily::V4 => "iptables",
        IpFamily::V6 => "ip6tables",
    };
    let rule = masquerade_rule(pods, Some("eth0"));
    format!("{program} -w -t nat -C {rule} 2>/dev/null || {program} -w -t nat -A {rule}")
}

fn default_route(family: IpFamily) -> &'static str {
    match family {
        IpFamily::V4 => "0.0.0.0/0",
        IpFamily::V6 => "::/0",
    }
}

/// The routes a node needs to reach the pods of the others.
///
/// `nodes` lists the pod ranges and the addresses of every node; `this` is the position of the node itself.
pub fn node_routes(nodes: &[(Vec<Cidr>, Vec<IpAddr>)], this: usize) -> Vec<NodeRoute> {
    nodes
        .iter()
        .enumerate()
        .filter(|(index, _)| *index != this)
        .flat_map(|(_, (ranges, addresses))| {
            ranges.iter().filter_map(move |pods| {
                let via = addresses
                    .iter()
                    .find(|address| IpFamily::of(**address) == pods.family())?;
                Some(NodeRoute {
                    pods: *pods,
                    via: *via,
                })
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(ranges: &[&str]) -> PtpNetwork {
        PtpNetwork {
            pods: ranges.iter().map(|text| text.parse().unwrap()).collect(),
            mtu: 1400,
        }
    }

    #[test]
    fn ipv6_single_stack_has_one_range_and_one_default_route() {
        insta::assert_snapshot!(
            "ptp_ipv6",
            network(&["fd00:10:1::/64"])
                .render(Templates::embedded())
                .unwrap()
        );
    }

    #[test]
    fn dual_stack_keeps_the_order_of_the_families() {
        let text = network(&["fd00:10:1:1::/64", "10.0.1.0/24"])
            .render(Templates::embedded())
            .unwrap();
        insta::assert_snapshot!("ptp_dual", text);
    }

    #[test]
    fn a_node_without_range_is_an_error() {
        assert!(network(&[]).render(Templates::embedded()).is_err());
    }

    #[test]
    fn routes_go_to_every_other_node_per_family() {
        let nodes: Vec<(Vec<Cidr>, Vec<IpAddr>)> = (2..5_u8)
            .map(|last| {
                (
                    vec![
                        format!("fd00:10:1:{last}::/64").parse().unwrap(),
                        format!("10.0.{last}.0/24").parse().unwrap(),
                    ],
                    vec![
                        format!("172.18.0.{last}").parse().unwrap(),
                        format!("fd00:10::{last}").parse().unwrap(),
                    ],
                )
            })
            .collect();
        let routes: Vec<String> = node_routes(&nodes, 1)
            .iter()
            .map(|route| format!("{} via {}", route.pods, route.via))
            .collect();
        assert_eq!(
            routes,
            [
                "fd00:10:1:2::/64 via fd00:10::2",
                "10.0.2.0/24 via 172.18.0.2",
                "fd00:10:1:4::/64 via fd00:10::4",
                "10.0.4.0/24 via 172.18.0.4",
            ]
        );
    }
}
