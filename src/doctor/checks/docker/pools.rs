//! Where new networks get their prefixes from.

use super::{super::prelude::*, BASE, key};
use crate::net::{Cidr, IpFamily};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "docker-address-pools",
        title: "Free prefixes for networks",
        reads: "`/info` DefaultAddressPools or the built-in pools, all networks, the IPv4 routes of the host",
        rule: "no free IPv4 prefix fails unless the node network exists; one is left warns; a pool that overlaps planned ranges \
               and, before 27, an IPv6 pool of more than 65536 pieces warn",
        why: "kind's network needs one; a VPN that routes 172.16.0.0/12 takes half of the built-in ones away",
        remedies: &key(
            "set `default-address-pools`, for example base 10.201.0.0/16 size 24, and remove networks that nobody uses",
        ),
        run: pools,
        ..BASE
    },
    Check {
        id: "docker-default-network-opts",
        title: "Options that every new network inherits",
        ceiling: Ceiling([I, I, I]),
        fix: FixClass::None,
        reads: "the key `default-network-opts`",
        rule: "options for bridges are told",
        why: "kind's network gets them as well, and nothing in kind's command line shows it",
        remedies: &[Remedy::any("keep only the MTU and enable_ipv6 there", &[])],
        run: network_opts,
        ..BASE
    },
];

/// The engine's own pools, and the length of their pieces (moby's ipamutils).
const BUILT_IN: [(&str, u8); 16] = [
    ("172.17.0.0/16", 16),
    ("172.18.0.0/16", 16),
    ("172.19.0.0/16", 16),
    ("172.20.0.0/16", 16),
    ("172.21.0.0/16", 16),
    ("172.22.0.0/16", 16),
    ("172.23.0.0/16", 16),
    ("172.24.0.0/16", 16),
    ("172.25.0.0/16", 16),
    ("172.26.0.0/16", 16),
    ("172.27.0.0/16", 16),
    ("172.28.0.0/16", 16),
    ("172.29.0.0/16", 16),
    ("172.30.0.0/16", 16),
    ("172.31.0.0/16", 16),
    ("192.168.0.0/16", 20),
];
/// More pieces than anybody counts: the search for a free one ends there.
const ENOUGH: usize = 4096;
/// Pieces of an IPv6 pool that old engines can list.
const OLD_LIMIT: u8 = 16;

fn explicit(texts: &[String]) -> Vec<(Cidr, u8)> {
    texts
        .iter()
        .filter_map(|text| {
            let (base, size) = text.split_once(' ')?;
            Some((base.parse().ok()?, size.trim().parse().ok()?))
        })
        .collect()
}

fn pools(ask: &Ask<'_>) -> Verdict {
    if ask.provider() == Provider::Podman {
        return skip("Podman chooses prefixes on its own");
    }
    let told = ask.info()?.default_address_pools.as_deref().map(explicit);
    let is_explicit = told.is_some();
    let pools = told.unwrap_or_else(|| {
        let built_in = BUILT_IN.iter();
        built_in
            .map(|(base, size)| {
                (
                    base.parse().expect("built-in prefixes are canonical"),
                    *size,
                )
            })
            .collect()
    });
    let networks = ask.networks()?;
    let taken: Vec<Cidr> = networks
        .iter()
        .flat_map(|network| network.subnets.iter().filter_map(|text| text.parse().ok()))
        .chain(routed(ask))
        .collect();
    let free = pools
        .iter()
        .filter(|(base, _)| base.family() == IpFamily::V4)
        .flat_map(|(base, size)| base.subnets(*size).take(ENOUGH))
        .filter(|piece| !taken.iter().any(|other| other.overlaps(*piece)))
        .take(2)
        .count();
    if free == 0 && ask.node_networks()?.is_empty() {
        return Ok(fail("no IPv4 prefix is free for a new network").values("0 free", "1 or more"));
    }
    let problem = large(ask, &pools)?.or_else(|| planned(ask, &pools).filter(|_| is_explicit));
    Ok(match problem {
        Some(problem) => warn(problem),
        None if free == 1 && ask.node_networks()?.is_empty() => {
            warn("one IPv4 prefix is left for new networks").values("1 free", "2 or more")
        }
        None => pass("prefixes are free for new networks"),
    })
}

/// IPv4 routes that do not belong to networks of the engine.
fn routed(ask: &Ask<'_>) -> Vec<Cidr> {
    let routes = if_known(ask.view(Scope::Engine, "routes4", |view| &view.routes4));
    let routes = routes.into_iter().flatten();
    routes
        .filter(|route| !route.dev.starts_with("br-") && route.dev != "docker0")
        .filter_map(crate::doctor::facts::HostRoute::prefix)
        .collect()
}

fn large(ask: &Ask<'_>, pools: &[(Cidr, u8)]) -> Result<Option<String>, Gap> {
    let wide = pools.iter().find(|(base, size)| {
        base.family() == IpFamily::V6 && size.saturating_sub(base.prefix_len()) > OLD_LIMIT
    });
    let Some((base, size)) = wide else {
        return Ok(None);
    };
    let release = ask.engine()?.major;
    Ok((release < 27).then(|| {
        format!("the address pool {base} has too many pieces of /{size} for Docker {release}, which lists them all")
    }))
}

fn planned(ask: &Ask<'_>, pools: &[(Cidr, u8)]) -> Option<String> {
    let ranges = ask.ranges();
    let pairs = pools
        .iter()
        .flat_map(|(base, _)| ranges.inner().map(move |range| (base, range)));
    let mut overlapping = pairs.filter(|(base, range)| base.overlaps(*range));
    overlapping
        .next()
        .map(|(base, range)| format!("the address pool {base} overlaps the planned range {range}"))
}

fn network_opts(ask: &Ask<'_>) -> Verdict {
    let Some(value) = ask.daemon_key("default-network-opts")? else {
        return Ok(pass("not set"));
    };
    let bridge = value.get("bridge").cloned().unwrap_or(value);
    let options = bridge.as_object().map_or_else(
        || bridge.to_string(),
        |options| {
            let options = options.iter().map(|(key, value)| format!("{key}={value}"));
            options.collect::<Vec<_>>().join(", ")
        },
    );
    Ok(info(format!("every new network inherits {options}")))
}
