//! IPv6 forwarding.

use super::{super::prelude::*, BASE, set, write};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "ipv6-forwarding-all",
        title: "IPv6 forwarding",
        ceiling: Ceiling([F, F, N]),
        reads: "`net.ipv6.conf.all.forwarding`, the packet filter backend, the key `ip-forward`, networks with IPv6",
        rule: "0 fails where the engine may not or does not switch it on, warns where a network with IPv6 exists already, because something \
               reset it, and is told otherwise, because the engine switches it on",
        why: "without it nothing gets from the nodes' bridge to anywhere else",
        remedies: &set(
            "switch it on, after accept_ra of the uplink was set to 2 (see ipv6-accept-ra-forwarding)",
            &["sudo sysctl -w net.ipv6.conf.all.forwarding=1"],
        ),
        run: all,
        ..BASE
    },
    Check {
        id: "ipv6-forwarding-default",
        title: "IPv6 forwarding of new interfaces",
        ceiling: Ceiling([F, F, N]),
        reads: "`net.ipv6.conf.default.forwarding`, the packet filter backend",
        rule: "0 fails with the nftables backend and is told otherwise",
        why: "the engine demands both; checks before kubeadm read exactly this one",
        remedies: &set(
            "switch it on together with `all`",
            &["sudo sysctl -w net.ipv6.conf.default.forwarding=1"],
        ),
        run: default,
        ..BASE
    },
    Check {
        id: "ipv6-proxy-ndp",
        title: "Neighbours of a routed network",
        ceiling: Ceiling([I, I, N]),
        fix: FixClass::None,
        engine: EngineNeed::Needed,
        reads: "`proxy_ndp` of the uplink, the IPv6 prefixes of the node network and of the uplink",
        rule: "a node network with global addresses inside the uplink's own prefix is told while proxy_ndp is 0",
        why: "the router asks for the nodes' addresses on the uplink, and nobody answers for them",
        remedies: &[Remedy::any(
            "prefer private addresses with masquerading, or have the prefix routed to this host; else answer for each node",
            &[
                "sudo sysctl -w net.ipv6.conf.UPLINK.proxy_ndp=1",
                "sudo ip -6 neigh add proxy ADDRESS dev UPLINK",
            ],
        )],
        run: proxy_ndp,
        ..BASE
    },
    Check {
        id: "ipv6-bindv6only",
        title: "Sockets for both families",
        ceiling: Ceiling([W, W, W]),
        reads: "`net.ipv6.bindv6only`",
        rule: "1 warns",
        why: "programs that listen on [::] and expect IPv4 clients there stop answering them",
        remedies: &set(
            "set it to 0 and restart programs that listen",
            &["sudo sysctl -w net.ipv6.bindv6only=0"],
        ),
        run: bindv6only,
        ..BASE
    },
];

/// The device behind the word `uplink` in names of sysctls.
pub(super) fn uplink_name(ask: &Ask<'_>) -> String {
    let of = |v6: bool| {
        if_known(ask.view(
            Scope::Engine,
            if v6 { "uplink6" } else { "uplink4" },
            |view| {
                if v6 { &view.uplink6 } else { &view.uplink4 }
            },
        ))
    };
    of(true)
        .or_else(|| of(false))
        .map_or("UPLINK", String::as_str)
        .to_owned()
}

fn all(ask: &Ask<'_>) -> Verdict {
    ask.need_kernel_ipv6()?;
    let key = "net.ipv6.conf.all.forwarding";
    if ask.sysctl(key)? != Some(0) {
        return Ok(pass("forwarding is on"));
    }
    let reason = if ask.uses_nftables()? {
        Some("the engine's nftables backend does not switch it on")
    } else if ask.daemon_switch("ip-forward")? == Some(false) {
        Some("the engine may not switch it on (`ip-forward: false`)")
    } else {
        None
    };
    if let Some(reason) = reason {
        return Ok(fail(format!("IPv6 forwarding is off, and {reason}"))
            .values(0, 1)
            .command(write(key, 1)));
    }
    let networks = ask.networks().unwrap_or_default();
    let with_ipv6 = networks.iter().find(|network| network.enable_ipv6);
    Ok(match with_ipv6 {
        Some(network) => warn(format!(
            "IPv6 forwarding is off although network {} needs it: something reset it after the engine had switched it on",
            network.name
        ))
        .values(0, 1)
        .command(write(key, 1)),
        None => info("IPv6 forwarding is off; the engine switches it on with the first network that has IPv6")
            .values(0, 1),
    })
}

fn default(ask: &Ask<'_>) -> Verdict {
    ask.need_kernel_ipv6()?;
    let key = "net.ipv6.conf.default.forwarding";
    if ask.sysctl(key)? != Some(0) {
        return Ok(pass("new interfaces forward"));
    }
    Ok(if ask.uses_nftables()? {
        fail("new interfaces do not forward, which the engine's nftables backend demands")
            .values(0, 1)
            .command(write(key, 1))
    } else {
        info("new interfaces do not forward; the engine switches it on").values(0, 1)
    })
}

fn proxy_ndp(ask: &Ask<'_>) -> Verdict {
    use crate::{doctor::ask::subnets, net::IpFamily};
    let networks = ask.node_networks()?;
    let nodes = networks
        .iter()
        .flat_map(|network| subnets(network, IpFamily::V6));
    let global: Vec<_> = nodes.filter(|cidr| is_global(cidr.network())).collect();
    if global.is_empty() {
        return Ok(pass("nodes have private addresses, or none yet"));
    }
    let uplink = ask.view(Scope::Engine, "uplink6", |view| &view.uplink6)?;
    let routes = ask.view(Scope::Engine, "routes6", |view| &view.routes6)?;
    let on_link = routes
        .into_iter()
        .flatten()
        .filter(|route| route.via.is_none() && uplink.is_some_and(|uplink| *uplink == route.dev));
    let mut prefixes = on_link.filter_map(crate::doctor::facts::HostRoute::prefix);
    let inside = prefixes.find_map(|prefix| {
        let node = global.iter().find(|node| prefix.contains_cidr(**node))?;
        Some((prefix, *node))
    });
    let Some((prefix, node)) = inside else {
        return Ok(pass("the node network is not part of the uplink's prefix"));
    };
    Ok(
        if ask.sysctl("net.ipv6.conf.uplink.proxy_ndp")? == Some(0) {
            let device = uplink_name(ask);
            info(format!("nodes have addresses of {node} inside {prefix} of {device}, and nobody answers for them there"))
            .values(0, 1)
            .command(write(&format!("net.ipv6.conf.{device}.proxy_ndp"), 1))
        } else {
            pass("the host answers for the nodes' addresses")
        },
    )
}

/// Neither private (RFC 4193) nor bound to a link.
fn is_global(address: std::net::IpAddr) -> bool {
    match address {
        std::net::IpAddr::V6(address) => {
            !address.is_unique_local() && !address.is_unicast_link_local() && !address.is_loopback()
        }
        std::net::IpAddr::V4(_) => false,
    }
}

fn bindv6only(ask: &Ask<'_>) -> Verdict {
    let key = "net.ipv6.bindv6only";
    Ok(match ask.sysctl(key)? {
        None => return skip("the kernel has no IPv6, see ipv6-kernel-enabled"),
        Some(1) => warn("sockets on [::] do not take IPv4 clients")
            .values(1, 0)
            .command(write(key, 0)),
        Some(_) => pass("sockets on [::] take clients of both families"),
    })
}
