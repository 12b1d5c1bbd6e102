//! The Windows Subsystem for Linux.

mod kernel;
mod setup;

use super::prelude::*;

pub(super) const CHECKS: &[&[Check]] = &[setup::CHECKS, kernel::CHECKS];

const BASE: Check = Check {
    group: Group::Wsl,
    platforms: WSL,
    ..Check::BASE
};
