//! The configuration of the networking extension calico,
//! `calico.networking.extensions.gardener.cloud/v1alpha1` `NetworkConfig`.
//!
//! It travels as `spec.networking.providerConfig` of a Shoot and `spec.providerConfig` of a
//! Network. The type is strict: an unknown key is an error, as in the extension's own decoder.
//! Words stay text, so that validation can report each of them by field; an absent field is absent
//! and gets no default here, because what a default is depends on the families.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The API version of a [`NetworkConfig`].
pub const API_VERSION: &str = "calico.networking.extensions.gardener.cloud/v1alpha1";

/// How calico is to be set up.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NetworkConfig {
    /// [`API_VERSION`]; may be missing, since the place of the object tells its type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_version: Option<String>,
    /// `NetworkConfig`; may be missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// `bird`, `vxlan` or `none`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backend: Option<String>,
    /// How pods get addresses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ipam: Option<Ipam>,
    /// The IPv4 pool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ipv4: Option<Ipv4>,
    /// The IPv6 pool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ipv6: Option<Ipv6>,
    /// The fan-out between nodes and the API server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub typha: Option<Switch>,
    /// The MTU of pod interfaces, a number as text; `0` finds it out.
    #[serde(default, rename = "vethMTU", skip_serializing_if = "Option::is_none")]
    pub veth_mtu: Option<String>,
    /// The eBPF data plane.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ebpf_dataplane: Option<Switch>,
    /// Whether packets between nodes are encapsulated. Absence is a third state of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overlay: Option<Overlay>,
    /// Source NAT towards upstream DNS servers.
    #[serde(
        default,
        rename = "snatToUpstreamDNS",
        skip_serializing_if = "Option::is_none"
    )]
    pub snat_to_upstream_dns: Option<Switch>,
    /// How calico's own pods are sized.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auto_scaling: Option<AutoScaling>,
    /// Encapsulation by VXLAN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vxlan: Option<Switch>,
    /// Encryption between nodes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wireguard_encryption: Option<bool>,
    /// The metrics exporter of the routing daemon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bird_exporter: Option<Switch>,
    /// Several networks per pod.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub multus: Option<Multus>,
    /// What happens to packets to services that do not exist: `Drop`, `Reject`, `Disabled`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_loop_prevention: Option<String>,
    /// Deprecated, without effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ipip: Option<String>,
    /// Deprecated, without effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip_autodetection_method: Option<String>,
}

impl NetworkConfig {
    /// Reads a `providerConfig`. None at all means a configuration that says nothing.
    pub fn from_provider_config(config: Option<&Value>) -> Result<Self, serde_json::Error> {
        config.map_or_else(|| Ok(Self::default()), Self::deserialize)
    }
}

/// A feature that is on or off.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Switch {
    /// On when true.
    #[serde(default)]
    pub enabled: bool,
}

/// How pods get addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Ipam {
    /// `calico-ipam` or `host-local`.
    #[serde(default, rename = "type", skip_serializing_if = "String::is_empty")]
    pub type_: String,
    /// `usePodCIDR`, or one range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cidr: Option<String>,
}

/// The IPv4 pool.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Ipv4 {
    /// `ipip` or `vxlan`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<String>,
    /// `Always`, `Never`, `CrossSubnet` or `Off`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// How a node finds its address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auto_detection_method: Option<String>,
}

/// The IPv6 pool.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Ipv6 {
    /// `vxlan` (`ipip` is accepted, but IPv6 cannot be carried by it).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<String>,
    /// `Always`, `Never`, `CrossSubnet` or `Off`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// How a node finds its address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auto_detection_method: Option<String>,
    /// Source NAT of traffic that leaves the cluster.
    #[serde(
        default,
        rename = "sourceNATEnabled",
        skip_serializing_if = "Option::is_none"
    )]
    pub source_nat_enabled: Option<bool>,
}

/// Whether packets between nodes are encapsulated.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Overlay {
    /// Encapsulated when true.
    #[serde(default)]
    pub enabled: bool,
    /// Whether calico announces the routes to pods itself; only meaningful without encapsulation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub create_pod_routes: Option<bool>,
}

/// How calico's own pods are sized.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AutoScaling {
    /// `cluster-proportional`, `vpa` or `static`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub mode: String,
    /// Fixed requests, for `static`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resources: Option<StaticResources>,
}

/// Fixed requests of calico's own pods: quantities by resource name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StaticResources {
    /// Of the pods on each node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<BTreeMap<String, String>>,
    /// Of the fan-out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub typha: Option<BTreeMap<String, String>>,
}

/// Several networks per pod.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Multus {
    /// On when true.
    #[serde(default)]
    pub enabled: bool,
    /// Whether the plugins are installed, too.
    #[serde(
        default,
        rename = "installCNIPlugins",
        skip_serializing_if = "Option::is_none"
    )]
    pub install_cni_plugins: Option<bool>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_configuration_of_local_ipv6_shoots_reads() {
        let value = json!({"ipv6": {"sourceNATEnabled": true}});
        let config = NetworkConfig::from_provider_config(Some(&value)).unwrap();
        let ipv6 = config.ipv6.clone().unwrap();
        assert_eq!(ipv6.source_nat_enabled, Some(true));
        assert_eq!(serde_json::to_value(&config).unwrap(), value);
    }

    #[test]
    fn nothing_is_a_configuration_that_says_nothing() {
        let config = NetworkConfig::from_provider_config(None).unwrap();
        assert_eq!(config, NetworkConfig::default());
    }

    #[test]
    fn an_unknown_key_is_refused_at_every_level() {
        for value in [
            json!({"backends": "bird"}),
            json!({"ipv4": {"sourceNATEnabled": true}}),
            json!({"overlay": {"enabled": false, "mode": "x"}}),
        ] {
            let error = NetworkConfig::from_provider_config(Some(&value)).unwrap_err();
            assert!(error.to_string().contains("unknown field"), "{value}");
        }
    }
}
