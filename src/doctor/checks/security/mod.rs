//! Mandatory access control.

mod labels;

use super::prelude::*;

pub(super) const CHECKS: &[&[Check]] = &[labels::CHECKS];

const BASE: Check = Check {
    group: Group::Security,
    scope: Scope::Engine,
    ceiling: Ceiling([W, W, W]),
    ..Check::BASE
};
