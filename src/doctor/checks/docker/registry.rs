//! Registries without TLS.

use semver::Version;
use serde_json::Value;

use super::{super::prelude::*, BASE, key};
use crate::net::{Cidr, IpFamily};

pub(super) const CHECKS: &[Check] = &[Check {
    id: "docker-insecure-registry-loopback",
    title: "Registries on loopback addresses",
    ceiling: Ceiling([W, W, W]),
    per_target: &[(Target::Gardener, Ceiling([F, F, F]))],
    reads: "the release, the key `insecure-registries`",
    rule: "since 29.10 a list that does not cover the local registry warns, and fails where one is started; \
           before that, a list is told",
    why: "since 29.10 the list replaces the exception for loopback addresses instead of adding to it: pushes to localhost fail with a TLS error",
    remedies: &key("add `127.0.0.0/8` and `::1/128` to `insecure-registries`"),
    run: loopback,
    ..BASE
}];

/// First release whose list replaces the exception.
const REPLACES: Version = Version::new(29, 10, 0);
/// Names that the local registry is known by, with its port.
const REGISTRIES: [&str; 3] = [
    "localhost:5001",
    "registry.local.gardener.cloud:5001",
    "127.0.0.1:5001",
];

fn loopback(ask: &Ask<'_>) -> Verdict {
    if ask.provider() == Provider::Podman {
        return skip("Podman has other rules for registries");
    }
    let Some(value) = ask.daemon_key("insecure-registries")? else {
        return Ok(pass("loopback addresses need no TLS"));
    };
    let entries: Vec<&str> = match &value {
        Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
        other => other.as_str().into_iter().collect(),
    };
    let version = ask.engine()?;
    if version < REPLACES {
        return Ok(info(format!(
            "insecure-registries is set; from Docker {REPLACES} on it has to name loopback addresses as well"
        )));
    }
    if entries.iter().any(|entry| covers(entry)) {
        return Ok(pass("insecure-registries covers loopback addresses"));
    }
    let list = if entries.is_empty() {
        "nothing".to_owned()
    } else {
        entries.join(", ")
    };
    let text = format!(
        "insecure-registries names {list}, so that registries on loopback addresses need TLS"
    );
    let planned = ask.is_gardener() || ask.plan().local_registry;
    let finding = if planned { fail(text) } else { warn(text) };
    Ok(finding.values(list, "127.0.0.0/8, ::1/128"))
}

/// The engine takes a registry when any of its addresses is in the list, or its name.
fn covers(entry: &str) -> bool {
    let loopbacks = [IpFamily::V4.loopback(), IpFamily::V6.loopback()];
    match entry.parse::<Cidr>() {
        Ok(cidr) => loopbacks.iter().any(|address| cidr.contains(*address)),
        Err(_) => REGISTRIES.contains(&entry) || entry == "[::1]:5001",
    }
}
