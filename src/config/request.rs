//! What was typed, and how it becomes an environment: saved settings first, then defaults.

use std::{collections::BTreeMap, net::IpAddr, path::PathBuf};

use serde::Deserialize;
use thiserror::Error;

use super::{BackendKind, Cni, Environment, EnvironmentName, Finding, Registry, check, finding};
use crate::{
    api::gates::{ApiProfile, FeatureGates},
    ipam::{
        AddressPlan, Purpose,
        proposal::{self, NoProposal, Proposal, Taken},
    },
    net::{Cidr, Families, HostPort, IpFamily},
};

/// The registry name of Gardener's local setup, which its manifests refer to.
const REGISTRY: &str = "registry.local.gardener.cloud:5001";
/// What the registry container runs unless told otherwise.
const REGISTRY_IMAGE: &str = "registry:3";

/// Which connects pods, as typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CniChoice {
    /// Calico.
    Calico,
    /// Plain routing.
    Ptp,
}

/// Settings of an environment as typed; what is absent was not typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EnvironmentRequest {
    /// The name.
    pub name: EnvironmentName,
    /// The families.
    pub families: Option<Families>,
    /// Replaced ranges.
    pub ranges: Vec<(Purpose, Cidr)>,
    /// Worker nodes.
    pub workers: Option<u8>,
    /// What connects pods.
    pub cni: Option<CniChoice>,
    /// Calico's manifest.
    pub calico_manifest: Option<PathBuf>,
    /// The node image.
    pub node_image: Option<String>,
    /// The kind program.
    pub kind_binary: Option<PathBuf>,
    /// The Docker network.
    pub docker_network: Option<String>,
    /// The registry's name and port.
    pub registry: Option<HostPort>,
    /// The registry's image.
    pub registry_image: Option<String>,
    /// Name servers of pods.
    pub resolvers: Vec<IpAddr>,
    /// The rule set.
    pub api_profile: Option<ApiProfile>,
    /// The feature gates.
    pub feature_gates: Option<FeatureGates>,
}

/// What a new environment must stay clear of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// Prefixes that somebody has.
    pub taken: Vec<Taken>,
    /// Ranges that are where they are for another reason.
    pub settled: Vec<(Purpose, IpFamily)>,
    /// Ports of registries, and whose.
    pub registry_ports: BTreeMap<u16, EnvironmentName>,
}

/// An environment that is in nobody's way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beside {
    /// The environment.
    pub environment: Environment,
    /// What became of its addresses.
    pub proposal: Proposal,
    /// Where the registry would be by default, and who has one there, if it is elsewhere for that.
    pub registry_moved: Option<(HostPort, EnvironmentName)>,
}

/// Why no environment follows from what was typed.
#[derive(Debug, Error)]
pub enum ResolveError {
    /// The defaults are in the way of others, and there is no room for another plan.
    #[error("the default addresses are taken")]
    NoRoom(#[source] NoProposal),
    /// The address plan cannot work.
    #[error("the address plan cannot work\n{}", finding::list(findings))]
    Plan {
        /// Everything that is wrong with it.
        findings: Vec<Finding>,
    },
    /// The environment exists with another setting.
    #[error("environment `{name}` exists with {setting} {existing}, not {wanted}")]
    Differs {
        /// The environment.
        name: EnvironmentName,
        /// Which setting.
        setting: &'static str,
        /// What it is.
        existing: String,
        /// What was asked for.
        wanted: String,
    },
    /// A setting that means nothing next to another one.
    #[error("{setting} has no effect with {because}")]
    NoEffect {
        /// The setting.
        setting: &'static str,
        /// The other one.
        because: String,
    },
}

impl EnvironmentRequest {
    /// The name of the Docker network.
    pub fn docker_network(&self) -> &str {
        self.docker_network.as_deref().unwrap_or("kind")
    }

