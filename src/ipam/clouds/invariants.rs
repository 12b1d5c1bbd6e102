//! What holds after every event, whatever the provider.

use std::{collections::BTreeSet, net::IpAddr};

use thiserror::Error;

use super::{Node, Resolution};
use crate::net::Cidr;

/// Something that must never be.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Violation {
    /// Services are nobody's host prefix, pod range or node address.
    #[error("services {services} touch {what} of a node")]
    ServicesTouch {
        /// The services.
        services: Cidr,
        /// What they touch.
        what: String,
    },
    /// Two nodes share pods or prefixes.
    #[error("{first} and {second} of two nodes overlap")]
    NodesOverlap {
        /// Of one node.
        first: Cidr,
        /// Of another one.
        second: Cidr,
    },
    /// Two nodes have one address.
    #[error("{address} belongs to two nodes")]
    SharedAddress {
        /// The address.
        address: IpAddr,
    },
    /// A node's own address is a pod's.
    #[error("node address {address} lies in the pod range {pods}")]
    AddressInPods {
        /// The address.
        address: IpAddr,
        /// The pod range.
        pods: Cidr,
    },
    /// What a node has is not from the ranges that were published.
    #[error("{what} lies outside the published ranges")]
    Unpublished {
        /// What it is.
        what: String,
    },
    /// What a node has is not from its own prefix.
    #[error("{what} lies outside its host prefix {prefix}")]
    OutsidePrefix {
        /// What it is.
        what: String,
        /// The prefix.
        prefix: Cidr,
    },
    /// The router knows another way to pods than through their node.
    #[error("the routes are not exactly one per node")]
    Routes,
}

/// Checks a resolution with all its nodes. Sorted neighbours decide, so it costs n log n.
pub(super) fn check(resolution: &Resolution) -> Result<(), Violation> {
    let nodes: Vec<&Node> = resolution.fleet.nodes().map(|(_, node)| node).collect();
    for node in &nodes {
        inside(resolution, node)?;
    }
    addresses(resolution, &nodes)?;
    if resolution.fleet.allows_own_address_in_pods() {
        disjoint(nodes.iter().map(|node| node.pods))?;
    } else {
        let mut pods: Vec<Cidr> = nodes.iter().map(|node| node.pods).collect();
        disjoint(pods.iter().copied())?;
        pods.sort_unstable();
        for node in &nodes {
            let behind = pods.partition_point(|pods| pods.network() <= node.address);
            let before = behind.checked_sub(1).map(|index| pods[index]);
            if let Some(pods) = before.filter(|pods| pods.contains(node.address)) {
                return Err(Violation::AddressInPods {
                    address: node.address,
                    pods,
                });
            }
        }
    }
    disjoint(nodes.iter().filter_map(|node| node.prefix))?;
    services(resolution, &nodes)?;
    let routes = resolution.fleet.routes();
    let destinations: BTreeSet<Cidr> = routes.iter().map(|(destination, _)| *destination).collect();
    if destinations.len() != routes.len() {
        return Err(Violation::Routes);
    }
    Ok(())
}

/// I3, I4 and I6: a node lives in the published ranges and in its own prefix.
fn inside(resolution: &Resolution, node: &Node) -> Result<(), Violation> {
    let ranges = &resolution.ranges;
    if !ranges.pods.iter().any(|pods| pods.contains_cidr(node.pods)) {
        return Err(Violation::Unpublished {
            what: format!("pod range {}", node.pods),
        });
    }
    if !ranges
        .nodes
        .iter()
        .any(|nodes| nodes.contains(node.address))
    {
        return Err(Violation::Unpublished {
            what: format!("node address {}", node.address),
        });
    }
    let Some(prefix) = node.prefix else {
        return Ok(());
    };
    let reserved = node.reserved.unwrap_or(prefix);
    for (what, holds) in [
        (
            format!("pod range {}", node.pods),
            prefix.contains_cidr(node.pods),
        ),
        (
            format!("node address {}", node.address),
            reserved.contains(node.address),
        ),
    ] {
        if !holds {
            return Err(Violation::OutsidePrefix { what, prefix });
        }
    }
    match node.reserved {
        Some(reserved) if reserved.overlaps(node.pods) => Err(Violation::NodesOverlap {
            first: reserved,
            second: node.pods,
        }),
        _ => Ok(()),
    }
}

/// I4: an address is one node's.
fn addresses(_: &Resolution, nodes: &[&Node]) -> Result<(), Violation> {
    let mut seen = BTreeSet::new();
    match nodes.iter().find(|node| !seen.insert(node.address)) {
        Some(node) => Err(Violation::SharedAddress {
            address: node.address,
        }),
        None => Ok(()),
    }
}

/// I1, I3, I5: ranges of different nodes have nothing in common.
fn disjoint(ranges: impl Iterator<Item = Cidr>) -> Result<(), Violation> {
    let mut ranges: Vec<Cidr> = ranges.collect();
    ranges.sort_unstable();
    match ranges.windows(2).find(|pair| pair[0].overlaps(pair[1])) {
        Some(pair) => Err(Violation::NodesOverlap {
            first: pair[0],
            second: pair[1],
        }),
        None => Ok(()),
    }
}

/// I2: judged by what nodes have, not by what is published: on AWS services lie inside the
/// published node range.
fn services(resolution: &Resolution, nodes: &[&Node]) -> Result<(), Violation> {
    for services in &resolution.ranges.services {
        for node in nodes {
            let touched = [Some(node.pods), node.prefix, Some(Cidr::host(node.address))];
            if let Some(what) = touched
                .into_iter()
                .flatten()
                .find(|own| own.overlaps(*services))
            {
                return Err(Violation::ServicesTouch {
                    services: *services,
                    what: what.to_string(),
                });
            }
        }
    }
    Ok(())
}
