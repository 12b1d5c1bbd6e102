//! The networks of a Shoot.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::api::unmodelled::{Unmodelled, null_as_default, raw_object};

/// The networks of a Shoot, `spec.networking`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Networking {
    /// The networking extension, for instance `calico`. Mandatory with workers.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub type_: Option<String>,
    /// The extension's own configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "raw_object")]
    pub provider_config: Option<Value>,
    /// The range of pod addresses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pods: Option<String>,
    /// The range of node addresses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nodes: Option<String>,
    /// The range of service addresses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub services: Option<String>,
    /// The IP families in order; the first is the primary one. Empty means `[IPv4]`.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub ip_families: Vec<String>,
    /// Pod ranges of both families, primary first (dual-stack outlook of GEP-21).
    #[serde(
        default,
        rename = "podsCIDRs",
        deserialize_with = "null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub pods_cidrs: Vec<String>,
    /// Node ranges of both families, primary first (dual-stack outlook of GEP-21).
    #[serde(
        default,
        rename = "nodesCIDRs",
        deserialize_with = "null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub nodes_cidrs: Vec<String>,
    /// Service ranges of both families, primary first (dual-stack outlook of GEP-21).
    #[serde(
        default,
        rename = "servicesCIDRs",
        deserialize_with = "null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub services_cidrs: Vec<String>,
    /// Everything else that Gardener knows.
    #[serde(flatten)]
    pub other: Unmodelled,
}
