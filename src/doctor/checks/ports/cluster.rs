//! Ports of the cluster itself.

use super::{super::prelude::*, BASE, blocks, is_wildcard, listeners, shown};
use crate::{doctor::facts::Protocol, net::IpFamily};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "port-api-server",
        title: "Planned ports",
        reads: "the planned port of the API server and other published ports, listening sockets",
        rule: "a planned port that somebody has on all addresses, or on the planned one, fails; port 0 passes",
        why: "the engine notices when node images are pulled and a container is half made",
        remedies: &[Remedy::any(
            "stop the program, or let the engine choose (port 0)",
            &["sudo ss -lntup"],
        )],
        run: api_server,
        ..BASE
    },
    Check {
        id: "port-mini-lab",
        title: "Ports of mini-lab",
        platforms: LINUX,
        needs: &[Need::MiniLab],
        reads: "sockets on ports 6443, 4443, 4150 and 8080",
        rule: "one of them on all addresses fails",
        why: "mini-lab publishes them on all IPv4 addresses",
        remedies: &[Remedy::any("stop the program", &["sudo ss -lntup"])],
        run: mini_lab,
        ..BASE
    },
];

fn api_server(ask: &Ask<'_>) -> Verdict {
    let plan = ask.plan();
    let family = if ask.profile().has_ipv6() {
        IpFamily::V6
    } else {
        IpFamily::V4
    };
    let planned = plan.api_addr.as_deref().and_then(|text| text.parse().ok());
    let address = planned.unwrap_or_else(|| family.loopback());
    let ports = plan
        .host_ports
        .iter()
        .chain([&plan.api_port])
        .copied()
        .filter(|port| *port != 0);
    let mut busy = Vec::new();
    for port in ports {
        let own = listeners(ask, port)?.into_iter();
        busy.extend(
            own.filter(|listener| listener.protocol == Protocol::Tcp && blocks(listener, address))
                .map(shown),
        );
    }
    Ok(match busy.first() {
        Some(first) => fail(format!("{first} is taken")).values(busy.join(", "), "free"),
        None => pass("planned ports are free, or chosen by the engine"),
    })
}

/// Ports that mini-lab publishes.
const MINI_LAB: [u16; 4] = [6443, 4443, 4150, 8080];

fn mini_lab(ask: &Ask<'_>) -> Verdict {
    let mut busy = Vec::new();
    for port in MINI_LAB {
        let own = listeners(ask, port)?.into_iter();
        busy.extend(
            own.filter(|listener| listener.protocol == Protocol::Tcp && is_wildcard(listener))
                .map(shown),
        );
    }
    Ok(match busy.first() {
        Some(first) => fail(format!("{first} is taken")).values(busy.join(", "), "free"),
        None => pass("mini-lab's ports are free"),
    })
}
