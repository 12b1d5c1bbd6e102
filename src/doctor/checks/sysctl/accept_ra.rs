//! Forwarding and router advertisements.

use super::{super::prelude::*, BASE, forwarding::uplink_name, set, write};

pub(super) const CHECKS: &[Check] = &[Check {
    id: "ipv6-accept-ra-forwarding",
    title: "Router advertisements on a host that forwards",
    ceiling: Ceiling([W, W, N]),
    per_target: &[(Target::Gardener, Ceiling([F, F, N]))],
    reads: "who learned the IPv6 default route, `accept_ra` and `forwarding` of its device and of all, the key `ip-forward`",
    rule: "a default route that the kernel learned warns while accept_ra is 1 and forwarding is on or will be switched on; \
           no default route at all with accept_ra 1, forwarding on and link-local addresses only warns as one that was lost already",
    why: "a host that forwards ignores router advertisements unless accept_ra is 2: its own IPv6 ends when the route expires, \
          half an hour after the first cluster, and nobody suspects the cluster. Hosts whose network manager reads advertisements itself are safe",
    remedies: &set(
        "set accept_ra of that device to 2, in its own name: the value of `all` does nothing for devices that exist",
        &["sudo sysctl -w net.ipv6.conf.UPLINK.accept_ra=2"],
    ),
    link: Some("https://docs.kernel.org/networking/ip-sysctl.html"),
    run: accept_ra,
    ..BASE
}];

const ACCEPT_RA: &str = "net.ipv6.conf.uplink.accept_ra";

fn accept_ra(ask: &Ask<'_>) -> Verdict {
    ask.need_kernel_ipv6()?;
    let routes = ask.view(Scope::Engine, "routes6", |view| &view.routes6)?;
    let routes = routes.map(Vec::as_slice).unwrap_or_default();
    let mut defaults = routes
        .iter()
        .filter(|route| route.is_default() && !route.reject)
        .peekable();
    let none = defaults.peek().is_none();
    let learned = defaults.find(|route| route.kernel_ra);
    let accepts = ask.sysctl(ACCEPT_RA)? == Some(1);
    if !accepts || (learned.is_none() && !none) {
        return Ok(pass("the IPv6 default route does not depend on accept_ra"));
    }
    let all = ask.sysctl("net.ipv6.conf.all.forwarding")? == Some(1);
    let own = ask.sysctl("net.ipv6.conf.uplink.forwarding")? == Some(1);
    if let Some(route) = learned {
        let left_alone = ask.daemon_switch("ip-forward")? == Some(false) || ask.uses_nftables()?;
        if !all && !own && left_alone {
            return Ok(pass(
                "nothing forwards, and the engine will not switch that on",
            ));
        }
        let when = if all || own {
            "forwarding is on"
        } else {
            "the engine will switch forwarding on"
        };
        let key = format!("net.ipv6.conf.{}.accept_ra", route.dev);
        return Ok(fail(format!(
            "the IPv6 default route of {} comes from router advertisements, accept_ra is 1 and {when}: it will expire",
            route.dev
        ))
        .values("accept_ra = 1", "accept_ra = 2")
        .command(write(&key, 2)));
    }
    if (all || own) && only_link_local(ask)? {
        let key = format!("net.ipv6.conf.{}.accept_ra", uplink_name(ask));
        return Ok(warn("there is no IPv6 default route although accept_ra is 1: forwarding has probably ended it already")
            .values("accept_ra = 1", "accept_ra = 2")
            .command(write(&key, 2)));
    }
    Ok(pass("there is no IPv6 default route to lose"))
}

/// Whether the device of the IPv4 default route has nothing but link-local IPv6 addresses.
fn only_link_local(ask: &Ask<'_>) -> Result<bool, Gap> {
    let uplink = ask.view(Scope::Engine, "uplink4", |view| &view.uplink4)?;
    let addresses = ask.view(Scope::Engine, "addrs6", |view| &view.addrs6)?;
    let own = uplink.and_then(|uplink| addresses?.get(uplink));
    Ok(own.is_some_and(|own| {
        !own.is_empty()
            && own.iter().all(|address| match address.address {
                std::net::IpAddr::V6(address) => address.is_unicast_link_local(),
                std::net::IpAddr::V4(_) => true,
            })
    }))
}
