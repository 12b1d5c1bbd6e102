//! Numbers of VRFs.

use std::collections::BTreeSet;

use super::{Network, NetworkError};
use crate::ipam::state::State;

/// The last number; the first is 1.
const LAST: u32 = 131_072;

/// Checks a number that was asked for.
pub(super) fn check(state: &State, vrf: u32, shared: bool) -> Result<u32, NetworkError> {
    if !(1..=LAST).contains(&vrf) {
        return Err(NetworkError::VrfOutOfRange { vrf });
    }
    let mut networks = state.networks().values();
    if !shared && networks.any(|network| network.vrf == Some(vrf)) {
        return Err(NetworkError::VrfTaken { vrf });
    }
    Ok(vrf)
}

/// The lowest number that no network has.
pub(super) fn next(state: &State) -> Result<u32, NetworkError> {
    let networks: Vec<&Network> = state.networks().values().collect();
    let taken: BTreeSet<u32> = networks.iter().filter_map(|network| network.vrf).collect();
    (1..=LAST)
        .find(|vrf| !taken.contains(vrf))
        .ok_or(NetworkError::NoVrfLeft)
}
