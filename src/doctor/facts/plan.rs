//! What is to be created on the host, as far as checks ask.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::Value;

/// The cluster that is wanted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Plan {
    /// Name of the cluster.
    pub cluster: String,
    /// Kubernetes minor release: `1.36`.
    pub k8s: String,
    /// Number of nodes.
    pub nodes: u32,
    /// Port of the API server on the host; 0 lets the engine choose.
    pub api_port: u16,
    /// Address that the API server is published on; kind's default for the family without one.
    pub api_addr: Option<String>,
    /// The ranges of nodes, pods and services.
    pub prefixes: PlannedPrefixes,
    /// Name of the Docker network of the nodes; kind's own (`KIND_EXPERIMENTAL_DOCKER_NETWORK` or
    /// `kind`) without one.
    pub network: Option<String>,
    /// Further ports that nodes publish on the host.
    pub host_ports: Vec<u16>,
    /// Whether a local registry is started. Gardener always starts one.
    pub local_registry: bool,
    /// Whether images are mirrored with programs of the host.
    pub mirror: bool,
    /// kube-proxy's mode: `iptables`, `nftables` or `ipvs`.
    pub kube_proxy_mode: String,
    /// Whether garden6 brings kind itself, or the program that it was told to use exists.
    pub kind_bundled: bool,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            cluster: "local".to_owned(),
            k8s: "1.36".to_owned(),
            nodes: 2,
            api_port: 0,
            api_addr: None,
            prefixes: PlannedPrefixes::Default,
            network: None,
            host_ports: Vec::new(),
            local_registry: false,
            mirror: false,
            kube_proxy_mode: "iptables".to_owned(),
            kind_bundled: false,
        }
    }
}

/// The ranges of a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum PlannedPrefixes {
    /// Those of the target: kind's own, or Gardener's local setup.
    #[default]
    Default,
    /// Those of Gardener's local setup, whatever the target is.
    Gardener,
    /// Chosen ones as written, which may be wrong. Of each family the first is for nodes, the
    /// second for pods, the third for services.
    Chosen(Vec<String>),
}

impl Serialize for PlannedPrefixes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Default => serializer.serialize_str("default"),
            Self::Gardener => serializer.serialize_str("gardener"),
            Self::Chosen(list) => list.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for PlannedPrefixes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        if value.is_null() || value == "default" {
            return Ok(Self::Default);
        }
        if value == "gardener" {
            return Ok(Self::Gardener);
        }
        serde_json::from_value(value)
            .map(Self::Chosen)
            .map_err(D::Error::custom)
    }
}
