//! NetworkConfig, `calico.networking.extensions.gardener.cloud/v1alpha1`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a Shoot may say about calico. Unknown keys are an error, as in the extension.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct NetworkConfig {
    /// May be missing, the type is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_version: Option<String>,
    /// May be missing, the type is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Who distributes routes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backend: Option<Backend>,
    /// Who hands out pod addresses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipam: Option<Ipam>,
    /// The IPv4 pool.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipv4: Option<PoolConfig>,
    /// The IPv6 pool.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipv6: Option<PoolConfig>,
    /// The fan-out proxy in front of the API server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub typha: Option<Enabled>,
    /// The MTU of pod interfaces as text; `0` detects it.
    #[serde(rename = "vethMTU", skip_serializing_if = "Option::is_none")]
    pub veth_mtu: Option<String>,
    /// The eBPF data plane.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ebpf_dataplane: Option<Enabled>,
    /// Encapsulation between nodes; absent is a third state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overlay: Option<Overlay>,
    /// Masquerading towards the upstream resolver.
    #[serde(rename = "snatToUpstreamDNS", skip_serializing_if = "Option::is_none")]
    pub snat_to_upstream_dns: Option<Enabled>,
    /// How resources of the components grow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_scaling: Option<AutoScaling>,
    /// VXLAN in place of IP in IP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vxlan: Option<Enabled>,
    /// Encryption between nodes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wireguard_encryption: Option<bool>,
    /// Metrics of the BIRD daemon.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bird_exporter: Option<Enabled>,
    /// Multus, opaque.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub multus: Option<Value>,
    /// What happens to packets that run in circles.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_loop_prevention: Option<String>,
    /// Deprecated, without effect.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipip: Option<String>,
    /// Deprecated, without effect.
    #[serde(
        rename = "ipAutodetectionMethod",
        skip_serializing_if = "Option::is_none"
    )]
    pub ip_autodetection_method: Option<String>,
}

/// Who distributes routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Backend {
    /// BGP.
    Bird,
    /// Nobody; the infrastructure routes.
    None,
    /// VXLAN tunnels.
    Vxlan,
}

impl Backend {
    /// The word in calico's settings.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bird => "bird",
            Self::None => "none",
            Self::Vxlan => "vxlan",
        }
    }
}

/// Who hands out pod addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Ipam {
    /// `host-local` or `calico-ipam`.
    #[serde(rename = "type", skip_serializing_if = "String::is_empty")]
    pub type_: String,
    /// `usePodCIDR` or a range.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cidr: Option<String>,
}

/// The pool of one family.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PoolConfig {
    /// The encapsulation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pool: Option<Pool>,
    /// When to encapsulate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<PoolMode>,
    /// How a node finds its own address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_detection_method: Option<String>,
    /// Masquerading of traffic that leaves the cluster (IPv6 only).
    #[serde(rename = "sourceNATEnabled", skip_serializing_if = "Option::is_none")]
    pub source_nat_enabled: Option<bool>,
}

/// An encapsulation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pool {
    /// IP in IP; there is none for IPv6.
    Ipip,
    /// VXLAN.
    Vxlan,
}

/// When to encapsulate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PoolMode {
    /// Always.
    Always,
    /// Never.
    Never,
    /// Between nodes of different subnets.
    CrossSubnet,
    /// Not at all (accepted, refused by calico for IPv6).
    Off,
}

impl PoolMode {
    /// The word in calico's settings.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Always => "Always",
            Self::Never => "Never",
            Self::CrossSubnet => "CrossSubnet",
            Self::Off => "Off",
        }
    }
}

/// Encapsulation between nodes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Overlay {
    /// Whether packets are encapsulated.
    pub enabled: bool,
    /// Whether nodes tell each other their pod ranges where they are not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub create_pod_routes: Option<bool>,
}

/// A switch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Enabled {
    /// On or off.
    pub enabled: bool,
}

/// How resources of the components grow.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct AutoScaling {
    /// `cluster-proportional`, `vpa` or `static`.
    pub mode: String,
    /// Static requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resources: Option<Value>,
}

impl NetworkConfig {
    /// Reads a `providerConfig`; nothing is an empty configuration.
    pub fn read(provider_config: Option<&Value>) -> Result<Self, serde_json::Error> {
        match provider_config {
            None | Some(Value::Null) => Ok(Self::default()),
            Some(value) => Self::deserialize(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_example_of_the_local_setup_is_read() {
        let value = json!({"ipv6": {"sourceNATEnabled": true}});
        let config = NetworkConfig::read(Some(&value)).unwrap();
        assert_eq!(config.ipv6.unwrap().source_nat_enabled, Some(true));
        assert_eq!(NetworkConfig::read(None).unwrap(), NetworkConfig::default());
    }

    #[test]
    fn unknown_keys_and_words_are_refused() {
        for value in [
            json!({"ipv6": {"sourceNatEnabled": true}}),
            json!({"backend": "Bird"}),
            json!({"overlay": {"enabled": false, "x": 1}}),
        ] {
            assert!(NetworkConfig::read(Some(&value)).is_err(), "{value}");
        }
    }
}
