//! Everything that is known about the engine.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{ClusterContainers, EngineInfo, EngineNetwork, EngineVersion, Fact};

/// Result of connecting to the engine and asking `GET /_ping`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Ping {
    /// It answered.
    Ok,
    /// There is no socket (ENOENT).
    NoSocket,
    /// Nobody listens (ECONNREFUSED).
    Refused,
    /// This user may not connect (EACCES, EPERM).
    Denied,
    /// It did not answer in time (ETIMEDOUT).
    TimedOut,
    /// Something answered that is not an engine, or another error, as text.
    Other(String),
}

impl From<String> for Ping {
    fn from(text: String) -> Self {
        match text.as_str() {
            "ok" => Self::Ok,
            "ENOENT" => Self::NoSocket,
            "ECONNREFUSED" => Self::Refused,
            "EACCES" | "EPERM" => Self::Denied,
            "ETIMEDOUT" | "timeout" => Self::TimedOut,
            _ => Self::Other(text),
        }
    }
}

impl From<Ping> for String {
    fn from(ping: Ping) -> Self {
        ping.to_string()
    }
}

impl fmt::Display for Ping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ok => "ok",
            Self::NoSocket => "ENOENT",
            Self::Refused => "ECONNREFUSED",
            Self::Denied => "EACCES",
            Self::TimedOut => "ETIMEDOUT",
            Self::Other(text) => text,
        })
    }
}

/// The Docker context that is selected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Context {
    /// Its name: `DOCKER_CONTEXT`, else `currentContext` of the client's configuration.
    pub selected: String,
    /// Whether it is defined; `default` always is.
    pub exists: bool,
}

impl Default for Context {
    fn default() -> Self {
        Self {
            selected: "default".to_owned(),
            exists: true,
        }
    }
}

/// kind's clusters on the engine.
pub type Clusters = Vec<ClusterContainers>;

/// Settings of Docker Desktop.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DesktopSettings {
    /// Its version.
    pub version: Option<String>,
    /// `dual-stack`, `ipv4only` or `ipv6only`; none before 4.42.
    pub networking_mode: Option<String>,
}

/// Settings of a virtual machine that carries the engine (colima, lima, `OrbStack`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct VmSettings {
    /// Whether it has an address on the network of the Mac.
    pub network_address: Option<bool>,
    /// Whether its daemon configuration switches IPv6 on.
    pub docker_ipv6: Option<bool>,
    /// Whether addresses of the Mac's loopback exist in it as well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_addresses: Option<bool>,
}

/// What `--probe` did and found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProbeAnswers {
    /// Creating a network with IPv6: `ok`, or status and message of the engine.
    pub create_v6_network: Option<String>,
}

/// The engine, and how it is reached. Without an engine only `ping`, `endpoint`, `context` and
/// what comes from files are there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Docker {
    /// Whether it answers.
    #[serde(skip_serializing_if = "Fact::is_not_recorded")]
    pub ping: Fact<Ping>,
    /// The endpoint that `DOCKER_HOST`, `DOCKER_CONTEXT`, the current context or the default lead to.
    #[serde(skip_serializing_if = "Fact::is_not_recorded")]
    pub endpoint: Fact<String>,
    /// The context.
    #[serde(skip_serializing_if = "Fact::is_not_recorded")]
    pub context: Fact<Context>,
    /// Newest API version that garden6's own client speaks.
    #[serde(skip_serializing_if = "Fact::is_not_recorded")]
    pub client_max_api: Fact<String>,
    /// `GET /version`.
    #[serde(skip_serializing_if = "Fact::is_not_recorded")]
    pub version: Fact<EngineVersion>,
    /// `GET /info`.
    #[serde(skip_serializing_if = "Fact::is_not_recorded")]
    pub info: Fact<EngineInfo>,
    /// `GET /networks`, in the order of the engine, each inspected.
    #[serde(skip_serializing_if = "Fact::is_not_recorded")]
    pub networks: Fact<Vec<EngineNetwork>>,
    /// `GET /containers/json?all=1` with kind's label, counted per cluster.
    #[serde(skip_serializing_if = "Fact::is_not_recorded")]
    pub clusters: Fact<Clusters>,
    /// The daemon's configuration file as JSON; a text where it is not JSON.
    #[serde(skip_serializing_if = "Fact::is_not_recorded")]
    pub daemon_json: Fact<Value>,
    /// Where that file is.
    #[serde(skip_serializing_if = "Fact::is_not_recorded")]
    pub daemon_json_path: Fact<String>,
    /// The daemon's arguments without its name.
    #[serde(skip_serializing_if = "Fact::is_not_recorded")]
    pub dockerd_args: Fact<Vec<String>>,
    /// `proxies` of the client's configuration are set.
    #[serde(skip_serializing_if = "Fact::is_not_recorded")]
    pub client_proxies: Fact<bool>,
    /// Answers of `--probe`; absent when it was not given.
    #[serde(skip_serializing_if = "Fact::is_not_recorded")]
    pub probe: Fact<ProbeAnswers>,
    /// Docker Desktop's settings.
    #[serde(skip_serializing_if = "Fact::is_not_recorded")]
    pub desktop: Fact<DesktopSettings>,
    /// The virtual machine's settings.
    #[serde(skip_serializing_if = "Fact::is_not_recorded")]
    pub vm: Fact<VmSettings>,
}
