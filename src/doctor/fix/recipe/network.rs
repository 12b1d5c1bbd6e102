//! The network of the nodes: kind makes it again when it is gone.

use super::Recipe;
use crate::doctor::{Facts, facts::EngineNetwork, fix::action::Action};

/// The network that kind takes by itself, and the variable that names another one.
const KIND: &str = "kind";
const VARIABLE: &str = "KIND_EXPERIMENTAL_DOCKER_NETWORK";

/// The recipe of a check about the network of the nodes. Whatever is attached to or labelled stays:
/// that is looked at here and once more right before.
pub(super) fn recipe(id: &str, facts: &Facts) -> Option<Recipe> {
    let networks = facts.docker.networks.known()?;
    let name = name(facts);
    let own: Vec<&EngineNetwork> = networks.iter().filter(|one| one.name == name).collect();
    let unused = |network: &&&EngineNetwork| network.containers == 0 && network.labels.is_empty();
    let gone: Vec<&EngineNetwork> = match id {
        "kind-network-duplicate" => {
            // The one with containers stays, or else the first.
            let kept = own.iter().find(|one| one.containers > 0).or(own.first())?;
            own.iter()
                .filter(|one| one.id != kept.id)
                .filter(unused)
                .copied()
                .collect()
        }
        "kind-network-ipv6"
        | "kind-network-subnet"
        | "kind-network-masquerade"
        | "kind-network-ipv4-disabled" => {
            if own.iter().any(|one| !unused(&one)) {
                return None;
            }
            own
        }
        _ => return None,
    };
    Recipe::of(gone.into_iter().map(|network| Action::RemoveNetwork {
        name: network.name.clone(),
        id: if network.id.is_empty() {
            network.name.clone()
        } else {
            network.id.clone()
        },
    }))
}

fn name(facts: &Facts) -> String {
    let variable = facts.host.env.known().and_then(|env| env.get(VARIABLE));
    let planned = facts.plan.network.as_ref();
    planned
        .or(variable)
        .cloned()
        .unwrap_or_else(|| KIND.to_owned())
}