    /// The environment that was asked for, with what was not chosen out of the way of others, and
    /// what moved for that.
    pub fn resolve_beside(
        &self,
        backend: BackendKind,
        surroundings: &Surroundings,
    ) -> Result<Beside, ResolveError> {
        let mut environment = self.resolve(backend)?;
        let typed = self.ranges.iter();
        let mut chosen: Vec<(Purpose, IpFamily)> = typed
            .map(|(purpose, cidr)| (*purpose, cidr.family()))
            .collect();
        chosen.extend(&surroundings.settled);
        let name = self.name.as_str();
        let proposal = proposal::disjoint(&environment.plan, &chosen, &surroundings.taken, name)
            .map_err(ResolveError::NoRoom)?;
        environment.plan = proposal.plan.clone();
        let usual = environment.registry.address.clone();
        let ports = &surroundings.registry_ports;
        let other = ports.get(&usual.port).filter(|_| self.registry.is_none());
        let free = (usual.port..=u16::MAX).find(|port| !ports.contains_key(port));
        let registry_moved = match (other, free) {
            (Some(other), Some(port)) => {
                environment.registry.address.port = port;
                Some((usual, other.clone()))
            }
            _ => None,
        };
        Ok(Beside {
            environment,
            proposal,
            registry_moved,
        })
    }

    /// The environment that was asked for, on top of defaults.
    pub fn resolve(&self, backend: BackendKind) -> Result<Environment, ResolveError> {
        let families = self.families.unwrap_or(Families::single(IpFamily::V6));
        let mut plan = AddressPlan::default_for(families);
        let workers = self.workers.unwrap_or(0);
        let mut findings = Vec::new();
        for (purpose, cidr) in &self.ranges {
            findings.extend(plan.set(*purpose, *cidr).err().as_ref().map(Finding::from));
        }
        findings.extend(check::addresses(&plan, u16::from(workers) + 1));
        findings.extend(check::resolvers(families, &self.resolvers));
        let findings = finding::errors(&findings);
        if !findings.is_empty() {
            return Err(ResolveError::Plan { findings });
        }
        let cni = self.resolve_cni()?;
        Ok(Environment {
            name: self.name.clone(),
            backend,
            plan,
            workers,
            cni,
            node_image: self.node_image.clone(),
            kind_binary: self.kind_binary.clone(),
            docker_network: self.docker_network().to_owned(),
            registry: Registry {
                address: self.registry.clone().unwrap_or_else(|| {
                    REGISTRY
                        .parse()
                        .expect("the built-in registry is a host and a port")
                }),
                image: self
                    .registry_image
                    .clone()
                    .unwrap_or_else(|| REGISTRY_IMAGE.to_owned()),
            },
            resolvers: self.resolvers.clone(),
            api_profile: self.api_profile.unwrap_or_default(),
            feature_gates: self.feature_gates.clone().unwrap_or_default(),
        })
    }

    fn resolve_cni(&self) -> Result<Cni, ResolveError> {
        match (self.cni, &self.calico_manifest) {
            (Some(CniChoice::Ptp), Some(_)) => Err(ResolveError::NoEffect {
                setting: "a calico manifest",
                because: "CNI ptp".to_owned(),
            }),
            (Some(CniChoice::Ptp), None) => Ok(Cni::Ptp),
            (Some(CniChoice::Calico) | None, manifest) => Ok(Cni::Calico {
                manifest: manifest.clone(),
            }),
        }
    }

