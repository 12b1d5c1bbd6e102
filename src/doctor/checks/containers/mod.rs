//! Engines inside containers, and CI.

mod engine;
mod environment;
mod privileges;

use super::prelude::*;

pub(super) const CHECKS: &[&[Check]] = &[environment::CHECKS, engine::CHECKS, privileges::CHECKS];

const BASE: Check = Check {
    group: Group::Containers,
    platforms: LINUX,
    ..Check::BASE
};
