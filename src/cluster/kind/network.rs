//! The container network of the nodes, made by us before kind runs.
//!
//! kind takes any network of the right name without looking at it, and makes an IPv4-only one when IPv6
//! cannot be had; both show only minutes later. So the network is made here, with the prefixes of the plan,
//! or compared with them by meaning: engines differ in what they report (20.10 leaves the IPv6 gateway out).

use std::collections::HashMap;

use bollard::models::{Ipam, IpamConfig, NetworkCreateRequest, NetworkInspect};

use super::{Engine, KindError, OWNER_LABEL};
use crate::{
    cluster::{ClusterError, Effect, Journal, Phase},
    net::{Cidr, IpFamily},
};

/// Option of a bridge: the size of its packets.
const MTU_OPTION: &str = "com.docker.network.driver.mtu";
/// What an engine takes when nothing is said.
pub(super) const DEFAULT_MTU: u32 = 1500;

/// The network as the plan wants it.
#[derive(Debug, Clone)]
pub struct NetworkPlan {
    /// Its name.
    pub name: String,
    /// Name of the environment, for the label.
    pub owner: String,
    /// The IPv6 prefix.
    pub ipv6: Cidr,
    /// The IPv4 prefix; always there, because the engine's resolver speaks IPv4 only.
    pub ipv4: Cidr,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NetworkOutcome {
    /// It was made.
    Created,
    /// It was there, and it is ours.
    Kept,
    /// It was there, with the right prefixes, and is somebody else's.
    Borrowed,
}

impl NetworkPlan {
    fn wanted(&self) -> Vec<Cidr> {
        vec![self.ipv6, self.ipv4]
    }

    fn effect(&self) -> Effect {
        Effect::DockerNetwork {
            name: self.name.clone(),
        }
    }

    /// Makes the network, or makes sure that the one of this name fits.
    pub async fn ensure(
        &self,
        engine: &Engine,
        journal: &Journal,
    ) -> Result<NetworkOutcome, ClusterError> {
        if let Some(found) = engine.network(&self.name).await? {
            self.check(&found)?;
            if owner(&found) != Some(self.owner.as_str()) {
                return Ok(NetworkOutcome::Borrowed);
            }
            if journal.phase(&self.effect()) != Some(Phase::Done) {
                journal.intend(&self.effect())?;
                journal.done(&self.effect())?;
            }
            return Ok(NetworkOutcome::Kept);
        }
        for other in engine.networks().await? {
            let name = other.name.as_deref().unwrap_or_default();
            for found in prefixes(other.ipam.as_ref()) {
                if let Some(wanted) = self
                    .wanted()
                    .into_iter()
                    .find(|wanted| wanted.overlaps(found))
                {
                    return Err(KindError::PrefixTaken {
                        other: name.to_owned(),
                        found,
                        wanted,
                    }
                    .into());
                }
            }
        }
        journal.intend(&self.effect())?;
        engine
            .create_network(self.request(default_mtu(engine).await?))
            .await?;
        journal.done(&self.effect())?;
        Ok(NetworkOutcome::Created)
    }

    /// Compares a network with the plan.
    fn check(&self, found: &NetworkInspect) -> Result<(), KindError> {
        let attached = attached(found);
        let prefixes = prefixes(found.ipam.as_ref());
        let has_ipv6 = found.enable_ipv6 == Some(true)
            && prefixes
                .iter()
                .any(|prefix| prefix.family() == IpFamily::V6);
        if !has_ipv6 {
            return Err(KindError::NetworkWithoutIpv6 {
                name: self.name.clone(),
                attached,
            });
        }
        let wanted = self.wanted();
        let fits =
            prefixes.len() == wanted.len() && wanted.iter().all(|prefix| prefixes.contains(prefix));
        if fits {
            return Ok(());
        }
        Err(KindError::NetworkDiffers {
            name: self.name.clone(),
            found: prefixes,
            wanted,
            attached,
        })
    }

