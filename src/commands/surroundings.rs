//! What a new environment must stay clear of.

use super::{Context, store::Store};
use crate::{
    cluster::kind,
    config::{BackendKind, EnvironmentRequest, Surroundings},
    failure::Failure,
    ipam::proposal::Taken,
    net::IpFamily,
};

/// The prefixes of all other environments, and for one on kind their registries and the prefixes of the engine's
/// networks and of the host's routes.
pub(super) async fn of(
    context: &Context,
    store: &Store<'_>,
    request: &EnvironmentRequest,
    backend: BackendKind,
) -> Result<Surroundings, Failure> {
    let mut surroundings = Surroundings::default();
    for name in store
        .names()?
        .into_iter()
        .filter(|name| *name != request.name)
    {
        let Some(other) = store.load(&name)? else {
            continue;
        };
        if backend == BackendKind::Kind && other.backend == BackendKind::Kind {
            let port = other.registry.address.port;
            surroundings
                .registry_ports
                .entry(port)
                .or_insert_with(|| name.clone());
        }
        for family in [IpFamily::V6, IpFamily::V4] {
            let used = other.plan.used(family);
            surroundings.taken.extend(used.map(|(_, cidr)| Taken {
                cidr,
                by: format!("environment {name}"),
            }));
        }
    }
    if backend == BackendKind::Kind {
        let network = request.docker_network();
        // An engine that does not answer is told of by who needs it.
        if let Ok(found) = kind::in_use(context.docker_host.as_deref(), network).await {
            surroundings.settled = found.settled().to_vec();
            surroundings.taken.extend(found.taken);
        }
    }
    Ok(surroundings)
}
