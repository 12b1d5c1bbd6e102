//! The plan that every generator takes: the environment, and what only its files need to know.

use std::{collections::BTreeMap, net::SocketAddr, str::FromStr};

use semver::Version;
use thiserror::Error;

use super::{
    Containerd, GenerateError,
    calico::Encapsulation,
    kind::{CgroupVersion, ClusterPlan, Mount, NodeLayout, PlanOptions, PublishedPort},
};
use crate::{config::Environment, net::HostPort};

/// What is known besides the environment; the default is a cluster of one zone that publishes nothing.
#[derive(Clone, Debug, Default)]
pub struct PlanSettings {
    /// The Kubernetes version of the node image, where it is known.
    pub kubernetes: Option<Version>,
    /// The control groups of the machine that runs the nodes.
    pub cgroups: CgroupVersion,
    /// The containerd of the node image.
    pub containerd: Containerd,
    /// How many zones the nodes are in; none means that nodes do not say.
    pub zones: u8,
    /// Feature gates of Kubernetes.
    pub feature_gates: BTreeMap<String, bool>,
    /// Ports of the control plane node on the host.
    pub ports: Vec<PublishedPort>,
    /// Folders of the host inside every node.
    pub mounts: Vec<Mount>,
    /// Registries that are read through another one.
    pub mirrors: Vec<RegistryMirror>,
    /// Where the API server answers, if it is known already.
    pub api_servers: Vec<SocketAddr>,
    /// How calico carries packets between nodes.
    pub encapsulation: Encapsulation,
}

/// A registry that is read through another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistryMirror {
    /// The registry that image references name.
    pub registry: HostPort,
    /// The one that is asked instead.
    pub endpoint: HostPort,
}

/// A text that names no mirror.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{text}` is not REGISTRY=HOST:PORT: {reason}")]
pub struct InvalidMirror {
    text: String,
    reason: String,
}

impl FromStr for RegistryMirror {
    type Err = InvalidMirror;

    /// Reads `REGISTRY=HOST:PORT`. A registry without port is spoken to on port 443.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const HTTPS: u16 = 443;
        let invalid = |reason: String| InvalidMirror {
            text: text.to_owned(),
            reason,
        };
        let (registry, endpoint) = text
            .split_once('=')
            .ok_or_else(|| invalid("there is no `=`".to_owned()))?;
        let host = || {
            registry
                .parse::<crate::net::Host>()
                .map(|host| host.port(HTTPS))
        };
        Ok(Self {
            registry: registry
                .parse()
                .or_else(|_| host())
                .map_err(|error| invalid(error.to_string()))?,
            endpoint: endpoint
                .parse()
                .map_err(|error: crate::net::HostError| invalid(error.to_string()))?,
        })
    }
}

/// An environment as its files describe it.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The environment.
    pub environment: Environment,
    settings: PlanSettings,
}

impl Plan {
    /// A plan whose parts fit together.
    ///
    /// # Errors
    ///
    /// [`GenerateError::Plan`] for settings that contradict each other.
    pub fn new(environment: Environment, settings: PlanSettings) -> Result<Self, GenerateError> {
        let nodes = u16::from(environment.workers) + 1;
        if u16::from(settings.zones) > nodes {
            return Err(GenerateError::plan(
                format!("{} zones", settings.zones),
                format!(
                    "{nodes} nodes cannot be in as many zones, ask for {} workers or more",
                    settings.zones - 1
                ),
            ));
        }
        let families = environment.plan.families;
        let refused = settings.ports.iter().find(|port| {
            port.listen.is_some_and(|address| {
                // What the host forwards arrives at the node in the family that it came in.
                !families.contains(crate::net::IpFamily::of(address))
            })
        });
        if let Some(port) = refused {
            return Err(GenerateError::plan(
                format!("published port {port}"),
                format!("the nodes serve {families} only"),
            ));
        }
        Ok(Self {
            environment,
            settings,
        })
    }

    /// What only the files of the environment need to know.
    pub const fn settings(&self) -> &PlanSettings {
        &self.settings
    }

    /// The names of the zones, as Gardener's local setup counts them. Without zones there is one.
    pub fn zone_names(&self) -> Vec<String> {
        (0..self.settings.zones.max(1))
            .map(|zone| zone.to_string())
            .collect()
    }

    /// The cluster as kind is told.
    pub fn cluster(&self) -> ClusterPlan {
        let options = PlanOptions {
            name: self.environment.name.to_string(),
            layout: NodeLayout {
                workers: self.environment.workers,
                zones: self.settings.zones,
                ports: self.settings.ports.clone(),
                mounts: self.settings.mounts.clone(),
            },
            image: self.environment.node_image.clone(),
            kubernetes: self.settings.kubernetes.clone(),
            cgroups: self.settings.cgroups,
            set_registry_path: true,
            feature_gates: self.settings.feature_gates.clone(),
            resolv_conf: None,
        };
        ClusterPlan::new(&self.environment.plan, options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{BackendKind, EnvironmentRequest};

    fn plan(families: &str, workers: u8, settings: PlanSettings) -> Result<Plan, GenerateError> {
        let request = EnvironmentRequest {
            families: Some(families.parse().unwrap()),
            workers: Some(workers),
            ..EnvironmentRequest::default()
        };
        Plan::new(request.resolve(BackendKind::Kind).unwrap(), settings)
    }

    #[test]
    fn every_zone_has_a_node() {
        let zones = |zones| PlanSettings {
            zones,
            ..PlanSettings::default()
        };
        assert!(plan("ipv6", 2, zones(3)).is_ok());
        assert_eq!(
            plan("ipv6", 1, zones(3)).unwrap_err().to_string(),
            "3 zones: 2 nodes cannot be in as many zones, ask for 2 workers or more"
        );
    }

    #[test]
    fn ports_are_of_a_family_that_nodes_have() {
        let port = PlanSettings {
            ports: vec!["127.0.0.1:443:30443".parse().unwrap()],
            ..PlanSettings::default()
        };
        assert!(plan("ipv6", 0, port).is_err());
    }

    #[test]
    fn a_mirror_names_two_registries() {
        let mirror: RegistryMirror = "docker.io=[fd00:10::5]:5001".parse().unwrap();
        assert_eq!(mirror.registry.to_string(), "docker.io:443");
        assert_eq!(mirror.endpoint.to_string(), "[fd00:10::5]:5001");
        for wrong in ["docker.io", "docker.io=x", "=x:1", "a:b=x:1"] {
            assert!(wrong.parse::<RegistryMirror>().is_err(), "{wrong}");
        }
    }
}
