//! What is known about a Shoot.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::{
    Condition, LastError, LastOperation, schema,
    unmodelled::{Unmodelled, is_default, null_as_default},
};

/// What is known about a Shoot.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ShootStatus {
    /// The addresses under which the API server can be reached.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub advertised_addresses: Vec<AdvertisedAddress>,
    /// The health of the cluster.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
    /// What stands in the way of operations on the cluster.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub constraints: Vec<Condition>,
    /// Whether the cluster sleeps.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "is_default"
    )]
    pub hibernated: bool,
    /// The last operation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_operation: Option<LastOperation>,
    /// The errors of the last operation.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub last_errors: Vec<LastError>,
    /// The actual ranges of all families.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub networking: Option<NetworkingStatus>,
    /// The generation that the last operation worked on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// The Seed that hosts the control plane now; differs from the specification during a migration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed_name: Option<String>,
    /// The name of the control plane namespace in the Seed, `shoot--<project>--<name>`.
    #[serde(
        default,
        rename = "technicalID",
        skip_serializing_if = "Option::is_none"
    )]
    pub technical_id: Option<String>,
    /// Everything else that Gardener knows.
    #[serde(flatten)]
    pub other: Unmodelled,
}

/// One address under which the API server can be reached.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AdvertisedAddress {
    /// What the address is for: `external`, `internal` or `service-account-issuer`, among others.
    pub name: String,
    /// The address.
    pub url: String,
    /// Everything else that Gardener knows.
    #[serde(flatten)]
    pub other: Unmodelled,
}

/// The actual ranges of a Shoot, all families, written from what the Infrastructure reports.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NetworkingStatus {
    /// The pod ranges of all families in CIDR notation without host bits.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    #[schemars(schema_with = "schema::cidrs")]
    pub pods: Vec<String>,
    /// The node ranges of all families in CIDR notation without host bits.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    #[schemars(schema_with = "schema::cidrs")]
    pub nodes: Vec<String>,
    /// The service ranges of all families in CIDR notation without host bits.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    #[schemars(schema_with = "schema::cidrs")]
    pub services: Vec<String>,
    /// The ranges from which traffic leaves the cluster, in CIDR notation without host bits.
    #[serde(
        default,
        rename = "egressCIDRs",
        deserialize_with = "null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    #[schemars(schema_with = "schema::cidrs")]
    pub egress_cidrs: Vec<String>,
}
