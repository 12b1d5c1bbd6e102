//! Resolvers that the engine hands to containers.

use std::net::IpAddr;

use serde_json::Value;

use super::{super::prelude::*, BASE, key};

pub(super) const CHECKS: &[Check] = &[Check {
    id: "docker-daemon-dns",
    title: "Resolvers of containers",
    ceiling: Ceiling([W, W, W]),
    reads: "the key `dns`",
    rule: "a loopback or link-local address warns; for IPv6, a list without an IPv6 address is told",
    why: "what nodes and, through CoreDNS, pods ask for external names comes from here",
    remedies: &key(
        "list resolvers that containers can reach, one per family, and no loopback addresses",
    ),
    run: dns,
    ..BASE
}];

/// The resolvers of the configuration, without zones.
pub(in crate::doctor::checks) fn configured(ask: &Ask<'_>) -> Result<Vec<IpAddr>, Gap> {
    let value = ask.daemon_key("dns")?;
    let texts: Vec<&str> = match &value {
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(text)) => vec![text],
        _ => Vec::new(),
    };
    let bare = texts
        .iter()
        .map(|text| text.split('%').next().unwrap_or(text));
    Ok(bare.filter_map(|text| text.parse().ok()).collect())
}

fn is_local(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_loopback() || address.is_link_local(),
        IpAddr::V6(address) => address.is_loopback() || address.is_unicast_link_local(),
    }
}

fn dns(ask: &Ask<'_>) -> Verdict {
    let servers = configured(ask)?;
    if let Some(local) = servers.iter().find(|address| is_local(address)) {
        return Ok(
            warn(format!("containers cannot reach the resolver {local}"))
                .values(local, "an address of the network"),
        );
    }
    let only_ipv4 = !servers.is_empty() && servers.iter().all(IpAddr::is_ipv4);
    Ok(if ask.profile() == Profile::Ipv6 && only_ipv4 {
        info("all resolvers of containers have IPv4 addresses")
    } else {
        pass(format!("{} resolvers are configured", servers.len()))
    })
}
