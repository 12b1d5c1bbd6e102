//! The way out over IPv6.

use std::net::IpAddr;

use super::{
    super::{docker::uplink_mtu, prelude::*},
    BASE,
};
use crate::doctor::{facts::HostRoute, finding::Finding, parse::uplink::uplink};

const GET_IPV6: &[Remedy] = &[
    Remedy::any(
        "get IPv6 from the router or the cloud's subnet, and let the network manager take it; clusters that stay among themselves do without",
        &["nmcli connection modify NAME ipv6.method auto"],
    ),
    Remedy::platform(
        Platform::Wsl,
        "switch to mirrored networking in .wslconfig",
        &["wsl.exe --shutdown"],
    ),
    Remedy::provider(
        Provider::Colima,
        "give the virtual machine an address of the network and switch IPv6 on",
        &["colima start --network-address", "colima start --edit"],
    ),
];

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "ipv6-default-route",
        title: "The IPv6 default route",
        scope: Scope::Both,
        ceiling: Ceiling([W, W, N]),
        per_target: &[(Target::Gardener, Ceiling([F, F, N]))],
        reads: "the IPv6 routes of the host and of the engine's machine",
        rule: "none warns, and fails for Gardener; on a Mac both machines need one, and link-local ones over tunnels do not count",
        why: "inside the cluster IPv6 works without it, nothing outside is reached",
        remedies: GET_IPV6,
        run: route,
        ..BASE
    },
    Check {
        id: "ipv6-global-address",
        title: "A global IPv6 address",
        scope: Scope::Both,
        ceiling: Ceiling([W, W, N]),
        per_target: &[(Target::Gardener, Ceiling([F, F, N]))],
        reads: "the IPv6 addresses of the host and of the engine's machine, without bridges of the engine",
        rule: "private ones only are told; link-local ones only, and an address that somebody else has, warn, and fail for Gardener",
        why: "it is the source of everything that is translated on the way out",
        remedies: GET_IPV6,
        run: address,
        ..BASE
    },
    Check {
        id: "uplink-mtu",
        title: "Packet sizes of the uplink",
        scope: Scope::Both,
        ceiling: Ceiling([F, F, W]),
        reads: "the MTU of the devices of the default routes",
        rule: "below 1280 fails for IPv6; below 1500 is told",
        why: "Linux takes IPv6 from devices below 1280",
        remedies: &[Remedy::any(
            "raise the MTU of the tunnel, or lower the one of the engine's networks (docker-mtu)",
            &["sudo ip link set dev DEVICE mtu 1280"],
        )],
        run: mtu,
        ..BASE
    },
    Check {
        id: "v4-v6-uplink-mismatch",
        title: "Devices of both default routes",
        platforms: LINUX_AND_WSL,
        scope: Scope::Engine,
        ceiling: Ceiling([W, W, N]),
        needs: &[Need::Gardener],
        reads: "the devices of the IPv4 and the IPv6 default route",
        rule: "different ones warn",
        why: "Gardener's scripts masquerade IPv6 on the device of the IPv4 default route",
        remedies: &[Remedy::any(
            "masquerade on the device of the IPv6 default route as well",
            &["sudo ip6tables -t nat -A POSTROUTING -o DEVICE -s fd00::/8 -j MASQUERADE"],
        )],
        run: mismatch,
        ..BASE
    },
];

/// The device of the IPv6 default route of a machine.
pub(super) fn default_route(ask: &Ask<'_>, scope: Scope) -> Result<Option<String>, Gap> {
    let routes = ask.view(scope, "routes6", |view| &view.routes6)?;
    let routes: &[HostRoute] = routes.map(Vec::as_slice).unwrap_or_default();
    Ok(uplink(routes).map(str::to_owned))
}

/// Judges host and engine; a machine that cannot be read is left to the other one.
fn both(ask: &Ask<'_>, judge: impl Fn(Scope, &str) -> Verdict) -> Verdict {
    if ask.platform() != Platform::Macos {
        return judge(Scope::Host, "the host");
    }
    let mac = judge(Scope::Host, "the Mac")?;
    match judge(Scope::Engine, "the engine's virtual machine") {
        Ok(machine) => Ok(worst(vec![machine], mac)),
        Err(Gap::Unknown(_)) => Ok(mac),
        Err(gap) => Err(gap),
    }
}

