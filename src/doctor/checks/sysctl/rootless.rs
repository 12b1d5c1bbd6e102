//! What a rootless engine may do.

use super::{super::prelude::*, BASE, set, write};
use crate::doctor::facts::Component;

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "unprivileged-port-start",
        title: "Low ports for a rootless engine",
        ceiling: Ceiling([W, W, W]),
        needs: &[Need::Rootless],
        reads: "`net.ipv4.ip_unprivileged_port_start`, the planned ports",
        rule: "above the lowest planned port warns",
        why: "a rootless engine binds ports with the rights of its user, in both families",
        remedies: &set(
            "set it to the lowest port that is planned, or choose higher ones",
            &["sudo sysctl -w net.ipv4.ip_unprivileged_port_start=53"],
        ),
        run: port_start,
        ..BASE
    },
    Check {
        id: "apparmor-userns-restriction",
        title: "User namespaces under AppArmor",
        platforms: LINUX,
        needs: &[Need::Rootless],
        reads: "`kernel.apparmor_restrict_unprivileged_userns`, the profile of rootlesskit, the network driver",
        rule: "1 fails without a profile, and warns with pasta as network driver",
        why: "Ubuntu since 23.10 takes rights from user namespaces of programs without a profile",
        remedies: &[Remedy::any(
            "install a profile for rootlesskit rather than lifting the restriction",
            &[
                "sudo editor /etc/apparmor.d/rootlesskit",
                "sudo systemctl restart apparmor",
            ],
        )],
        link: Some("https://docs.docker.com/engine/security/rootless/"),
        run: apparmor,
        ..BASE
    },
];

/// The name server of Gardener's local setup.
const DNS: u16 = 53;
/// First port that every user may bind.
const FIRST_FREE: u16 = 1024;

fn port_start(ask: &Ask<'_>) -> Verdict {
    let key = "net.ipv4.ip_unprivileged_port_start";
    let plan = ask.plan();
    let own = plan.host_ports.iter().chain([&plan.api_port]).copied();
    let lowest = own
        .filter(|port| *port != 0)
        .chain(ask.is_gardener().then_some(DNS))
        .filter(|port| *port < FIRST_FREE)
        .min();
    let (Some(start), Some(lowest)) = (ask.sysctl(key)?, lowest) else {
        return Ok(pass("no low port is planned"));
    };
    Ok(if start > i64::from(lowest) {
        warn(format!(
            "port {lowest} is planned, and the engine's user may bind ports from {start} on"
        ))
        .values(start, lowest)
        .command(write(key, lowest.into()))
    } else {
        pass(format!("the engine's user may bind ports from {start} on"))
    })
}

fn apparmor(ask: &Ask<'_>) -> Verdict {
    if ask.sysctl("kernel.apparmor_restrict_unprivileged_userns")? != Some(1) {
        return Ok(pass("user namespaces are not restricted"));
    }
    if ask
        .file(Scope::Host, "/etc/apparmor.d/rootlesskit")?
        .is_none()
    {
        return Ok(
            fail("user namespaces are restricted, and rootlesskit has no profile")
                .values("no profile", "/etc/apparmor.d/rootlesskit"),
        );
    }
    let version = ask.engine_version()?;
    let pasta = matches!(
        version.components.get("rootlesskit"),
        Some(Component::Rootless(kit)) if kit.network_driver == "pasta"
    );
    Ok(if pasta {
        warn("user namespaces are restricted, and pasta needs a profile of its own")
    } else {
        pass("rootlesskit has a profile")
    })
}
