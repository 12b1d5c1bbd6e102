//! Ports of what runs beside the cluster.

use super::{super::prelude::*, BASE, is_wildcard, listeners, shown};
use crate::doctor::facts::Listener;

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "port-registry",
        title: "The registry's port",
        reads: "sockets on port 5001; on a Mac on port 5000 as well",
        rule: "5001 in foreign hands fails where a local registry is planned, and is skipped otherwise; a container that publishes it is told, \
               and so is AirPlay on port 5000 of a Mac",
        why: "a foreign registry answers with other content instead of an error",
        remedies: &[
            Remedy::any(
                "stop the program, or choose another port for the registry",
                &["sudo ss -lntp 'sport = :5001'"],
            ),
            Remedy::platform(
                Platform::Macos,
                "stop the program, or switch AirPlay Receiver off in System Settings",
                &["lsof -nP -iTCP:5001 -sTCP:LISTEN"],
            ),
        ],
        run: registry,
        ..BASE
    },
    Check {
        id: "port-dns-53",
        title: "Port 53",
        needs: &[Need::Gardener],
        reads: "sockets on port 53, both protocols",
        rule: "one on all addresses fails; those on single addresses pass",
        why: "the landscape's name server has addresses of its own on loopback, which a socket on all addresses takes",
        remedies: &[Remedy::any(
            "bind the other server to single addresses (dnsmasq: bind-interfaces and listen-address)",
            &["sudo ss -lnutp 'sport = :53'"],
        )],
        run: dns,
        ..BASE
    },
    Check {
        id: "port-ingress",
        title: "Ports 80 and 443",
        ceiling: Ceiling([W, W, W]),
        reads: "sockets on ports 80 and 443, the planned ports",
        rule: "one on all addresses warns where the ports are planned or Gardener is, and is skipped otherwise",
        why: "load balancers publish on loopback addresses with these ports",
        remedies: &[Remedy::any(
            "let the other server listen on single addresses, or plan other ports",
            &["sudo ss -lntp"],
        )],
        run: ingress,
        ..BASE
    },
];

/// Programs that publish ports of containers.
const PUBLISHERS: [&str; 3] = ["docker-proxy", "rootlesskit", "com.docker"];

fn is_published(listener: &Listener) -> bool {
    let process = listener.process.as_deref();
    process.is_some_and(|process| PUBLISHERS.iter().any(|name| process.starts_with(name)))
}

fn registry(ask: &Ask<'_>) -> Verdict {
    let airplay = ask.platform() == Platform::Macos && !listeners(ask, 5000)?.is_empty();
    let planned = ask.is_gardener() || ask.plan().local_registry;
    let busy = listeners(ask, 5001)?;
    if let Some(first) = busy.first().filter(|_| planned) {
        let words = shown(first);
        return Ok(if busy.iter().all(|listener| is_published(listener)) {
            info(format!(
                "{words} is published by a container, which should be the local registry"
            ))
        } else {
            fail(format!("{words} is taken")).values(words, "free, or the local registry")
        });
    }
    if airplay {
        return Ok(info("port 5000 is taken, as macOS does for AirPlay"));
    }
    if planned {
        Ok(pass("port 5001 is free"))
    } else {
        skip("no local registry is planned")
    }
}

fn dns(ask: &Ask<'_>) -> Verdict {
    let all = listeners(ask, 53)?;
    Ok(match all.iter().find(|listener| is_wildcard(listener)) {
        Some(listener) => fail(format!("{} takes all addresses", shown(listener)))
            .values(shown(listener), "single addresses"),
        None => pass("nobody has port 53 on all addresses"),
    })
}

fn ingress(ask: &Ask<'_>) -> Verdict {
    let ports = [80, 443];
    let planned = ports
        .iter()
        .any(|port| ask.plan().host_ports.contains(port));
    if !planned && !ask.is_gardener() {
        return skip("nothing is planned on ports 80 and 443");
    }
    for port in ports {
        if let Some(listener) = listeners(ask, port)?
            .into_iter()
            .find(|listener| is_wildcard(listener))
        {
            return Ok(warn(format!("{} takes all addresses", shown(listener)))
                .values(shown(listener), "single addresses"));
        }
    }
    Ok(pass("nobody has ports 80 and 443 on all addresses"))
}
