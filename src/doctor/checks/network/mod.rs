//! The network of the nodes, and the plan.

mod api_address;
mod clusters;
mod node_network;
mod overlap;

use super::prelude::*;

pub(super) const CHECKS: &[&[Check]] = &[
    node_network::CHECKS,
    overlap::CHECKS,
    clusters::CHECKS,
    api_address::CHECKS,
];

const BASE: Check = Check {
    group: Group::Network,
    scope: Scope::Engine,
    fix: FixClass::Safe,
    engine: EngineNeed::Needed,
    ..Check::BASE
};
