//! Names and addresses of Gardener's local setup.

use std::net::IpAddr;

use super::{super::prelude::*, BASE};
use crate::{
    doctor::{
        LOCAL_REGISTRY as REGISTRY,
        parse::{assignments, hosts_file},
    },
    net::Cidr,
};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "hosts-registry-entry",
        title: "The name of the local registry",
        ceiling: Ceiling([W, W, W]),
        fix: FixClass::Root,
        needs: &[Need::Gardener],
        reads: "`/etc/hosts`",
        rule: "anything but ::1 and 127.0.0.1 for registry.local.gardener.cloud warns",
        why: "references of images use this name on the host, in nodes and in builds alike",
        remedies: &[Remedy::any(
            "add both lines",
            &[
                "printf '127.0.0.1 registry.local.gardener.cloud\\n::1 registry.local.gardener.cloud\\n' | sudo tee -a /etc/hosts",
            ],
        )],
        run: registry,
        ..BASE
    },
    Check {
        id: "gardener-loopback-addresses",
        title: "Addresses of the load balancers",
        ceiling: Ceiling([W, W, W]),
        fix: FixClass::Root,
        needs: &[Need::Gardener],
        reads: "the addresses of loopback",
        rule: "none is told, because the start adds them, and warns on a Mac whose engine does not see its loopback; some of them warn",
        why: "the name server and the load balancers publish on them",
        remedies: &[
            Remedy::any(
                "add them, or let the start do it; they are gone after a restart",
                &[
                    "sudo ip addr add 172.18.255.53/32 dev lo",
                    "sudo ip addr add fd00:ff::53/128 dev lo",
                ],
            ),
            Remedy::platform(
                Platform::Macos,
                "add them to lo0 and to loopback inside the virtual machine",
                &[
                    "sudo ifconfig lo0 alias 172.18.255.53/32",
                    "sudo ifconfig lo0 inet6 fd00:ff::53 prefixlen 128 alias",
                ],
            ),
        ],
        run: loopback,
        ..BASE
    },
    Check {
        id: "gardener-dns-zone",
        title: "Names of the landscape",
        ceiling: Ceiling([W, W, W]),
        fix: FixClass::Root,
        needs: &[Need::Gardener],
        reads: "drop-ins of systemd-resolved; on a Mac `/etc/resolver/local.gardener.cloud`",
        rule: "a zone local.gardener.cloud that does not lead to 172.18.255.53 or fd00:ff::53 warns",
        why: "names of the API server and the dashboard are known to its own server only",
        remedies: &[
            Remedy::any(
                "send the zone there",
                &[
                    "printf '[Resolve]\\nDNS=172.18.255.53 fd00:ff::53\\nDomains=~local.gardener.cloud\\n' | sudo tee /etc/systemd/resolved.conf.d/90-garden6.conf",
                    "sudo systemctl restart systemd-resolved",
                ],
            ),
            Remedy::platform(
                Platform::Macos,
                "send the zone there",
                &[
                    "printf 'nameserver 172.18.255.53\\nnameserver fd00:ff::53\\n' | sudo tee /etc/resolver/local.gardener.cloud",
                ],
            ),
        ],
        run: zone,
        ..BASE
    },
    Check {
        id: "systemd-resolved",
        title: "A resolver that knows zones",
        platforms: LINUX_AND_WSL,
        ceiling: Ceiling([W, W, W]),
        needs: &[Need::Gardener],
        reads: "the state of systemd-resolved, `/etc/resolv.conf`",
        rule: "not active, or not asked by resolv.conf, warns",
        why: "sending one zone elsewhere is a feature of resolved; a plain resolv.conf ignores its drop-ins",
        remedies: &[Remedy::any(
            "start it, or send the zone with dnsmasq or unbound",
            &[
                "sudo systemctl enable --now systemd-resolved",
                "sudo ln -sf /run/systemd/resolve/stub-resolv.conf /etc/resolv.conf",
            ],
        )],
        run: resolved,
        ..BASE
    },
];

const ZONE: &str = "local.gardener.cloud";
const NAME_SERVERS: [&str; 2] = ["172.18.255.53", "fd00:ff::53"];

