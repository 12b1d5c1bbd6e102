//! The document `kind.x-k8s.io/v1alpha4`, as kind decodes it.
//!
//! Text that kind only checks later (families, roles, proxy modes) stays text here, because a wrong
//! value is a finding of [`validate`](super::validate()) and not a decoding error.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The API version of the document.
pub const API_VERSION: &str = "kind.x-k8s.io/v1alpha4";
/// The kind of the document.
pub const CLUSTER_KIND: &str = "Cluster";

/// One kind cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Cluster {
    /// Always [`CLUSTER_KIND`] where it is given.
    pub kind: String,
    /// Always [`API_VERSION`] where it is given.
    pub api_version: String,
    /// Name of the cluster, first part of every container name.
    pub name: String,
    /// The machines; none means one control plane.
    pub nodes: Vec<Node>,
    /// Families, ranges and the address of the API server.
    pub networking: Networking,
    /// Feature gates passed to every component.
    pub feature_gates: BTreeMap<String, bool>,
    /// `--runtime-config` of the API server.
    pub runtime_config: BTreeMap<String, String>,
    /// RFC 7386 merge patches, as YAML text.
    pub kubeadm_config_patches: Vec<String>,
    /// RFC 6902 patches.
    #[serde(rename = "kubeadmConfigPatchesJSON6902")]
    pub kubeadm_config_patches_json6902: Vec<JsonPatch>,
    /// Merge patches to the containerd configuration, as TOML text.
    pub containerd_config_patches: Vec<String>,
    /// RFC 6902 patches to the containerd configuration.
    #[serde(rename = "containerdConfigPatchesJSON6902")]
    pub containerd_config_patches_json6902: Vec<String>,
}

/// The network section.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Networking {
    /// `ipv4`, `ipv6` or `dual`, in exactly this spelling.
    pub ip_family: String,
    /// Host port of the API server: 0 picks a free one, -1 leaves it to the engine.
    pub api_server_port: i32,
    /// Host address of the API server; it also goes into the certificate.
    pub api_server_address: String,
    /// Pod ranges, separated by commas without blanks.
    pub pod_subnet: String,
    /// Service ranges, separated by commas without blanks.
    pub service_subnet: String,
    /// Leaves the cluster without pod network until somebody installs one.
    #[serde(rename = "disableDefaultCNI")]
    pub disable_default_cni: bool,
    /// `iptables`, `ipvs`, `nftables` or `none`.
    pub kube_proxy_mode: String,
    /// Search domains of the nodes; absent means those of the host.
    pub dns_search: Option<Vec<String>>,
}

/// One machine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Node {
    /// `control-plane` or `worker`.
    pub role: String,
    /// The node image.
    pub image: String,
    /// Labels of the Node object.
    pub labels: BTreeMap<String, String>,
    /// Folders of the host inside the machine.
    pub extra_mounts: Vec<Mount>,
    /// Ports of the machine on the host.
    pub extra_port_mappings: Vec<PortMapping>,
    /// Merge patches applied after those of the cluster.
    pub kubeadm_config_patches: Vec<String>,
    /// RFC 6902 patches applied after those of the cluster.
    #[serde(rename = "kubeadmConfigPatchesJSON6902")]
    pub kubeadm_config_patches_json6902: Vec<JsonPatch>,
}

/// A folder of the host inside a machine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Mount {
    /// Where the machine sees it.
    pub container_path: String,
    /// Where it is on the host.
    pub host_path: String,
    /// Whether the machine may write.
    pub read_only: bool,
    /// Whether the engine relabels it for `SELinux`.
    pub selinux_relabel: bool,
    /// `None`, `HostToContainer` or `Bidirectional`.
    pub propagation: String,
}

/// A port of a machine on the host.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct PortMapping {
    /// Port inside the machine.
    pub container_port: i32,
    /// Port of the host: 0 picks a free one, -1 leaves it to the engine.
    pub host_port: i32,
    /// Address of the host, without brackets.
    pub listen_address: String,
    /// `TCP`, `UDP` or `SCTP`, in any case.
    pub protocol: String,
}

/// An RFC 6902 patch with its target.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct JsonPatch {
    /// API group of the target.
    pub group: String,
    /// API version of the target.
    pub version: String,
    /// Kind of the target.
    pub kind: String,
    /// The operations, as YAML or JSON text.
    pub patch: String,
}
