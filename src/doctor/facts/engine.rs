//! `GET /version` and `GET /info`, reduced to what checks read.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The engine's version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct EngineVersion {
    /// Version of the engine.
    pub version: String,
    /// Newest API version it speaks.
    pub api_version: String,
    /// Oldest API version it speaks.
    #[serde(rename = "MinAPIVersion")]
    pub min_api_version: String,
    /// `Platform.Name`: the product.
    pub platform: String,
    /// Components by name.
    pub components: BTreeMap<String, Component>,
}

/// A component of the engine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Component {
    /// Its version.
    Version(String),
    /// What `RootlessKit` says about its network.
    Rootless(RootlessKit),
}

/// The network of a rootless engine (`Components[rootlesskit].Details`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RootlessKit {
    /// Its user-mode network stack.
    #[serde(rename = "NetworkDriver")]
    pub network_driver: String,
    /// What publishes ports.
    #[serde(rename = "PortDriver")]
    pub port_driver: String,
    /// Whether it was started with `--ipv6`; unknown where its flags cannot be read.
    pub ipv6_flag: Option<bool>,
}

/// The engine's view of its machine.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "these are the answers of the engine"
)]
pub struct EngineInfo {
    /// Name of the operating system.
    pub operating_system: String,
    /// `linux` or `windows`.
    #[serde(rename = "OSType")]
    pub os_type: String,
    /// Machine architecture, as `uname -m` spells it.
    pub architecture: String,
    /// Host name.
    pub name: String,
    /// Release of the kernel.
    pub kernel_version: String,
    /// Processors.
    #[serde(rename = "NCPU")]
    pub ncpu: u32,
    /// Memory in GiB.
    #[serde(rename = "MemTotalGiB")]
    pub mem_total_gib: f64,
    /// Where images and containers are.
    pub docker_root_dir: String,
    /// Storage driver.
    pub driver: String,
    /// File system below the storage driver.
    pub backing_filesystem: Option<String>,
    /// `false` where the file system below cannot carry overlays (xfs without ftype).
    #[serde(rename = "SupportsDType", skip_serializing_if = "Option::is_none")]
    pub supports_d_type: Option<bool>,
    /// `containerd` or `graphdriver`.
    pub image_store: Option<String>,
    /// cgroup driver.
    pub cgroup_driver: String,
    /// cgroup version: `1` or `2`.
    pub cgroup_version: String,
    /// Whether memory can be limited.
    pub memory_limit: bool,
    /// Whether the number of processes can.
    pub pids_limit: bool,
    /// Whether processor time can.
    pub cpu_cfs_quota: bool,
    /// Whether processor time can be shared out.
    #[serde(rename = "CPUShares")]
    pub cpu_shares: bool,
    /// Whether processors can be assigned.
    #[serde(rename = "CPUSet")]
    pub cpu_set: bool,
    /// Whether the engine found IPv4 forwarding switched on.
    #[serde(rename = "IPv4Forwarding")]
    pub ipv4_forwarding: bool,
    /// Security options: `name=rootless`, `name=cgroupns`, ….
    pub security_options: Vec<String>,
    /// Runtime of containers that ask for none.
    pub default_runtime: String,
    /// `Swarm.LocalNodeState`.
    pub swarm: String,
    /// Complaints of the engine.
    pub warnings: Vec<String>,
    /// Whether containers outlive the daemon.
    pub live_restore_enabled: bool,
    /// `FirewallBackend.Driver` (API 1.49 and later).
    pub firewall_backend: Option<String>,
    /// `EnableUserlandProxy` of `FirewallBackend.Info` (29.5 and later).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub userland_proxy: Option<bool>,
    /// Address pools that were set explicitly, as prefix and length of their pieces:
    /// `10.201.0.0/16 24`.
    pub default_address_pools: Option<Vec<String>>,
    /// Prefixes that registries may be in without TLS.
    #[serde(rename = "InsecureRegistryCIDRs")]
    pub insecure_registry_cidrs: Vec<String>,
    /// Registries by name that need no TLS (`IndexConfigs` with `Secure: false`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub insecure_registries: Vec<String>,
    /// The daemon's proxy for plain HTTP.
    pub http_proxy: String,
    /// The daemon's proxy for HTTPS.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub https_proxy: String,
    /// What the daemon reaches without a proxy.
    pub no_proxy: String,
    /// Whether swap can be limited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub swap_limit: Option<bool>,
    /// Labels of the engine.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
}

impl EngineInfo {
    /// Whether a security option is on: `rootless`, `cgroupns`, `selinux`, `userns`.
    pub fn has_security_option(&self, name: &str) -> bool {
        self.security_options.iter().any(|option| {
            option
                .split(',')
                .any(|part| part.strip_prefix("name=") == Some(name))
        })
    }
}
