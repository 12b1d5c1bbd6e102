//! Giving networks back.

use std::net::IpAddr;

use super::{Network, NetworkError};
use crate::{
    ipam::{
        engine::{DEFAULT_NAMESPACE, EngineError},
        state::{Change, State, Transaction},
    },
    net::Cidr,
};

pub(super) fn network(state: &State, id: &str) -> Result<Network, NetworkError> {
    let networks = state.networks();
    networks
        .get(id)
        .cloned()
        .ok_or_else(|| NetworkError::NetworkUnknown { id: id.to_owned() })
}

/// Gives the prefixes of an allocated network back to where they are from: all, or none while an
/// address is in use.
pub fn free(steps: &mut Transaction<'_>, id: &str) -> Result<Network, NetworkError> {
    let network = network(steps.state(), id)?;
    if !network.is_child() {
        return Err(NetworkError::NotAChild { id: id.to_owned() });
    }
    for prefix in &network.prefixes {
        steps
            .release_child(DEFAULT_NAMESPACE, *prefix)
            .map_err(NetworkError::Release)?;
    }
    steps.apply(Change::NetworkGone(id.to_owned()))?;
    Ok(network)
}

/// Removes a network that nothing is in use of. An allocated one goes back to its super network.
pub fn delete(steps: &mut Transaction<'_>, id: &str) -> Result<Network, NetworkError> {
    let network = network(steps.state(), id)?;
    let mut others = steps.state().networks().values();
    if others.any(|other| other.parent_network_id == id) {
        return Err(NetworkError::HasChildren);
    }
    for prefix in &network.prefixes {
        delete_prefix(steps, *prefix, "delete")?;
    }
    steps.apply(Change::NetworkGone(id.to_owned()))?;
    Ok(network)
}

/// Removes one prefix, unless something of it is in use.
pub(super) fn delete_prefix(
    steps: &mut Transaction<'_>,
    prefix: Cidr,
    verb: &'static str,
) -> Result<(), NetworkError> {
    match steps.delete_prefix(DEFAULT_NAMESPACE, prefix) {
        Err(EngineError::HasAddresses { .. }) => Err(NetworkError::AddressInUse {
            verb,
            prefix,
            address: first_in_use(steps.state(), prefix),
        }),
        Err(EngineError::HasChildren { .. }) => Err(NetworkError::ChildrenInUse { verb, prefix }),
        other => Ok(other?),
    }
}

fn first_in_use(state: &State, prefix: Cidr) -> IpAddr {
    let mut inside = state
        .allocations()
        .range(prefix.network()..=prefix.last())
        .map(|(address, _)| *address);
    inside.next().unwrap_or_else(|| prefix.network())
}