    fn request(&self, mtu: Option<u32>) -> NetworkCreateRequest {
        let config = |prefix: Cidr| IpamConfig {
            subnet: Some(prefix.to_string()),
            gateway: prefix.nth(1).map(|gateway| gateway.to_string()),
            ..IpamConfig::default()
        };
        let mut options = HashMap::from([(
            "com.docker.network.bridge.enable_ip_masquerade".to_owned(),
            "true".to_owned(),
        )]);
        if let Some(mtu) = mtu {
            options.insert(MTU_OPTION.to_owned(), mtu.to_string());
        }
        NetworkCreateRequest {
            name: self.name.clone(),
            driver: Some("bridge".to_owned()),
            enable_ipv6: Some(true),
            ipam: Some(Ipam {
                config: Some(vec![config(self.ipv4), config(self.ipv6)]),
                ..Ipam::default()
            }),
            options: Some(options),
            labels: Some(HashMap::from([(
                OWNER_LABEL.to_owned(),
                self.owner.clone(),
            )])),
            ..NetworkCreateRequest::default()
        }
    }
}

/// The environment a network belongs to.
pub(super) fn owner(network: &NetworkInspect) -> Option<&str> {
    network
        .labels
        .as_ref()?
        .get(OWNER_LABEL)
        .map(String::as_str)
}

/// Names of the attached containers.
pub(super) fn attached(network: &NetworkInspect) -> Vec<String> {
    let mut names: Vec<String> = network
        .containers
        .iter()
        .flatten()
        .map(|(id, endpoint)| endpoint.name.clone().unwrap_or_else(|| id.clone()))
        .collect();
    names.sort();
    names
}

/// The packet size of a network, where one is set.
pub(super) fn mtu(network: &NetworkInspect) -> Option<u32> {
    network.options.as_ref()?.get(MTU_OPTION)?.parse().ok()
}

/// The prefixes of a network; anything that is no prefix of ours to compare with is left out.
pub(super) fn prefixes(ipam: Option<&Ipam>) -> Vec<Cidr> {
    ipam.and_then(|ipam| ipam.config.as_ref())
        .into_iter()
        .flatten()
        .filter_map(|config| {
            let (address, length) = config.subnet.as_deref()?.split_once('/')?;
            Cidr::containing(address.parse().ok()?, length.parse().ok()?)
        })
        .collect()
}

/// The engine's own setting is on its default bridge only; other networks have to repeat it.
async fn default_mtu(engine: &Engine) -> Result<Option<u32>, KindError> {
    Ok(engine.network("bridge").await?.as_ref().and_then(mtu))
}

#[cfg(test)]
mod tests {
    use bollard::models::EndpointResource;

    use super::*;

    fn plan() -> NetworkPlan {
        NetworkPlan {
            name: "kind".to_owned(),
            owner: "garden6".to_owned(),
            ipv6: "fd00:10::/64".parse().unwrap(),
            ipv4: "172.18.0.0/24".parse().unwrap(),
        }
    }

    fn network(subnets: &[(&str, Option<&str>)]) -> NetworkInspect {
        NetworkInspect {
            name: Some("kind".to_owned()),
            enable_ipv6: Some(true),
            ipam: Some(Ipam {
                config: Some(
                    subnets
                        .iter()
                        .map(|(subnet, gateway)| IpamConfig {
                            subnet: Some((*subnet).to_owned()),
                            gateway: gateway.map(str::to_owned),
                            ..IpamConfig::default()
                        })
                        .collect(),
                ),
                ..Ipam::default()
            }),
            ..NetworkInspect::default()
        }
    }

    #[test]
    fn a_missing_ipv6_gateway_and_another_order_do_not_matter() {
        let found = network(&[
            ("172.18.0.0/24", Some("172.18.0.1")),
            ("fd00:10::/64", None),
        ]);
        assert!(plan().check(&found).is_ok());
        let found = network(&[("FD00:10:0::/64", None), ("172.18.0.0/24", None)]);
        assert!(plan().check(&found).is_ok());
    }

    #[test]
    fn a_foreign_network_is_described_with_its_containers() {
        let mut found = network(&[("172.18.0.0/16", None), ("fc00:f853:ccd:e793::/64", None)]);
        found.containers = Some(HashMap::from([(
            "1".to_owned(),
            EndpointResource {
                name: Some("other-control-plane".to_owned()),
                ..Default::default()
            },
        )]));
        let error = plan().check(&found).unwrap_err();
        assert_eq!(
            error.to_string(),
            "docker network `kind` has 172.18.0.0/16 and fc00:f853:ccd:e793::/64, but the plan needs fd00:10::/64 and 172.18.0.0/24"
        );
        assert!(error.hints()[0].contains("other-control-plane"));
    }

    #[test]
    fn a_network_without_ipv6_is_refused() {
        let mut found = network(&[("172.18.0.0/24", None)]);
        found.enable_ipv6 = Some(false);
        assert!(matches!(
            plan().check(&found),
            Err(KindError::NetworkWithoutIpv6 { .. })
        ));
    }

    #[test]
    fn the_request_names_prefixes_gateways_and_the_owner() {
        let request = plan().request(Some(1400));
        let config = request.ipam.unwrap().config.unwrap();
        assert_eq!(config[1].gateway.as_deref(), Some("fd00:10::1"));
        assert_eq!(request.options.unwrap()[MTU_OPTION], "1400");
        assert_eq!(request.labels.unwrap()[OWNER_LABEL], "garden6");
    }
}
