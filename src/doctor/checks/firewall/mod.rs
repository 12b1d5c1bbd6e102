//! Packet filters of the host. Reading rules takes root's rights; without them the answer is
//! unknown, never good.

mod firewalld;
mod iptables;
mod others;

use super::prelude::*;

pub(super) const CHECKS: &[&[Check]] = &[iptables::CHECKS, firewalld::CHECKS, others::CHECKS];

const BASE: Check = Check {
    group: Group::Firewall,
    platforms: LINUX,
    scope: Scope::Engine,
    ..Check::BASE
};
