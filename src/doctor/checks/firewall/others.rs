//! ufw, nftables.service, `NetworkManager`, the firewall of macOS.

use super::{super::prelude::*, BASE};
use crate::doctor::parse::assignments;

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "ufw-forward-policy",
        title: "ufw",
        ceiling: Ceiling([W, W, W]),
        per_target: &[(Target::MiniLab, Ceiling([F, F, F]))],
        fix: FixClass::Root,
        reads: "`/etc/ufw/ufw.conf`, `/etc/default/ufw`",
        rule: "IPV6=no warns for IPv6; a forward policy other than ACCEPT is told, and fails for mini-lab",
        why: "with IPV6=no ufw drops all IPv6 but loopback; ports that the engine publishes bypass ufw, packets that are only routed do not",
        remedies: &[Remedy::any(
            "set IPV6=yes, and allow routing for the ranges of the bridges rather than for everything",
            &[
                "sudo editor /etc/default/ufw",
                "sudo ufw route allow from RANGE",
                "sudo ufw reload",
                "sudo systemctl restart docker",
            ],
        )],
        run: ufw,
        ..BASE
    },
    Check {
        id: "nftables-service-flush",
        title: "nftables.service",
        ceiling: Ceiling([W, W, W]),
        reads: "`/etc/nftables.conf`, whether the service is enabled",
        rule: "`flush ruleset` in an enabled service warns",
        why: "each reload takes the engine's rules of both families away until the engine restarts",
        remedies: &[Remedy::any(
            "flush only the own tables, and restart the engine after a reload",
            &[
                "sudo editor /etc/nftables.conf",
                "sudo systemctl restart docker",
            ],
        )],
        run: flush,
        ..BASE
    },
    Check {
        id: "networkmanager-unmanaged",
        title: "NetworkManager and bridges",
        ceiling: Ceiling([W, W, W]),
        fix: FixClass::Root,
        reads: "the devices that NetworkManager manages",
        rule: "bridges and links of containers among them are told",
        why: "a default profile may give them addresses, routes, or no IPv6",
        remedies: &[Remedy::any(
            "tell NetworkManager to leave them alone",
            &[
                "printf '[keyfile]\\nunmanaged-devices=interface-name:br-*;interface-name:veth*\\n' | sudo tee /etc/NetworkManager/conf.d/90-garden6.conf",
                "sudo systemctl reload NetworkManager",
            ],
        )],
        run: network_manager,
        ..BASE
    },
    Check {
        id: "macos-firewall",
        title: "The firewall of macOS",
        platforms: MACOS,
        scope: Scope::Host,
        ceiling: Ceiling([W, W, W]),
        reads: "the state of the application firewall",
        rule: "blocking everything warns, on is told",
        why: "ports that are published on all addresses are not reached from outside; loopback is exempt",
        remedies: &[Remedy::any(
            "allow the provider's helper, or publish on loopback only",
            &[],
        )],
        run: macos,
        ..BASE
    },
];

fn ufw(ask: &Ask<'_>) -> Verdict {
    let text = ask
        .file(Scope::Host, "/etc/ufw/ufw.conf")?
        .unwrap_or_default();
    let enabled = assignments::values(text)
        .get("ENABLED")
        .is_some_and(|value| assignments::is_yes(value));
    if !enabled {
        return Ok(pass("ufw is not at work"));
    }
    let defaults = ask
        .file(Scope::Host, "/etc/default/ufw")?
        .unwrap_or_default();
    let defaults = assignments::values(defaults);
    let ipv6 = defaults
        .get("IPV6")
        .is_none_or(|value| assignments::is_yes(value));
    let policy = defaults
        .get("DEFAULT_FORWARD_POLICY")
        .map_or("DROP", String::as_str);
    let drops = !policy.eq_ignore_ascii_case("accept");
    Ok(if drops && ask.target() == Target::MiniLab {
        fail(format!(
            "ufw drops what is routed (DEFAULT_FORWARD_POLICY {policy}), and mini-lab routes"
        ))
        .values(policy, "ACCEPT, or routes that are allowed")
    } else if !ipv6 && ask.profile().has_ipv6() {
        warn("ufw drops all IPv6 but loopback (IPV6=no)").values("IPV6=no", "IPV6=yes")
    } else if drops {
        info(format!(
            "ufw drops what is routed (DEFAULT_FORWARD_POLICY {policy}); the engine's chains come before it"
        ))
    } else {
        pass("ufw lets through what is routed")
    })
}

fn flush(ask: &Ask<'_>) -> Verdict {
    let debian = ask
        .file(Scope::Host, "/etc/nftables.conf")?
        .unwrap_or_default();
    let fedora =
        if_known(ask.file(Scope::Host, "/etc/sysconfig/nftables.conf")).unwrap_or_default();
    let flushes = [debian, fedora]
        .into_iter()
        .flat_map(str::lines)
        .any(|line| {
            let line = line.split('#').next().unwrap_or_default();
            line.split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
                .contains("flush ruleset")
        });
    if !flushes {
        return Ok(pass("no configuration of nftables flushes everything"));
    }
    let state = ask.service(Scope::Host, "nftables")?.unwrap_or("disabled");
    Ok(if matches!(state, "enabled" | "active") {
        warn("nftables.service flushes all rules, those of the engine included")
            .values("flush ruleset", "flush of own tables")
    } else {
        pass("nftables.service is not enabled")
    })
}

fn network_manager(ask: &Ask<'_>) -> Verdict {
    let managed = ask.view(Scope::Engine, "nm_manages_bridges", |view| {
        &view.nm_manages_bridges
    })?;
    Ok(if managed == Some(&true) {
        info("NetworkManager manages bridges or links of containers")
    } else {
        pass("NetworkManager leaves bridges alone, or is not there")
    })
}

fn macos(ask: &Ask<'_>) -> Verdict {
    let firewall = ask
        .view(Scope::Host, "firewall", |view| &view.firewall)?
        .cloned()
        .unwrap_or_default();
    Ok(if firewall.block_all {
        warn("the firewall blocks everything that comes in").values("block all", "on or off")
    } else if firewall.state == "on" {
        info("the firewall is on")
    } else {
        pass("the firewall is off")
    })
}
