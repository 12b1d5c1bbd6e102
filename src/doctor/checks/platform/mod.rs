//! The platform, and the engine as such.

mod complaints;
mod daemon_file;
mod reach;
mod runtime;
mod storage;
mod system;
mod version;

use super::prelude::*;

pub(super) const CHECKS: &[&[Check]] = &[
    system::CHECKS,
    reach::CHECKS,
    version::CHECKS,
    daemon_file::CHECKS,
    storage::CHECKS,
    runtime::CHECKS,
    complaints::CHECKS,
];

const BASE: Check = Check {
    group: Group::Platform,
    ..Check::BASE
};

/// A check that asks the engine.
const ENGINE: Check = Check {
    scope: Scope::Engine,
    engine: EngineNeed::Needed,
    ..BASE
};
