//! Virtual machines that carry the engine on a Mac.

mod provider;
mod reach;

use super::prelude::*;

pub(super) use provider::has_ipv6 as provider_has_ipv6;

pub(super) const CHECKS: &[&[Check]] = &[provider::CHECKS, reach::CHECKS];

const BASE: Check = Check {
    group: Group::Macos,
    platforms: MACOS,
    scope: Scope::Engine,
    ..Check::BASE
};
