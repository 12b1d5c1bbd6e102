//! Loopback addresses and the names that lead there.

use std::net::{IpAddr, Ipv6Addr};

use super::{super::prelude::*, BASE};
use crate::{
    doctor::parse::{gai, hosts_file},
    net::Cidr,
};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "loopback-v6",
        title: "The address ::1",
        ceiling: Ceiling([F, W, N]),
        fix: FixClass::Root,
        reads: "the addresses of lo (lo0 on a Mac)",
        rule: "missing fails; without IPv6 in the kernel it is skipped",
        why: "the API server, the registry and forwarded ports are there",
        remedies: &[
            Remedy::any(
                "switch IPv6 on for loopback and add the address if it does not come back",
                &[
                    "sudo sysctl -w net.ipv6.conf.lo.disable_ipv6=0",
                    "sudo ip -6 addr add ::1/128 dev lo",
                ],
            ),
            Remedy::platform(
                Platform::Macos,
                "add the address to loopback",
                &["sudo ifconfig lo0 inet6 ::1 prefixlen 128 alias"],
            ),
        ],
        run: loopback,
        ..BASE
    },
    Check {
        id: "hosts-localhost-v6",
        title: "The name localhost over IPv6",
        ceiling: Ceiling([W, I, N]),
        fix: FixClass::Root,
        reads: "`/etc/hosts`",
        rule: "no line of ::1 that names localhost or ip6-localhost, and a localhost that is not loopback, warn",
        why: "whether `localhost:5001` is tried over IPv6 is decided here; programs that read the file themselves know no other source",
        remedies: &[Remedy::any(
            "add the line",
            &["echo '::1 localhost' | sudo tee -a /etc/hosts"],
        )],
        run: localhost,
        ..BASE
    },
    Check {
        id: "gai-conf",
        title: "The order of addresses",
        platforms: LINUX_AND_WSL,
        ceiling: Ceiling([W, W, N]),
        reads: "`/etc/gai.conf`",
        rule: "no line passes; the one that prefers IPv4 is told; a table that lacks entries of the built-in one warns",
        why: "one line replaces the whole built-in table: addresses are tried in an order that nobody meant",
        remedies: &[Remedy::any(
            "write the complete table with the change, or restore the file of the package",
            &["sudo editor /etc/gai.conf"],
        )],
        link: Some("https://www.rfc-editor.org/rfc/rfc6724"),
        run: gai_conf,
        ..BASE
    },
];

fn loopback(ask: &Ask<'_>) -> Verdict {
    if ask.platform() != Platform::Macos {
        ask.need_kernel_ipv6()?;
    }
    let device = if ask.platform() == Platform::Macos {
        "lo0"
    } else {
        "lo"
    };
    let addresses = ask.view(Scope::Host, "addrs6", |view| &view.addrs6)?;
    let own = addresses.and_then(|addresses| addresses.get(device));
    let there = own
        .into_iter()
        .flatten()
        .any(|address| address.address == IpAddr::V6(Ipv6Addr::LOCALHOST));
    Ok(if there {
        pass(format!("::1 is on {device}"))
    } else {
        fail(format!("::1 is not on {device}: nothing can listen there"))
            .values("missing", "::1/128")
    })
}

fn localhost(ask: &Ask<'_>) -> Verdict {
    let text = ask.file(Scope::Host, "/etc/hosts")?.unwrap_or_default();
    let entries = hosts_file::entries(text);
    let astray = hosts_file::addresses_of(&entries, "localhost")
        .into_iter()
        .find(|address| {
            let link_local =
                matches!(address, IpAddr::V6(address) if address.is_unicast_link_local());
            !address.is_loopback() && !link_local
        });
    if let Some(address) = astray {
        return Ok(warn(format!("/etc/hosts maps localhost to {address}"))
            .values(address, "::1, 127.0.0.1"));
    }
    let named = entries.iter().any(|entry| {
        entry.address == IpAddr::V6(Ipv6Addr::LOCALHOST)
            && (entry.names("localhost") || entry.names("ip6-localhost"))
    });
    Ok(if named {
        pass("/etc/hosts maps localhost to ::1")
    } else {
        warn("/etc/hosts has no line of ::1 for localhost").values("no line", "::1 localhost")
    })
}

/// glibc's tables (`getaddrinfo`, RFC 3484 with the additions of RFC 4193 and RFC 4380).
const PRECEDENCE: [&str; 5] = ["::1/128", "::/0", "2002::/16", "::/96", "::ffff:0:0/96"];
const LABEL: [&str; 8] = [
    "::1/128",
    "::/0",
    "2002::/16",
    "::/96",
    "::ffff:0:0/96",
    "fec0::/10",
    "fc00::/7",
    "2001::/32",
];
/// IPv4 addresses in the table.
const MAPPED: &str = "::ffff:0:0/96";

fn gai_conf(ask: &Ask<'_>) -> Verdict {
    let text = ask.file(Scope::Host, "/etc/gai.conf")?.unwrap_or_default();
    let lines = gai::lines(text);
    let cidr = |text: &str| text.parse::<Cidr>().ok();
    if let [only] = lines.as_slice()
        && only.table == "precedence"
        && cidr(&only.prefix) == cidr(MAPPED)
    {
        return Ok(info(format!(
            "IPv4 is preferred on purpose (precedence {} {})",
            only.prefix, only.value
        )));
    }
    for (table, wanted) in [("precedence", &PRECEDENCE[..]), ("label", &LABEL[..])] {
        let own: Vec<Option<Cidr>> = lines
            .iter()
            .filter(|line| line.table == table)
            .map(|line| cidr(&line.prefix))
            .collect();
        let missing = wanted.iter().find(|prefix| !own.contains(&cidr(prefix)));
        if let Some(missing) = missing.filter(|_| !own.is_empty()) {
            return Ok(warn(format!(
                "the {table} lines replace the built-in table and leave {missing} out"
            ))
            .values(
                format!("{} lines", own.len()),
                format!("{} lines or none", wanted.len()),
            ));
        }
    }
    Ok(pass("the built-in tables hold, or whole ones replace them"))
}
