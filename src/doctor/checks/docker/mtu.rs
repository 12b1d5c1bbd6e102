//! Packet sizes of the engine's networks.

use super::{super::prelude::*, BASE, key};
use crate::doctor::facts::EngineNetwork;

pub(super) const CHECKS: &[Check] = &[Check {
    id: "docker-mtu",
    title: "Packet sizes of networks and uplink",
    ceiling: Ceiling([F, F, W]),
    reads: "the MTU option of the default bridge and of the node network, the MTU of the devices that lead out",
    rule: "below 1280 fails for IPv6; larger than the uplink warns",
    why: "kind copies the MTU of the default bridge; IPv6 routers never cut packets, so that a lost \"packet too big\" is a connection that hangs",
    remedies: &key(
        "set `mtu` and, for new networks, `default-network-opts` to the uplink's MTU, then delete the node network",
    ),
    run: mtu,
    ..BASE
}];

const OPTION: &str = "com.docker.network.driver.mtu";
/// What networks have that say nothing.
const DEFAULT: u32 = 1500;
/// RFC 8200 section 5.
const IPV6_MINIMUM: u32 = 1280;

fn mtu_of(network: &EngineNetwork) -> u32 {
    let option = network.options.get(OPTION);
    option.and_then(|text| text.parse().ok()).unwrap_or(DEFAULT)
}

/// The smallest MTU among the devices that lead out.
pub(in crate::doctor::checks) fn uplink_mtu(
    ask: &Ask<'_>,
    scope: Scope,
) -> Result<Option<(String, u32)>, Gap> {
    let uplink4 = ask.view(scope, "uplink4", |view| &view.uplink4)?;
    let uplink6 = ask.view(scope, "uplink6", |view| &view.uplink6)?;
    let mtu = ask.view(scope, "mtu", |view| &view.mtu)?;
    let sizes = [uplink4, uplink6].into_iter().flatten().filter_map(|dev| {
        let size = mtu?.get(dev)?;
        Some((dev.clone(), *size))
    });
    Ok(sizes.min_by_key(|(_, size)| *size))
}

fn mtu(ask: &Ask<'_>) -> Verdict {
    let uplink = uplink_mtu(ask, Scope::Engine)?;
    let name = ask.node_network_name()?;
    let networks = ask.networks()?.iter();
    let sizes: Vec<(&str, u32)> = networks
        .filter(|network| network.name == "bridge" || network.name == name)
        .map(|network| (network.name.as_str(), mtu_of(network)))
        .collect();
    let small = sizes.iter().find(|(_, size)| *size < IPV6_MINIMUM);
    if let Some((name, size)) = small.filter(|_| ask.profile().has_ipv6()) {
        return Ok(fail(format!(
            "network {name} has MTU {size}, below the {IPV6_MINIMUM} that IPv6 needs"
        ))
        .values(size, IPV6_MINIMUM));
    }
    let Some((dev, limit)) = uplink else {
        return Ok(pass("nothing leads out that could be too small"));
    };
    let large = sizes.iter().find(|(_, size)| *size > limit);
    Ok(match large {
        Some((name, size)) => warn(format!(
            "network {name} has MTU {size}, {dev} carries {limit}"
        ))
        .values(size, limit),
        None => pass(format!(
            "packets of the networks fit into the {limit} bytes of {dev}"
        )),
    })
}
