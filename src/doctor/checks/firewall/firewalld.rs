//! firewalld.

use super::{super::prelude::*, BASE};
use crate::doctor::parse::assignments;

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "firewalld-docker-zone",
        title: "The engine's zone",
        ceiling: Ceiling([W, W, W]),
        fix: FixClass::Root,
        reads: "the state of firewalld, the zone of the bridges, its policies, the engine's release",
        rule: "since 27, bridges outside the zone docker or a missing policy docker-forwarding warn; before, an active firewalld is told",
        why: "the zone lets containers reach the host, the policy lets packets through; both are lost when firewalld starts or reloads after the engine",
        remedies: &[Remedy::any(
            "restart the engine after firewalld, and do not reload firewalld completely while clusters run",
            &["sudo systemctl restart docker"],
        )],
        run: zone,
        ..BASE
    },
    Check {
        id: "firewalld-ipv6-rpfilter",
        title: "firewalld's reverse path filter",
        ceiling: Ceiling([W, W, N]),
        fix: FixClass::Root,
        reads: "`IPv6_rpfilter` of firewalld.conf, `bridge-nf-call-ip6tables`",
        rule: "strict, which is the default, warns while bridges pass the packet filter",
        why: "it sees what nodes say to each other on their bridge and drops it, over IPv6 only",
        remedies: &[Remedy::any(
            "set IPv6_rpfilter=loose, reload firewalld and restart the engine",
            &[
                "sudo sed -i 's/^IPv6_rpfilter=.*/IPv6_rpfilter=loose/' /etc/firewalld/firewalld.conf",
                "sudo firewall-cmd --reload",
                "sudo systemctl restart docker",
            ],
        )],
        run: rpfilter,
        ..BASE
    },
    Check {
        id: "firewalld-strict-forward-ports",
        title: "Published ports under firewalld",
        fix: FixClass::Root,
        reads: "`StrictForwardPorts` of firewalld.conf",
        rule: "yes fails while firewalld is active",
        why: "ports that the engine publishes are refused unless firewalld knows them as well",
        remedies: &[Remedy::any(
            "set StrictForwardPorts=no, or declare the forwards in firewalld",
            &[
                "sudo sed -i 's/^StrictForwardPorts=.*/StrictForwardPorts=no/' /etc/firewalld/firewalld.conf",
                "sudo firewall-cmd --reload",
            ],
        )],
        run: strict_forward,
        ..BASE
    },
];

const CONFIGURATION: &str = "/etc/firewalld/firewalld.conf";
/// The policy that engines since 27 make.
const POLICY: &str = "docker-forwarding";

fn is_active(ask: &Ask<'_>) -> Result<bool, Gap> {
    Ok(ask.service(Scope::Host, "firewalld")? == Some("active"))
}

fn setting(ask: &Ask<'_>, key: &str) -> Result<Option<String>, Gap> {
    let text = ask.file(Scope::Host, CONFIGURATION)?.unwrap_or_default();
    Ok(assignments::values(text)
        .remove(key)
        .map(|value| value.to_lowercase()))
}

fn zone(ask: &Ask<'_>) -> Verdict {
    if !is_active(ask)? {
        return Ok(pass("firewalld is not active"));
    }
    if ask.engine().is_ok_and(|release| release.major < 27) {
        return Ok(info(
            "firewalld is active, and this engine has no policy of its own for it",
        ));
    }
    let found = ask
        .view(Scope::Engine, "firewalld", |view| &view.firewalld)?
        .cloned()
        .unwrap_or_default();
    let policy = found.policies.iter().any(|policy| policy == POLICY);
    let zone = &found.zone_of_bridges;
    Ok(if zone == "docker" && policy {
        pass("the engine's bridges are in their zone, and its policy is there")
    } else if policy {
        warn(format!("the engine's bridges are in zone `{zone}`")).values(zone, "docker")
    } else {
        warn(format!(
            "firewalld has no policy {POLICY}: it started or reloaded after the engine"
        ))
        .values("no policy", POLICY)
    })
}

fn rpfilter(ask: &Ask<'_>) -> Verdict {
    if !is_active(ask)? {
        return Ok(pass("firewalld is not active"));
    }
    let value = setting(ask, "IPv6_rpfilter")?.unwrap_or_else(|| "yes".to_owned());
    let strict = matches!(value.as_str(), "yes" | "true" | "strict");
    let bridged = ask.sysctl("net.bridge.bridge-nf-call-ip6tables")? == Some(1);
    Ok(if strict && bridged {
        warn(format!(
            "IPv6_rpfilter={value} drops what nodes say to each other over IPv6"
        ))
        .values(value, "loose")
    } else {
        pass(format!(
            "IPv6_rpfilter={value} does not see bridges, or is not strict"
        ))
    })
}

fn strict_forward(ask: &Ask<'_>) -> Verdict {
    if !is_active(ask)? {
        return Ok(pass("firewalld is not active"));
    }
    let value = setting(ask, "StrictForwardPorts")?.unwrap_or_else(|| "no".to_owned());
    Ok(if assignments::is_yes(&value) {
        fail("firewalld refuses ports that the engine publishes (StrictForwardPorts)")
            .values(value, "no")
    } else {
        pass("published ports are let through")
    })
}