    /// Holds what was typed against an environment that exists. What was not typed agrees.
    pub fn check_against(&self, existing: &Environment) -> Result<(), ResolveError> {
        let wanted = self.resolve(existing.backend)?;
        let differs = |setting, existing_value: String, wanted_value: String| {
            (existing_value != wanted_value).then(|| ResolveError::Differs {
                name: existing.name.clone(),
                setting,
                existing: existing_value,
                wanted: wanted_value,
            })
        };
        let text = |value: Option<&str>| value.unwrap_or("the default").to_owned();
        let typed = [
            self.families.and_then(|families| {
                let found = existing.plan.families.to_string();
                differs("IP family", found, families.to_string())
            }),
            self.ranges.iter().find_map(|(purpose, cidr)| {
                let found = existing.plan.range(*purpose, cidr.family());
                differs("range", found.to_string(), cidr.to_string())
            }),
            self.workers.and_then(|workers| {
                differs(
                    "worker count",
                    existing.workers.to_string(),
                    workers.to_string(),
                )
            }),
            self.cni
                .and_then(|_| differs("CNI", existing.cni.to_string(), wanted.cni.to_string())),
            self.node_image.as_ref().and_then(|image| {
                differs(
                    "node image",
                    text(existing.node_image.as_deref()),
                    image.clone(),
                )
            }),
            self.docker_network.as_ref().and_then(|network| {
                differs(
                    "Docker network",
                    existing.docker_network.clone(),
                    network.clone(),
                )
            }),
            self.registry.as_ref().and_then(|address| {
                let found = existing.registry.address.to_string();
                differs("registry", found, address.to_string())
            }),
            (!self.resolvers.is_empty())
                .then(|| {
                    let found = list(&existing.resolvers);
                    differs("resolvers", found, list(&self.resolvers))
                })
                .flatten(),
            self.api_profile.and_then(|profile| {
                let found = existing.api_profile.to_string();
                differs("API profile", found, profile.to_string())
            }),
            self.feature_gates.as_ref().and_then(|gates| {
                let found = existing.feature_gates.to_string();
                differs("feature gates", found, gates.to_string())
            }),
        ];
        typed.into_iter().flatten().next().map_or(Ok(()), Err)
    }
}

fn list(addresses: &[IpAddr]) -> String {
    let texts: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    if texts.is_empty() {
        return "of the nodes".to_owned();
    }
    texts.join(" and ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_typed_is_an_ipv6_environment() {
        let environment = EnvironmentRequest::default()
            .resolve(BackendKind::Embedded)
            .unwrap();
        assert_eq!(environment.plan.families, Families::single(IpFamily::V6));
        assert_eq!(environment.name.as_str(), "garden6");
    }

    #[test]
    fn a_rerun_agrees_unless_it_types_another_value() {
        let dual = EnvironmentRequest {
            families: Some(Families::dual(IpFamily::V6)),
            ..EnvironmentRequest::default()
        };
        let existing = dual.resolve(BackendKind::Kind).unwrap();
        EnvironmentRequest::default()
            .check_against(&existing)
            .unwrap();
        dual.check_against(&existing).unwrap();
        let single = EnvironmentRequest {
            families: Some(Families::single(IpFamily::V4)),
            ..EnvironmentRequest::default()
        };
        assert_eq!(
            single.check_against(&existing).unwrap_err().to_string(),
            "environment `garden6` exists with IP family ipv6,ipv4, not ipv4"
        );
    }

    #[test]
    fn a_second_environment_has_a_registry_port_of_its_own() {
        let others = ["a", "b"].map(|name| name.parse::<EnvironmentName>().unwrap());
        let surroundings = Surroundings {
            registry_ports: [5001, 5002].into_iter().zip(others.clone()).collect(),
            ..Surroundings::default()
        };
        let beside = EnvironmentRequest::default()
            .resolve_beside(BackendKind::Kind, &surroundings)
            .unwrap();
        assert_eq!(beside.environment.registry.address.port, 5003);
        assert_eq!(beside.registry_moved.unwrap().1, others[0]);

        let chosen = EnvironmentRequest {
            registry: Some(REGISTRY.parse().unwrap()),
            ..EnvironmentRequest::default()
        };
        let beside = chosen.resolve_beside(BackendKind::Kind, &surroundings);
        assert_eq!(beside.unwrap().registry_moved, None);
    }

    #[test]
    fn every_problem_of_a_plan_is_told_at_once() {
        let request = EnvironmentRequest {
            ranges: vec![
                (Purpose::Services, "fd00:10:2::/64".parse().unwrap()),
                (Purpose::Pods, "10.9.0.0/16".parse().unwrap()),
            ],
            ..EnvironmentRequest::default()
        };
        let error = request.resolve(BackendKind::Embedded).unwrap_err();
        let ResolveError::Plan { findings } = error else {
            panic!("{error}");
        };
        let rules: Vec<&str> = findings.iter().map(|finding| finding.rule).collect();
        assert_eq!(rules, ["family-in-use", "services-size"]);
    }
}
