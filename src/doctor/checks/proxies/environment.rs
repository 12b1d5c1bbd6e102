//! Proxies of the environment, which kind copies into nodes.

use std::net::{IpAddr, Ipv6Addr};

use super::{super::prelude::*, BASE};
use crate::net::{Cidr, IpFamily};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "proxy-env",
        title: "Proxy variables",
        fix: FixClass::None,
        reads: "HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY in both spellings",
        rule: "none passes, some are told; two spellings that differ, a proxy on a loopback address and an IPv6 address without brackets warn",
        why: "kind copies them into every node, where loopback is the node itself",
        remedies: &[Remedy::any(
            "give the proxy an address that containers reach, and make both spellings equal",
            &["export HTTPS_PROXY=http://PROXY:3128 https_proxy=http://PROXY:3128"],
        )],
        run: variables,
        ..BASE
    },
    Check {
        id: "no-proxy-ipv6",
        title: "What bypasses the proxy",
        fix: FixClass::Safe,
        reads: "NO_PROXY, the planned ranges",
        rule: "beside a proxy, a list without localhost, ::1, the cluster's names and the ranges of the wanted families warns, and so do IPv6 addresses in brackets",
        why: "requests to the cluster end at the proxy; not every program understands ranges, so names belong there as well",
        remedies: &[Remedy::any(
            "export the list that is shown",
            &["export NO_PROXY=LIST no_proxy=LIST"],
        )],
        run: bypass,
        ..BASE
    },
];

const PROXIES: [(&str, &str); 3] = [
    ("HTTP_PROXY", "http_proxy"),
    ("HTTPS_PROXY", "https_proxy"),
    ("ALL_PROXY", "all_proxy"),
];
const BYPASS: (&str, &str) = ("NO_PROXY", "no_proxy");

/// The value of a variable in either spelling.
fn either<'a>(ask: &Ask<'a>, names: (&str, &str)) -> Result<Option<&'a str>, Gap> {
    Ok(ask.env(names.0)?.or(ask.env(names.1)?))
}

fn variables(ask: &Ask<'_>) -> Verdict {
    let mut set = Vec::new();
    for names in PROXIES {
        if let Some(value) = either(ask, names)? {
            set.push((names.0, value));
        }
    }
    if set.is_empty() {
        return Ok(pass("no proxy is set"));
    }
    for names in PROXIES.into_iter().chain([BYPASS]) {
        if let (Some(upper), Some(lower)) = (ask.env(names.0)?, ask.env(names.1)?)
            && upper != lower
        {
            return Ok(warn(format!(
                "{} and {} differ: programs choose differently",
                names.0, names.1
            ))
            .values(lower, upper));
        }
    }
    for (name, value) in &set {
        let host = host_of(value);
        if host.parse::<Ipv6Addr>().is_ok() && !value.contains('[') {
            return Ok(warn(format!("{name} has an IPv6 address without brackets"))
                .values(value, "http://[ADDRESS]:PORT"));
        }
        let loopback = host
            .parse::<IpAddr>()
            .map_or(host == "localhost", |address| address.is_loopback());
        if loopback {
            return Ok(warn(format!(
                "{name} is on a loopback address ({host}), which in a node is the node itself"
            ))
            .values(value, "an address that containers reach"));
        }
    }
    let names: Vec<&str> = set.iter().map(|(name, _)| *name).collect();
    Ok(info(format!(
        "{} is set and copied into nodes",
        names.join(", ")
    )))
}

/// The host of a proxy: without scheme, user, port and path.
fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.split('/').next().unwrap_or(rest);
    let rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    if let Some(inner) = rest.strip_prefix('[') {
        return inner.split(']').next().unwrap_or(inner);
    }
    if rest.parse::<Ipv6Addr>().is_ok() {
        return rest;
    }
    // An address without brackets in front of a port has more than one colon.
    match rest.rsplit_once(':') {
        Some((host, port))
            if !host.contains(':') || port.len() > 4 || host.parse::<Ipv6Addr>().is_ok() =>
        {
            host
        }
        _ => rest,
    }
}

/// Names that never go through a proxy.
const NAMES: [&str; 3] = ["localhost", ".svc", ".cluster.local"];

fn bypass(ask: &Ask<'_>) -> Verdict {
    let mut proxied = false;
    for names in PROXIES {
        proxied |= either(ask, names)?.is_some();
    }
    if !proxied {
        return Ok(pass("no proxy is set"));
    }
    let list = either(ask, BYPASS)?.unwrap_or_default();
    let entries: Vec<&str> = list
        .split(',')
        .map(str::trim)
        .filter(|entry| !entry.is_empty())
        .collect();
    let wanted = wanted(ask);
    if let Some(entry) = entries.iter().find(|entry| entry.starts_with('[')) {
        return Ok(complete(
            warn(format!(
                "NO_PROXY has {entry} in brackets, which most programs do not match"
            )),
            list,
            &wanted,
        ));
    }
    let covered = |wanted: &String| {
        entries.contains(&wanted.as_str())
            || entries.contains(&wanted.trim_start_matches('.'))
            || wanted
                .parse::<Cidr>()
                .is_ok_and(|range| entries.iter().any(|entry| holds(entry, range)))
    };
    Ok(match wanted.iter().find(|wanted| !covered(wanted)) {
        Some(missing) => complete(
            warn(format!("NO_PROXY leaves {missing} out")),
            list,
            &wanted,
        ),
        None => pass("the cluster bypasses the proxy"),
    })
}

fn holds(entry: &str, range: Cidr) -> bool {
    entry
        .parse::<Cidr>()
        .is_ok_and(|entry| entry.contains_cidr(range))
}

fn complete(
    finding: crate::doctor::finding::Finding,
    list: &str,
    wanted: &[String],
) -> crate::doctor::finding::Finding {
    let all = wanted.join(",");
    finding
        .values(list, &all)
        .command(format!("export NO_PROXY={all} no_proxy={all}"))
}

/// Names, loopback addresses and ranges of the wanted families.
fn wanted(ask: &Ask<'_>) -> Vec<String> {
    let ranges = ask.ranges();
    let mut wanted: Vec<String> = NAMES.map(str::to_owned).to_vec();
    for family in [IpFamily::V4, IpFamily::V6] {
        if ask.profile().has(family) {
            wanted.push(family.loopback().to_string());
            let own = ranges.nodes.iter().copied().chain(ranges.inner());
            wanted.extend(
                own.filter(|range| range.family() == family)
                    .map(|range| range.to_string()),
            );
        }
    }
    wanted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_of_a_proxy_is_found_in_every_spelling() {
        for (url, host) in [
            ("http://proxy.example:3128", "proxy.example"),
            ("http://user:secret@127.0.0.1:3128/", "127.0.0.1"),
            ("http://[fd00::1]:3128", "fd00::1"),
            ("socks5://localhost", "localhost"),
            ("fd00::1", "fd00::1"),
            ("proxy:80", "proxy"),
        ] {
            assert_eq!(host_of(url), host, "{url}");
        }
    }
}
