//! Planned ranges against what the host and the engine route already.

use super::{super::prelude::*, BASE};
use crate::{
    doctor::{ask::subnets, facts::HostRoute, finding::Finding, parse::uplink::is_tunnel},
    net::{Cidr, IpFamily},
};

pub(super) const CHECKS: &[Check] = &[Check {
    id: "subnet-overlap-routes",
    title: "Ranges that lead elsewhere already",
    scope: Scope::Both,
    fix: FixClass::Manual,
    engine: EngineNeed::NeededUnlessGardener,
    reads: "the routes of host and engine, the networks of the engine, the planned ranges of nodes, pods and services",
    rule: "a route to the node network or a part of it fails; a node network inside a wider route warns, except inside the uplink's own \
           IPv6 prefix; an overlap with ranges of pods or services warns. Default routes and the engine's bridges do not count",
    why: "the longest prefix wins: a VPN that takes 10.0.0.0/8 or 172.16.0.0/12 swallows answers of nodes, and it looks like a firewall",
    remedies: &[Remedy::any(
        "choose other ranges for the cluster, or exclude these from the VPN",
        &["garden6 up --help"],
    )],
    run: overlap,
    ..BASE
}];

fn overlap(ask: &Ask<'_>) -> Verdict {
    let mut routes = routes(ask, Scope::Host)?;
    if ask.platform() == Platform::Macos {
        // A hidden machine leaves the routes of the Mac to judge by.
        routes.extend(self::routes(ask, Scope::Engine).unwrap_or_default());
    }
    let ranges = ask.ranges();
    let mut findings = Vec::new();
    for route in &routes {
        let Some(prefix) = route.prefix() else {
            continue;
        };
        findings.extend(
            ranges
                .nodes
                .iter()
                .filter_map(|nodes| of_nodes(*nodes, prefix, route)),
        );
        findings.extend(
            ranges
                .inner()
                .filter_map(|range| of_inner(range, prefix, route)),
        );
    }
    findings.extend(of_networks(ask)?);
    Ok(worst(findings, pass("no planned range leads elsewhere")))
}

/// Routes that count: not the default, not a bridge of the engine, nothing that refuses packets.
fn routes(ask: &Ask<'_>, scope: Scope) -> Result<Vec<HostRoute>, Gap> {
    let v4 = ask.view(scope, "routes4", |view| &view.routes4)?;
    let v6 = ask.view(scope, "routes6", |view| &view.routes6)?;
    let own = ["br-", "docker", "podman", "cni-podman", "lo"];
    Ok([v4, v6]
        .into_iter()
        .flatten()
        .flatten()
        .filter(|route| !own.iter().any(|prefix| route.dev.starts_with(prefix)))
        .cloned()
        .collect())
}

fn over(route: &HostRoute) -> String {
    let dev = &route.dev;
    if is_tunnel(dev) {
        format!("over the VPN device {dev}")
    } else {
        format!("over {dev}")
    }
}

fn of_nodes(nodes: Cidr, prefix: Cidr, route: &HostRoute) -> Option<Finding> {
    if nodes.contains_cidr(prefix) {
        let text = format!("{prefix} of the node network {nodes} leads {}", over(route));
        return Some(fail(text).values(
            format!("{prefix} {}", route.dev),
            "no route but the bridge's own",
        ));
    }
    let on_link = nodes.family() == IpFamily::V6 && route.via.is_none() && !is_tunnel(&route.dev);
    (prefix.contains_cidr(nodes) && !on_link).then(|| {
        warn(format!(
            "the node network {nodes} is inside {prefix}, which leads {}",
            over(route)
        ))
        .values(format!("{prefix} {}", route.dev), "no wider route")
    })
}

fn of_inner(range: Cidr, prefix: Cidr, route: &HostRoute) -> Option<Finding> {
    prefix.overlaps(range).then(|| {
        warn(format!(
            "the planned range {range} overlaps {prefix}, which leads {}",
            over(route)
        ))
        .values(
            format!("{prefix} {}", route.dev),
            format!("nothing in {range}"),
        )
    })
}

/// Other networks of the engine, which have routes of their own.
fn of_networks(ask: &Ask<'_>) -> Result<Vec<Finding>, Gap> {
    if !ask.engine_answers() {
        return Ok(Vec::new());
    }
    let name = ask.node_network_name()?;
    let ranges = ask.ranges();
    let mut findings = Vec::new();
    for network in ask
        .networks()?
        .iter()
        .filter(|network| network.name != name)
    {
        let all = subnets(network, IpFamily::V4)
            .into_iter()
            .chain(subnets(network, IpFamily::V6));
        for subnet in all {
            let nodes = ranges.nodes.iter().find(|nodes| nodes.overlaps(subnet));
            findings.extend(nodes.map(|nodes| {
                fail(format!(
                    "the engine's network {} has {subnet}, which the node network {nodes} needs",
                    network.name
                ))
            }));
            let inner = ranges.inner().find(|range| range.overlaps(subnet));
            findings.extend(inner.map(|range| {
                warn(format!(
                    "the planned range {range} overlaps {subnet} of the engine's network {}",
                    network.name
                ))
            }));
        }
    }
    Ok(findings)
}
