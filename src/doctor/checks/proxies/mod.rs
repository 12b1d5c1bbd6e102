//! Proxies.

mod engine;
mod environment;

use super::prelude::*;

pub(super) const CHECKS: &[&[Check]] = &[environment::CHECKS, engine::CHECKS];

const BASE: Check = Check {
    group: Group::Proxies,
    ceiling: Ceiling([W, W, W]),
    ..Check::BASE
};
