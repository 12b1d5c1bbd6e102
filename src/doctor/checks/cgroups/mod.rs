//! Control groups, namespaces, and engines without root's rights.

mod delegation;
mod hierarchy;
mod rootless;

use super::prelude::*;

pub(super) const CHECKS: &[&[Check]] = &[hierarchy::CHECKS, delegation::CHECKS, rootless::CHECKS];

const BASE: Check = Check {
    group: Group::Cgroups,
    scope: Scope::Engine,
    ..Check::BASE
};
