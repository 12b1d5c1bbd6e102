//! The Docker network that nodes join.

use super::{super::prelude::*, BASE};
use crate::{
    doctor::{ask::subnets, facts::EngineNetwork},
    net::{Cidr, IpFamily},
};

const DELETE: Remedy = Remedy::any(
    "delete the network when no cluster uses it; the next cluster makes it anew",
    &["kind get clusters", "docker network rm kind"],
);

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "kind-network-ipv6",
        title: "IPv6 of the node network",
        ceiling: Ceiling([F, F, I]),
        reads: "the networks of that name: IPv6, prefixes, driver",
        rule: "none passes, kind makes it; one without IPv6, with another driver than bridge or without a way out fails; \
               among several the one that the engine lists first counts",
        why: "kind takes an existing network as it is, for ever: every IPv6 cluster then dies when its nodes start, long after the cause was repaired",
        remedies: &[DELETE],
        link: Some("https://kind.sigs.k8s.io/docs/user/known-issues/"),
        run: ipv6,
        ..BASE
    },
    Check {
        id: "kind-network-subnet",
        title: "Prefixes of the node network",
        ceiling: Ceiling([W, W, W]),
        per_target: &[(Target::Gardener, Ceiling([F, F, F]))],
        reads: "prefixes, gateways and masquerading of the network",
        rule: "Gardener needs 172.18.0.0/24 and fd00:10::/64 with their first addresses as gateways: other ones warn while the network \
               is empty, because it is made anew, and fail with containers in it. Otherwise, with IPv6, a second IPv6 prefix, one longer than \
               /112 and the documentation prefix warn, and a prefix that kind would not choose is told",
        why: "addresses of Gardener's load balancers, name server and registry are constants inside these prefixes",
        remedies: &[DELETE],
        run: prefixes,
        ..BASE
    },
    Check {
        id: "kind-network-duplicate",
        title: "Networks of the same name",
        ceiling: Ceiling([W, W, W]),
        reads: "the names of all networks",
        rule: "more than one of the name warns",
        why: "the engine allows it, and which one a node joins is a matter of luck",
        remedies: &[Remedy::any(
            "remove those without containers by their id",
            &[
                "docker network ls --filter name=kind",
                "docker network rm ID",
            ],
        )],
        run: duplicate,
        ..BASE
    },
    Check {
        id: "kind-network-masquerade",
        title: "The way out of the node network",
        ceiling: Ceiling([W, W, W]),
        per_target: &[(Target::Gardener, Ceiling([F, F, F]))],
        reads: "the options enable_ip_masquerade and gateway_mode_ipv4/ipv6",
        rule: "no masquerading and routed or isolated gateways warn; Gardener fails",
        why: "private addresses of nodes are translated on the way out, or their answers do not come back",
        remedies: &[Remedy::any(
            "delete the network so that it is made anew; where the prefix is routed to this host, switch the check off with that reason",
            &["docker network rm kind"],
        )],
        run: masquerade,
        ..BASE
    },
    Check {
        id: "kind-network-ipv4-disabled",
        title: "IPv4 of the node network",
        ceiling: Ceiling([W, F, F]),
        reads: "EnableIPv4 and the prefixes",
        rule: "no IPv4 fails, and warns where only IPv6 is wanted",
        why: "even nodes of an IPv6 cluster ask the engine's resolver, which has an IPv4 address only, and pull most images over IPv4",
        remedies: &[DELETE],
        run: ipv4,
        ..BASE
    },
];

const BRIDGE: &str = "com.docker.network.bridge.";

fn ipv6(ask: &Ask<'_>) -> Verdict {
    let networks = ask.node_networks()?;
    let Some(network) = networks.first() else {
        return Ok(pass("the network does not exist yet"));
    };
    let name = &network.name;
    let remove = format!("docker network rm {name}");
    if network.driver != "bridge" || network.internal {
        let driver = &network.driver;
        let what = if network.internal {
            "has no way out"
        } else {
            "is no bridge"
        };
        return Ok(fail(format!("network {name} {what} (driver {driver})"))
            .values(driver, "bridge")
            .command(remove));
    }
    let subnets = subnets(network, IpFamily::V6);
    Ok(if !network.enable_ipv6 || subnets.is_empty() {
        fail(format!(
            "network {name} has no IPv6: it was made by an older setup and is taken as it is"
        ))
        .values(
            network.subnets.join(", "),
            "an IPv6 prefix beside the IPv4 one",
        )
        .command(remove)
    } else {
        pass(format!("network {name} has {}", network.subnets.join(", ")))
    })
}

/// What kind derives from the name `kind`, by the number of the attempt.
const KINDS_OWN: [&str; 5] = [
    "fc00:f853:ccd:e793::/64",
    "fc00:8866:27d0:bd7e::/64",
    "fc00:ddd9:fcae:c61c::/64",
    "fc00:aa7c:42e1:abd3::/64",
    "fc00:3131:6ea8:d73a::/64",
];
/// What Gardener's local setup insists on: prefix and gateway.
const GARDENERS: [(&str, &str); 2] = [
    ("172.18.0.0/24", "172.18.0.1"),
    ("fd00:10::/64", "fd00:10::1"),
];
/// RFC 3849.
const DOCUMENTATION: &str = "2001:db8::/32";
/// Longest prefix in which nodes of several clusters have room.
const LONGEST: u8 = 112;

