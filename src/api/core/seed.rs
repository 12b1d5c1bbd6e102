//! A Seed: the cluster that hosts control planes of Shoots.

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::{
    Condition,
    unmodelled::{Unmodelled, is_default, null_as_default},
};

/// What a Seed is.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "core.gardener.cloud",
    version = "v1beta1",
    kind = "Seed",
    status = "SeedStatus",
    derive = "Default",
    derive = "PartialEq",
    doc = "A cluster that hosts control planes of Shoots.",
    printcolumn = r#"{"name": "Status", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"GardenletReady\")].status"}"#,
    printcolumn = r#"{"name": "Provider", "type": "string", "jsonPath": ".spec.provider.type"}"#,
    printcolumn = r#"{"name": "Region", "type": "string", "jsonPath": ".spec.provider.region"}"#,
    printcolumn = r#"{"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}"#,
    printcolumn = r#"{"name": "Version", "type": "string", "jsonPath": ".status.gardener.version"}"#,
    printcolumn = r#"{"name": "K8S Version", "type": "string", "jsonPath": ".status.kubernetesVersion"}"#
)]
#[serde(rename_all = "camelCase")]
pub struct SeedSpec {
    /// The networks of the cluster.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "is_default"
    )]
    pub networks: SeedNetworks,
    /// The infrastructure the cluster runs on.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "is_default"
    )]
    pub provider: SeedProvider,
    /// Everything else that Gardener knows.
    #[serde(flatten)]
    pub other: Unmodelled,
}

/// The networks of a Seed, `spec.networks`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SeedNetworks {
    /// The range of node addresses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nodes: Option<String>,
    /// The range of pod addresses.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "String::is_empty"
    )]
    pub pods: String,
    /// The range of service addresses.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "String::is_empty"
    )]
    pub services: String,
    /// Ranges for Shoots that name none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shoot_defaults: Option<ShootNetworks>,
    /// Ranges that no pod with access to private or public networks may reach. Both families mix.
    #[serde(
        default,
        rename = "blockCIDRs",
        deserialize_with = "null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub block_cidrs: Vec<String>,
    /// The IP families in order; empty means `[IPv4]`.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub ip_families: Vec<String>,
    /// Everything else that Gardener knows.
    #[serde(flatten)]
    pub other: Unmodelled,
}

/// Ranges for Shoots that name none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ShootNetworks {
    /// The range of pod addresses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pods: Option<String>,
    /// The range of service addresses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub services: Option<String>,
}

/// The infrastructure a Seed runs on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SeedProvider {
    /// The provider extension, for instance `local`.
    #[serde(
        default,
        rename = "type",
        deserialize_with = "null_as_default",
        skip_serializing_if = "String::is_empty"
    )]
    pub type_: String,
    /// The region at the provider.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "String::is_empty"
    )]
    pub region: String,
    /// Everything else that Gardener knows.
    #[serde(flatten)]
    pub other: Unmodelled,
}

/// What is known about a Seed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SeedStatus {
    /// The health of the Seed.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub conditions: Vec<Condition>,
    /// The version of the cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kubernetes_version: Option<String>,
    /// The generation that was looked at last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// Everything else that Gardener knows.
    #[serde(flatten)]
    pub other: Unmodelled,
}
