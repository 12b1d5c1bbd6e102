//! An environment as the user wants it, with every default filled in.

use std::{fmt, net::IpAddr, path::PathBuf, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    api::gates::{ApiProfile, FeatureGates},
    ipam::AddressPlan,
    net::HostPort,
};

/// What makes the cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BackendKind {
    /// The control plane inside garden6.
    Embedded,
    /// A kind cluster on Docker Engine.
    Kind,
}

impl fmt::Display for BackendKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Embedded => "embedded",
            Self::Kind => "kind",
        })
    }
}

/// What connects pods of a kind cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cni {
    /// Calico, from upstream's manifest patched for the families.
    Calico {
        /// The manifest file; without one the copy in the state folder's cache.
        manifest: Option<PathBuf>,
    },
    /// Plain routing: point-to-point links and one route per node. Needs no image.
    Ptp,
}

impl fmt::Display for Cni {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Calico { .. } => "calico",
            Self::Ptp => "ptp",
        })
    }
}

/// The registry that nodes pull from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Registry {
    /// What image references carry, on nodes and on the host: the container's alias on the Docker
    /// network, and the port both there and on the host's loopback.
    pub address: HostPort,
    /// The image that the registry container runs.
    pub image: String,
}

/// The name of an environment: it becomes part of cluster, container and folder names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct EnvironmentName(String);

/// A text that cannot name an environment.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "`{text}` cannot name an environment: use 1 to 40 lower-case letters, digits and dashes, beginning with a letter and not ending with a dash"
)]
pub struct InvalidName {
    /// What was written.
    pub text: String,
}

impl EnvironmentName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for EnvironmentName {
    fn default() -> Self {
        Self("garden6".to_owned())
    }
}

impl FromStr for EnvironmentName {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain = text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        let starts_well = text.starts_with(|first: char| first.is_ascii_lowercase());
        // kind warns above 50 characters; its node names append up to ten.
        if plain && starts_well && !text.ends_with('-') && text.len() <= 40 {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidName {
                text: text.to_owned(),
            })
        }
    }
}

impl TryFrom<String> for EnvironmentName {
    type Error = InvalidName;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<EnvironmentName> for String {
    fn from(name: EnvironmentName) -> Self {
        name.0
    }
}

impl fmt::Display for EnvironmentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An environment, resolved. This is what `up` writes down and a rerun reads back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Environment {
    /// Its name.
    pub name: EnvironmentName,
    /// What makes the cluster.
    pub backend: BackendKind,
    /// The families and every prefix.
    pub plan: AddressPlan,
    /// Worker nodes besides the control-plane node.
    pub workers: u8,
    /// What connects pods.
    pub cni: Cni,
    /// The node image of a kind cluster; kind's own default without one.
    pub node_image: Option<String>,
    /// The kind program; looked up in `PATH` without one.
    pub kind_binary: Option<PathBuf>,
    /// The Docker network of a kind cluster.
    pub docker_network: String,
    /// The local registry of a kind cluster.
    pub registry: Registry,
    /// Name servers that pods can reach; without any CoreDNS asks the nodes', if pods can.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resolvers: Vec<IpAddr>,
    /// Which rule set the API follows.
    pub api_profile: ApiProfile,
    /// The feature gates.
    pub feature_gates: FeatureGates,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_safe_in_cluster_container_and_folder_names() {
        for good in ["garden6", "a", "team-2"] {
            assert_eq!(good.parse::<EnvironmentName>().unwrap().as_str(), good);
        }
        let long = "a".repeat(41);
        for bad in ["", "Garden", "6garden", "a-", "../x", "a_b", "a.b", &long] {
            assert!(
                bad.parse::<EnvironmentName>().is_err(),
                "`{bad}` was accepted"
            );
        }
    }
}
