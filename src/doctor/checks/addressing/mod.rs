//! Addresses of the host, names, and the way out.

mod gardener;
mod loopback;
mod online;
mod plan;
mod resolvers;
mod uplink;
mod vpn;

use super::prelude::*;

pub(super) use gardener::wsl_writes_resolv_conf;

pub(super) const CHECKS: &[&[Check]] = &[
    loopback::CHECKS,
    gardener::CHECKS,
    resolvers::CHECKS,
    uplink::CHECKS,
    online::CHECKS,
    vpn::CHECKS,
    plan::CHECKS,
];

const BASE: Check = Check {
    group: Group::Addressing,
    ..Check::BASE
};
