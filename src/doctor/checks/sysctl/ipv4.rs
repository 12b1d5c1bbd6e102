//! IPv4.

use super::{super::prelude::*, BASE, set, write};
use crate::doctor::facts::Ping;

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "ipv4-forwarding",
        title: "IPv4 forwarding",
        reads: "`net.ipv4.ip_forward`, whether the engine runs",
        rule: "0 beside a running engine fails: something reset it; without one it is told",
        why: "containers have no way out; hardening scripts and VPN clients switch it off behind the engine's back",
        remedies: &set(
            "switch it on for good, and find what resets it",
            &["sudo sysctl -w net.ipv4.ip_forward=1"],
        ),
        run: forwarding,
        ..BASE
    },
    Check {
        id: "ipv4-rp-filter",
        title: "Reverse path filter",
        ceiling: Ceiling([I, I, I]),
        fix: FixClass::None,
        reads: "`rp_filter` of all and of the uplink, the default routes, VPN devices",
        rule: "1 is told beside a second uplink or a VPN",
        why: "answers that come back another way are dropped; nodes set a value of their own",
        remedies: &[Remedy::any(
            "set it to 2 on the second uplink if answers are lost",
            &["sudo sysctl -w net.ipv4.conf.all.rp_filter=2"],
        )],
        run: rp_filter,
        ..BASE
    },
];

fn forwarding(ask: &Ask<'_>) -> Verdict {
    let key = "net.ipv4.ip_forward";
    if ask.sysctl(key)? != Some(0) {
        return Ok(pass("forwarding is on"));
    }
    let runs = matches!(ask.ping(), Ok(Ping::Ok | Ping::Denied));
    Ok(if runs {
        fail("IPv4 forwarding is off while the engine runs: something reset it")
            .values(0, 1)
            .command(write(key, 1))
    } else {
        info("IPv4 forwarding is off; the engine switches it on when it starts").values(0, 1)
    })
}

fn rp_filter(ask: &Ask<'_>) -> Verdict {
    let all = ask.sysctl("net.ipv4.conf.all.rp_filter")?;
    let own = if_known(ask.sysctl("net.ipv4.conf.uplink.rp_filter"));
    if all.max(own) != Some(1) {
        return Ok(pass("the filter is off or loose"));
    }
    let vpn = ask.view(Scope::Engine, "vpn", |view| &view.vpn)?;
    let routes = ask.view(Scope::Engine, "routes4", |view| &view.routes4)?;
    let mut devices: Vec<&str> = routes
        .into_iter()
        .flatten()
        .filter(|route| route.is_default() && !route.reject)
        .map(|route| route.dev.as_str())
        .collect();
    devices.sort_unstable();
    devices.dedup();
    Ok(match vpn {
        Some(vpn) => info(format!(
            "the strict filter drops answers that come back beside the VPN {}",
            vpn.dev
        ))
        .values(1, 2),
        None if devices.len() > 1 => info(format!(
            "the strict filter drops answers that come back over another of {}",
            devices.join(", ")
        ))
        .values(1, 2),
        None => pass("strict, with one way out"),
    })
}
