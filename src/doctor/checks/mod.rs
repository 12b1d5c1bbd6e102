//! The checks, one folder per group and one file per topic. A file holds what its checks are and
//! the rules that they apply.

mod addressing;
mod cgroups;
mod containers;
mod docker;
mod firewall;
mod kernel;
mod macos;
mod network;
mod platform;
mod ports;
mod prelude;
mod proxies;
mod resources;
mod security;
mod sysctl;
mod tools;
mod wsl;

use super::catalogue::Check;

/// The checks of each group, by topic.
pub(super) const GROUPS: &[&[&[Check]]] = &[
    platform::CHECKS,
    docker::CHECKS,
    network::CHECKS,
    sysctl::CHECKS,
    kernel::CHECKS,
    cgroups::CHECKS,
    firewall::CHECKS,
    addressing::CHECKS,
    ports::CHECKS,
    resources::CHECKS,
    security::CHECKS,
    tools::CHECKS,
    proxies::CHECKS,
    wsl::CHECKS,
    macos::CHECKS,
    containers::CHECKS,
];
