//! Networks and addresses as the API of metal-stack shows them.

use serde::Serialize;

use crate::ipam::{
    network::{self, Allocation, Consumption, Network},
    state::State,
};

/// A network with its figures.
#[derive(Clone, Debug, Serialize)]
pub(super) struct NetworkView {
    #[serde(flatten)]
    pub(super) network: Network,
    pub(super) consumption: Consumption,
}

impl NetworkView {
    pub(super) fn of(state: &State, network: &Network) -> Self {
        Self {
            network: network.clone(),
            consumption: network::consumption(state, network),
        }
    }
}

/// The networks that were asked for, supers before what was taken from them.
pub(super) fn networks(state: &State, wanted: impl Fn(&Network) -> bool) -> Vec<NetworkView> {
    let all = state.networks().values().filter(|network| wanted(network));
    all.map(|network| NetworkView::of(state, network)).collect()
}

/// The addresses that were asked for, in order.
pub(super) fn addresses(state: &State, wanted: impl Fn(&Allocation) -> bool) -> Vec<Allocation> {
    let all = state.allocations().values();
    all.filter(|allocation| wanted(allocation))
        .cloned()
        .collect()
}
