//! A Network asks a networking extension to set up the pod network of a Shoot.

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ExtensionStatus;
use crate::api::{
    schema,
    unmodelled::{null_as_default, raw_object},
};

/// Which pod network is wanted.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "extensions.gardener.cloud",
    version = "v1alpha1",
    kind = "Network",
    namespaced,
    status = "NetworkStatus",
    derive = "Default",
    derive = "PartialEq",
    doc = "Asks a networking extension for the pod network of a Shoot.",
    printcolumn = r#"{"name": "Type", "type": "string", "jsonPath": ".spec.type"}"#,
    printcolumn = r#"{"name": "Pod CIDR", "type": "string", "jsonPath": ".spec.podCIDR"}"#,
    printcolumn = r#"{"name": "Service CIDR", "type": "string", "jsonPath": ".spec.serviceCIDR"}"#,
    printcolumn = r#"{"name": "Status", "type": "string", "jsonPath": ".status.lastOperation.state"}"#,
    printcolumn = r#"{"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}"#
)]
#[serde(rename_all = "camelCase")]
pub struct NetworkSpec {
    /// The extension that is asked, for instance `calico`.
    #[serde(
        default,
        rename = "type",
        deserialize_with = "null_as_default",
        skip_serializing_if = "String::is_empty"
    )]
    pub type_: String,
    /// The extension class: `garden`, `seed` or (the default) `shoot`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// The extension's own configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "raw_object")]
    pub provider_config: Option<Value>,
    /// The range of pod addresses in CIDR notation, of the first family of `ipFamilies`. Mandatory
    /// and immutable.
    #[serde(
        default,
        rename = "podCIDR",
        deserialize_with = "null_as_default",
        skip_serializing_if = "String::is_empty"
    )]
    #[schemars(schema_with = "schema::cidr")]
    pub pod_cidr: String,
    /// The range of service addresses in CIDR notation, of the first family of `ipFamilies`.
    /// Mandatory and immutable.
    #[serde(
        default,
        rename = "serviceCIDR",
        deserialize_with = "null_as_default",
        skip_serializing_if = "String::is_empty"
    )]
    #[schemars(schema_with = "schema::cidr")]
    pub service_cidr: String,
    /// The IP families of the pod network, each at most once; nothing means `[IPv4]`.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    #[schemars(schema_with = "schema::ip_families")]
    pub ip_families: Vec<String>,
}

/// What is known about a Network.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NetworkStatus {
    /// What every extension kind reports.
    #[serde(flatten)]
    pub common: ExtensionStatus,
    /// The families that are actually in effect; differs from the specification during a migration.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    #[schemars(schema_with = "schema::ip_families")]
    pub ip_families: Vec<String>,
}
