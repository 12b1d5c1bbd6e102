//! VPNs.

use super::{super::prelude::*, BASE};

pub(super) const CHECKS: &[Check] = &[Check {
    id: "vpn-active",
    title: "VPNs",
    ceiling: Ceiling([W, W, W]),
    fix: FixClass::None,
    reads: "devices of tunnels with routes, the default routes of both families",
    rule: "one that takes the IPv4 default route only warns, any other is told",
    why: "clients that take everything remove or refuse IPv6, put their routes back every few seconds, drop what looks like a local network and lower the MTU",
    remedies: &[Remedy::any(
        "exclude the ranges of the nodes from the VPN, choose other ones, or pause it while the cluster is made",
        &[],
    )],
    run: vpn,
    ..BASE
}];

fn vpn(ask: &Ask<'_>) -> Verdict {
    let Some(vpn) = ask.view(Scope::Host, "vpn", |view| &view.vpn)? else {
        return Ok(pass("no VPN"));
    };
    let dev = &vpn.dev;
    Ok(if vpn.default4 && (!vpn.default6 || vpn.rejects6) {
        let rest = if vpn.rejects6 {
            "and IPv6 is refused"
        } else {
            "and IPv6 goes another way"
        };
        warn(format!("the VPN {dev} takes all IPv4, {rest}"))
            .values(format!("IPv4 over {dev}"), "both families on one way")
    } else {
        info(format!("the VPN {dev} is up"))
    })
}
