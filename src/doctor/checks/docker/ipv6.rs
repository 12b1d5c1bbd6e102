//! IPv6 of the engine's own bridge.

use serde_json::Value;

use super::{super::prelude::*, BASE, key};
use crate::{
    doctor::{ask::subnets, finding::Finding},
    net::{Cidr, CidrError, IpFamily},
};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "docker-ipv6-default-bridge",
        title: "IPv6 of the default bridge",
        ceiling: Ceiling([I, I, N]),
        fix: FixClass::None,
        reads: "the key `ipv6`, the network `bridge`",
        rule: "switched on is told",
        why: "the switch is about docker0 only: kind makes a network of its own, and one without IPv6 is not repaired by it",
        remedies: &[Remedy::any(
            "nothing to do; give other containers IPv6 with a network of their own",
            &["docker network create --ipv6 NAME"],
        )],
        run: default_bridge,
        ..BASE
    },
    Check {
        id: "docker-fixed-cidr-v6",
        title: "The IPv6 prefix of the default bridge",
        ceiling: Ceiling([F, F, N]),
        reads: "the key `fixed-cidr-v6`, the node network, the planned ranges, the routes of the host",
        rule: "not a prefix, host bits, and an overlap with the node network, planned ranges or a route of the host fail; \
               the documentation prefix and lengths above 80 warn",
        why: "instructions everywhere use 2001:db8::/32, which leads nowhere and is preferred over private addresses",
        remedies: &key(
            "use a /64 of a random private /48, or drop the key (28 and later choose one)",
        ),
        link: Some("https://docs.docker.com/engine/daemon/ipv6/"),
        run: fixed_cidr,
        ..BASE
    },
];

fn default_bridge(ask: &Ask<'_>) -> Verdict {
    let on = ask.daemon_switch("ipv6")? == Some(true);
    let networks = ask.networks()?;
    let bridge = networks.iter().find(|network| network.name == "bridge");
    Ok(if on || bridge.is_some_and(|bridge| bridge.enable_ipv6) {
        info("the default bridge has IPv6, which does nothing for kind's own network")
    } else {
        pass("the default bridge has no IPv6, and needs none")
    })
}

/// RFC 3849.
const DOCUMENTATION: &str = "2001:db8::/32";
/// Longest prefix from which the engine can make addresses out of MAC addresses.
const LONGEST: u8 = 80;

fn fixed_cidr(ask: &Ask<'_>) -> Verdict {
    let Some(value) = ask.daemon_key("fixed-cidr-v6")? else {
        return Ok(pass("not set"));
    };
    let Value::String(text) = &value else {
        return Ok(fail(format!("fixed-cidr-v6 is {value}, not a prefix")));
    };
    let cidr = match text.parse::<Cidr>() {
        Ok(cidr) => cidr,
        Err(error @ CidrError::HostBits { .. }) => {
            return Ok(fail(format!("fixed-cidr-v6: {error}")));
        }
        Err(error) => return Ok(fail(format!("fixed-cidr-v6 cannot be read: {error}"))),
    };
    if let Some(overlap) = overlap(ask, cidr)? {
        return Ok(overlap);
    }
    let documentation: Cidr = DOCUMENTATION
        .parse()
        .expect("built-in prefixes are canonical");
    Ok(if documentation.contains_cidr(cidr) {
        warn(format!(
            "fixed-cidr-v6 {cidr} is for documentation only and leads nowhere"
        ))
        .values(cidr, "a private /64")
    } else if cidr.prefix_len() > LONGEST {
        warn(format!("fixed-cidr-v6 {cidr} is longer than /{LONGEST}"))
            .values(cidr, "a private /64")
    } else {
        pass(format!("fixed-cidr-v6 {cidr} is in nobody's way"))
    })
}

fn overlap(ask: &Ask<'_>, cidr: Cidr) -> Result<Option<Finding>, Gap> {
    let with = |what: String| {
        Ok(Some(
            fail(format!("fixed-cidr-v6 {cidr} overlaps {what}"))
                .values(cidr, "a private /64 of its own"),
        ))
    };
    let networks = ask.node_networks()?;
    let nodes = networks
        .iter()
        .flat_map(|network| subnets(network, IpFamily::V6));
    if let Some(other) = nodes.into_iter().find(|other| other.overlaps(cidr)) {
        return with(format!("the node network {other}"));
    }
    if let Some(other) = ask.ranges().inner().find(|other| other.overlaps(cidr)) {
        return with(format!("the planned range {other}"));
    }
    // Where the engine's machine cannot be read, its routes are the engine's own.
    let routes = if_known(ask.view(Scope::Engine, "routes6", |view| &view.routes6));
    let foreign = routes
        .into_iter()
        .flatten()
        .filter(|route| route.dev != "docker0");
    let mut hit = foreign.filter_map(|route| Some((route.prefix()?, &route.dev)));
    match hit.find(|(prefix, _)| prefix.overlaps(cidr)) {
        Some((prefix, dev)) => with(format!("the route of the host to {prefix} over {dev}")),
        None => Ok(None),
    }
}
