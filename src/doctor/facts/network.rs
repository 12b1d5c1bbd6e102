//! Networks and clusters of the engine.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A network of the engine (`GET /networks/ID`), reduced to what checks read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct EngineNetwork {
    /// Its name; several networks may share one.
    pub name: String,
    /// Its id.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// Its driver.
    pub driver: String,
    /// Whether it carries IPv4; told by API 1.48 and later.
    #[serde(rename = "EnableIPv4", skip_serializing_if = "Option::is_none")]
    pub enable_ipv4: Option<bool>,
    /// Whether it carries IPv6.
    #[serde(rename = "EnableIPv6")]
    pub enable_ipv6: bool,
    /// Whether it has no way out.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub internal: bool,
    /// The prefixes of its address management, as the engine spells them.
    pub subnets: Vec<String>,
    /// The gateways of its address management.
    pub gateways: Vec<String>,
    /// Its driver options.
    pub options: BTreeMap<String, String>,
    /// Its labels.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// How many containers are attached.
    pub containers: u32,
}

/// Containers that kind labelled with the name of one cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClusterContainers {
    /// Name of the cluster.
    pub name: String,
    /// Containers that run.
    pub running: u32,
    /// Containers that exist and do not.
    pub exited: u32,
}