fn registry(ask: &Ask<'_>) -> Verdict {
    let text = ask.file(Scope::Host, "/etc/hosts")?.unwrap_or_default();
    let addresses = hosts_file::addresses_of(&hosts_file::entries(text), REGISTRY);
    let shown: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    let both = addresses.iter().any(IpAddr::is_ipv4) && addresses.iter().any(IpAddr::is_ipv6);
    let astray = addresses.iter().any(|address| !address.is_loopback());
    Ok(if both && !astray {
        pass(format!("{REGISTRY} is {}", shown.join(", ")))
    } else {
        let found = if shown.is_empty() {
            "nothing".to_owned()
        } else {
            shown.join(", ")
        };
        warn(format!("/etc/hosts maps {REGISTRY} to {found}")).values(found, "127.0.0.1, ::1")
    })
}

/// Addresses and ranges one address of which has to be there.
const LOAD_BALANCERS: [&str; 5] = [
    "172.18.255.53/32",
    "172.18.255.123/32",
    "172.18.255.224/27",
    "fd00:ff::53/128",
    "fd00:ff::e0/123",
];

fn loopback(ask: &Ask<'_>) -> Verdict {
    let mac = ask.platform() == Platform::Macos;
    let device = if mac { "lo0" } else { "lo" };
    let v4 = ask.view(Scope::Host, "addrs4", |view| &view.addrs4)?;
    let v6 = ask.view(Scope::Host, "addrs6", |view| &view.addrs6)?;
    let own: Vec<IpAddr> = [v4, v6]
        .into_iter()
        .flatten()
        .filter_map(|addresses| addresses.get(device))
        .flatten()
        .map(|address| address.address)
        .collect();
    let missing: Vec<&str> = LOAD_BALANCERS
        .into_iter()
        .filter(|text| {
            let wanted: Cidr = text.parse().expect("built-in prefixes are canonical");
            !own.iter().any(|address| wanted.contains(*address))
        })
        .collect();
    let mirrored = !mac || ask.provider() == Provider::Desktop;
    Ok(match missing.len() {
        0 => pass("all of them are there"),
        5 if mirrored => info(format!(
            "none of them is on {device} yet; the start adds them"
        )),
        5 => warn(format!(
            "none of them is on {device}, and {} does not see it",
            ask.provider()
        ))
        .values(
            "none",
            "172.18.255.53, fd00:ff::53 and the ranges of the load balancers",
        ),
        _ => warn(format!("{} is missing on {device}", missing.join(", "))).values("some", "all"),
    })
}

fn zone(ask: &Ask<'_>) -> Verdict {
    let (path, text) = if ask.platform() == Platform::Macos {
        let path = "/etc/resolver/local.gardener.cloud";
        (path, ask.file(Scope::Host, path)?)
    } else {
        let path = "/etc/systemd/resolved.conf.d";
        let text = ask.file(Scope::Host, path)?;
        (path, text.filter(|text| text.contains(ZONE)))
    };
    let leads = text.is_some_and(|text| NAME_SERVERS.iter().any(|server| text.contains(server)));
    Ok(if leads {
        pass(format!("{ZONE} leads to its own server"))
    } else {
        warn(format!("{ZONE} does not lead to its own server ({path})"))
            .values("not sent", NAME_SERVERS.join(", "))
    })
}

fn resolved(ask: &Ask<'_>) -> Verdict {
    let state = ask
        .service(Scope::Host, "systemd-resolved")?
        .unwrap_or("not installed");
    if state != "active" {
        return Ok(warn(format!("systemd-resolved is {state}")).values(state, "active"));
    }
    let servers = crate::doctor::parse::resolvers::resolv_conf(
        ask.file(Scope::Host, "/etc/resolv.conf")?
            .unwrap_or_default(),
    );
    let stub = servers
        .iter()
        .any(|server| matches!(server.as_str(), "127.0.0.53" | "127.0.0.54"));
    Ok(if stub {
        pass("resolv.conf asks systemd-resolved")
    } else {
        warn("resolv.conf does not ask systemd-resolved").values(servers.join(", "), "127.0.0.53")
    })
}

/// Whether WSL writes resolv.conf at each start.
pub(in crate::doctor::checks) fn wsl_writes_resolv_conf(wsl_conf: &str) -> bool {
    let key = ("network".to_owned(), "generateresolvconf".to_owned());
    let values = assignments::sections(wsl_conf);
    values
        .get(&key)
        .is_none_or(|value| assignments::is_yes(value))
}
