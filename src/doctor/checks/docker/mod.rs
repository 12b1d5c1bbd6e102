//! How the engine deals with IPv6 and packet filters.

mod filtering;
mod forwarding;
mod ipv6;
mod mtu;
mod pools;
mod registry;
mod resolver;

use super::prelude::*;

pub(super) use mtu::uplink_mtu;
pub(super) use resolver::configured as configured_resolvers;

pub(super) const CHECKS: &[&[Check]] = &[
    filtering::CHECKS,
    ipv6::CHECKS,
    pools::CHECKS,
    forwarding::CHECKS,
    registry::CHECKS,
    resolver::CHECKS,
    mtu::CHECKS,
];

const BASE: Check = Check {
    group: Group::Docker,
    scope: Scope::Engine,
    fix: FixClass::Restart,
    engine: EngineNeed::Needed,
    ..Check::BASE
};

/// Where the configuration is edited, by provider.
const EDIT_CONFIGURATION: [Remedy; 3] = [
    Remedy::provider(
        Provider::Desktop,
        "change the key in Settings → Docker Engine and apply",
        &[],
    ),
    Remedy::provider(
        Provider::Colima,
        "change the key in the `docker:` map of colima.yaml and restart",
        &["colima start --edit", "colima restart"],
    ),
    Remedy::provider(
        Provider::Orbstack,
        "change the key in ~/.orbstack/config/docker.json and restart the engine",
        &["orb restart docker"],
    ),
];

const RESTART: &[&str] = &[
    "sudo editor /etc/docker/daemon.json",
    "sudo systemctl restart docker",
];

/// A remedy that is one key of the configuration, with the places to change it.
const fn key(text: &'static str) -> [Remedy; 4] {
    let [desktop, colima, orbstack] = EDIT_CONFIGURATION;
    [Remedy::any(text, RESTART), desktop, colima, orbstack]
}