fn prefixes(ask: &Ask<'_>) -> Verdict {
    let networks = ask.node_networks()?;
    let Some(network) = networks.first() else {
        return Ok(pass("the network does not exist yet"));
    };
    if ask.is_gardener() {
        return Ok(gardeners(network));
    }
    let subnets = subnets(network, IpFamily::V6);
    if !ask.profile().has_ipv6() || subnets.is_empty() {
        return Ok(pass("no IPv6 prefix to judge"));
    }
    let documentation: Cidr = DOCUMENTATION
        .parse()
        .expect("built-in prefixes are canonical");
    let first = subnets[0];
    let remove = format!("docker network rm {}", network.name);
    Ok(if subnets.len() > 1 {
        warn(format!(
            "the network has {} IPv6 prefixes, nodes use one",
            subnets.len()
        ))
        .command(remove)
    } else if documentation.contains_cidr(first) {
        warn(format!("{first} is for documentation only"))
            .values(first, "a private /64")
            .command(remove)
    } else if first.prefix_len() > LONGEST {
        warn(format!("{first} is longer than /{LONGEST}"))
            .values(first, "a private /64")
            .command(remove)
    } else if !KINDS_OWN.contains(&first.to_string().as_str()) {
        info(format!("{first} is not a prefix that kind would choose"))
    } else {
        pass(format!("{first} is kind's own"))
    })
}

fn gardeners(network: &EngineNetwork) -> crate::doctor::finding::Finding {
    let has = |list: &[String], wanted: &str| {
        let wanted: Option<Cidr> = wanted.parse().ok();
        list.iter()
            .any(|text| text.parse().ok() == wanted && wanted.is_some())
    };
    let has_address = |wanted: &str| {
        let wanted: Option<std::net::IpAddr> = wanted.parse().ok();
        network
            .gateways
            .iter()
            .any(|text| text.parse().ok() == wanted)
    };
    let exact = network.enable_ipv6
        && network.subnets.len() == GARDENERS.len()
        && GARDENERS
            .iter()
            .all(|(prefix, gateway)| has(&network.subnets, prefix) && has_address(gateway))
        && masquerades(network);
    let found = network.subnets.join(", ");
    let wanted = "172.18.0.0/24, fd00:10::/64 with gateways 172.18.0.1, fd00:10::1";
    if exact {
        pass("the network is exactly what Gardener's local setup needs")
    } else if network.containers == 0 {
        warn(format!(
            "network {} has {found} and will be made anew",
            network.name
        ))
        .values(found, wanted)
    } else {
        let count = network.containers;
        fail(format!(
            "network {} has {found} and {count} containers use it",
            network.name
        ))
        .values(found, wanted)
    }
}

fn duplicate(ask: &Ask<'_>) -> Verdict {
    let networks = ask.node_networks()?;
    let name = ask.node_network_name()?;
    Ok(if networks.len() > 1 {
        warn(format!("{} networks are called {name}", networks.len())).values(networks.len(), 1)
    } else {
        pass(format!("at most one network is called {name}"))
    })
}

fn masquerades(network: &EngineNetwork) -> bool {
    let option = |name: &str| {
        network
            .options
            .get(&format!("{BRIDGE}{name}"))
            .map(String::as_str)
    };
    let routed = |name: &str| matches!(option(name), Some("routed" | "isolated"));
    option("enable_ip_masquerade") != Some("false")
        && !routed("gateway_mode_ipv6")
        && !routed("gateway_mode_ipv4")
}

fn masquerade(ask: &Ask<'_>) -> Verdict {
    let networks = ask.node_networks()?;
    let bad = networks.iter().find(|network| !masquerades(network));
    Ok(match bad {
        Some(network) => fail(format!(
            "network {} does not masquerade: nodes with private addresses have no way out",
            network.name
        ))
        .values("masquerading off or routed", "masquerading on")
        .command(format!("docker network rm {}", network.name)),
        None => pass("the network masquerades, or does not exist yet"),
    })
}

fn ipv4(ask: &Ask<'_>) -> Verdict {
    let networks = ask.node_networks()?;
    let Some(network) = networks.first() else {
        return Ok(pass("the network does not exist yet"));
    };
    let has_prefix = !subnets(network, IpFamily::V4).is_empty();
    Ok(if network.enable_ipv4 == Some(false) || !has_prefix {
        fail(format!(
            "network {} has no IPv4, which nodes need to pull images",
            network.name
        ))
        .values(
            network.subnets.join(", "),
            "an IPv4 prefix beside the IPv6 one",
        )
        .command(format!("docker network rm {}", network.name))
    } else {
        pass(format!("network {} has IPv4", network.name))
    })
}
