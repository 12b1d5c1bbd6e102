//! Bridges, links, tunnels, file systems of containers.

use super::{super::prelude::*, BASE, lookup::absent};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "kmod-br-netfilter",
        title: "Packet filter on bridges",
        ceiling: Ceiling([W, W, W]),
        reads: "br_netfilter",
        rule: "missing warns",
        why: "Services between pods on one bridge, and an engine without docker-proxy, need it",
        run: br_netfilter,
        ..BASE
    },
    Check {
        id: "kmod-overlay",
        title: "Overlays",
        reads: "overlay",
        rule: "missing fails",
        why: "images are stacked with it, on the host and inside nodes",
        run: overlay,
        ..BASE
    },
    Check {
        id: "kmod-veth-bridge",
        title: "Bridges and their links",
        reads: "veth, bridge, dummy",
        rule: "veth or bridge missing fails, dummy is told",
        why: "every network of containers is made of them; node-local name servers use dummy devices",
        run: veth_bridge,
        ..BASE
    },
    Check {
        id: "kmod-vxlan",
        title: "VXLAN",
        ceiling: Ceiling([W, W, W]),
        reads: "vxlan, ip6_udp_tunnel",
        rule: "missing warns with Calico or mini-lab and is told otherwise",
        why: "Calico's only overlay for IPv6 is VXLAN",
        run: vxlan,
        ..BASE
    },
    Check {
        id: "kmod-tunnels",
        title: "IP in IP",
        ceiling: Ceiling([I, I, I]),
        fix: FixClass::None,
        reads: "ipip, sit, ip6_tunnel",
        rule: "missing is told",
        why: "IP in IP carries IPv4 only; for IPv6 pools it is a mistake in the configuration",
        remedies: &[Remedy::any(
            "use VXLAN or no encapsulation for IPv6 pools",
            &[],
        )],
        run: tunnels,
        ..BASE
    },
    Check {
        id: "kmod-gardener-vpn",
        title: "Devices of Gardener's VPN",
        ceiling: Ceiling([W, W, W]),
        needs: &[Need::Gardener],
        reads: "tun, bonding, ip6_tunnel",
        rule: "missing warns",
        why: "the highly available VPN of Shoots bonds tap devices and tunnels IPv6 in IPv6, for IPv4 Shoots as well",
        run: gardener_vpn,
        ..BASE
    },
];

const WANTED: &str = "loaded, built in or loadable";

/// What a rule says when nothing is missing, or the list of what is.
fn gone(ask: &Ask<'_>, names: &[&str]) -> Result<Option<String>, Gap> {
    let list = absent(ask.modules()?, names).join(", ");
    Ok(Some(list).filter(|list| !list.is_empty()))
}

fn br_netfilter(ask: &Ask<'_>) -> Verdict {
    Ok(match gone(ask, &["br_netfilter"])? {
        Some(list) => warn(format!(
            "{list} is missing: Services between pods of one bridge may not work"
        ))
        .values("absent", WANTED),
        None => pass("br_netfilter can be used"),
    })
}

fn overlay(ask: &Ask<'_>) -> Verdict {
    Ok(match gone(ask, &["overlay"])? {
        Some(list) => {
            fail(format!("{list} is missing: images cannot be stacked")).values("absent", WANTED)
        }
        None => pass("overlays can be used"),
    })
}

fn veth_bridge(ask: &Ask<'_>) -> Verdict {
    if let Some(list) = gone(ask, &["veth", "bridge"])? {
        return Ok(fail(format!(
            "{list} is missing: no network of containers can be made"
        ))
        .values(format!("{list} absent"), WANTED));
    }
    Ok(match gone(ask, &["dummy"])? {
        Some(_) => info("dummy is missing; node-local name servers would need it"),
        None => pass("bridges and links can be made"),
    })
}

fn vxlan(ask: &Ask<'_>) -> Verdict {
    Ok(match gone(ask, &["vxlan", "ip6_udp_tunnel"])? {
        Some(list) if ask.target().has_calico() || ask.target() == Target::MiniLab => {
            warn(format!("{list} is missing: overlays for IPv6 need it"))
                .values(format!("{list} absent"), WANTED)
        }
        Some(list) => info(format!(
            "{list} is missing; nothing that is planned needs it"
        )),
        None => pass("VXLAN can be used"),
    })
}

fn tunnels(ask: &Ask<'_>) -> Verdict {
    Ok(match gone(ask, &["ipip", "sit", "ip6_tunnel"])? {
        Some(list) => info(format!(
            "{list} is missing; IP in IP cannot carry IPv6 anyway"
        )),
        None => pass("IP in IP can be used, for IPv4"),
    })
}

fn gardener_vpn(ask: &Ask<'_>) -> Verdict {
    Ok(match gone(ask, &["tun", "bonding", "ip6_tunnel"])? {
        Some(list) => warn(format!(
            "{list} is missing: the highly available VPN of Shoots cannot start"
        ))
        .values(format!("{list} absent"), WANTED),
        None => pass("the VPN of Shoots has its devices"),
    })
}