fn route(ask: &Ask<'_>) -> Verdict {
    both(ask, |scope, whose| {
        Ok(match default_route(ask, scope)? {
            Some(dev) => pass(format!("{whose} has an IPv6 default route over {dev}")),
            None => {
                fail(format!("{whose} has no IPv6 default route")).values("none", "a default route")
            }
        })
    })
}

/// Devices of containers, whose addresses say nothing about the host.
const OF_CONTAINERS: [&str; 7] = ["lo", "br-", "docker", "veth", "podman", "cali", "virbr"];

fn address(ask: &Ask<'_>) -> Verdict {
    both(ask, |scope, whose| {
        let all = ask.view(scope, "addrs6", |view| &view.addrs6)?;
        let own = all
            .into_iter()
            .flatten()
            .filter(|(dev, _)| !OF_CONTAINERS.iter().any(|prefix| dev.starts_with(prefix)))
            .flat_map(|(_, addresses)| addresses);
        let own: Vec<_> = own.collect();
        if let Some(duplicate) = own.iter().find(|address| address.has("dadfailed")) {
            return Ok(warn(format!(
                "{} of {whose} belongs to somebody else as well",
                duplicate.address
            )));
        }
        let usable = own
            .iter()
            .filter(|address| !address.has("detached") && !address.has("deprecated"));
        let usable: Vec<IpAddr> = usable.map(|address| address.address).collect();
        Ok(best(&usable, whose))
    })
}

fn best(addresses: &[IpAddr], whose: &str) -> Finding {
    let v6 = |test: fn(&std::net::Ipv6Addr) -> bool| {
        addresses
            .iter()
            .find(|address| matches!(address, IpAddr::V6(address) if test(address)))
    };
    // RFC 4291: 2000::/3 is global unicast.
    if let Some(global) = v6(|address| address.segments()[0] & 0xe000 == 0x2000) {
        pass(format!("{whose} has {global}"))
    } else if let Some(private) = v6(std::net::Ipv6Addr::is_unique_local) {
        info(format!(
            "{whose} has only private IPv6 addresses ({private})"
        ))
    } else {
        fail(format!("{whose} has no IPv6 address beyond its link"))
            .values("none", "a global address")
    }
}

/// RFC 8200 section 5.
const IPV6_MINIMUM: u32 = 1280;
/// Ethernet.
const USUAL: u32 = 1500;

fn mtu(ask: &Ask<'_>) -> Verdict {
    let host = uplink_mtu(ask, Scope::Host)?;
    // A machine that cannot be read is left to the other one.
    let machine = uplink_mtu(ask, Scope::Engine).unwrap_or_default();
    let smallest = host
        .into_iter()
        .chain(machine)
        .min_by_key(|(_, size)| *size);
    let Some((dev, size)) = smallest else {
        return Ok(pass("nothing leads out"));
    };
    Ok(if size < IPV6_MINIMUM && ask.profile().has_ipv6() {
        fail(format!("{dev} carries {size} bytes, too few for IPv6")).values(size, IPV6_MINIMUM)
    } else if size < USUAL {
        info(format!("{dev} carries {size} bytes, see docker-mtu")).values(size, USUAL)
    } else {
        pass(format!("{dev} carries {size} bytes"))
    })
}

fn mismatch(ask: &Ask<'_>) -> Verdict {
    let v4 = ask.view(Scope::Engine, "uplink4", |view| &view.uplink4)?;
    let v6 = ask.view(Scope::Engine, "uplink6", |view| &view.uplink6)?;
    Ok(match (v4, v6) {
        (Some(v4), Some(v6)) if v4 != v6 => {
            warn(format!("IPv4 leads out over {v4}, IPv6 over {v6}"))
                .values(format!("{v4}, {v6}"), "one device")
                .command(format!(
                    "sudo ip6tables -t nat -A POSTROUTING -o {v6} -s fd00::/8 -j MASQUERADE"
                ))
        }
        _ => pass("both families lead out over one device, or one of them does not"),
    })
}
