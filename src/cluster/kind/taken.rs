//! Prefixes that this host and its engine use already.

use super::{Engine, KindError, host_routes, network};
use crate::{ipam::proposal::Taken, net::IpFamily};

/// What is in use, and whether the network that an environment wants is there already: then it is
/// taken as it is, or refused, and nothing has to move for it.
#[derive(Debug, Default)]
pub struct InUse {
    /// The prefixes.
    pub taken: Vec<Taken>,
    /// Whether there is a network of the wanted name.
    pub has_network: bool,
}

/// Looks at the networks of the engine and, if it is on this host, at its routes.
pub async fn in_use(docker_host: Option<&str>, wanted: &str) -> Result<InUse, KindError> {
    let engine = Engine::connect(docker_host).await?;
    let mut found = InUse::default();
    let mut bridged = Vec::new();
    for other in engine.networks().await? {
        let name = other.name.clone().unwrap_or_default();
        for cidr in network::prefixes(other.ipam.as_ref()) {
            bridged.push(cidr);
            if name != wanted {
                let by = format!("docker network {name}");
                found.taken.push(Taken { cidr, by });
            }
        }
        found.has_network |= name == wanted;
    }
    if engine.is_local() {
        let routes = host_routes::read()
            .into_iter()
            .filter(|route| route.is_of_others(&bridged));
        found.taken.extend(routes.map(|route| Taken {
            cidr: route.destination,
            by: format!("the route over {}", route.interface),
        }));
    }
    Ok(found)
}

impl InUse {
    /// What the network of the wanted name leaves no choice about.
    pub const fn settled(&self) -> &'static [(crate::ipam::Purpose, IpFamily)] {
        use crate::ipam::Purpose::Docker;

        if self.has_network {
            &[(Docker, IpFamily::V6), (Docker, IpFamily::V4)]
        } else {
            &[]
        }
    }
}
