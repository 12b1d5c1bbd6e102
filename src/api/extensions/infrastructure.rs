//! An Infrastructure asks a provider extension for networks and accounts of a Shoot.

use k8s_openapi::api::core::v1::SecretReference;
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ExtensionStatus;
use crate::api::unmodelled::{is_default, null_as_default, raw_object};

/// Which infrastructure is wanted.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "extensions.gardener.cloud",
    version = "v1alpha1",
    kind = "Infrastructure",
    namespaced,
    status = "InfrastructureStatus",
    shortname = "infra",
    derive = "Default",
    derive = "PartialEq",
    doc = "Asks a provider extension for the infrastructure of a Shoot.",
    printcolumn = r#"{"name": "Type", "type": "string", "jsonPath": ".spec.type"}"#,
    printcolumn = r#"{"name": "Region", "type": "string", "jsonPath": ".spec.region"}"#,
    printcolumn = r#"{"name": "Status", "type": "string", "jsonPath": ".status.lastOperation.state"}"#,
    printcolumn = r#"{"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}"#
)]
#[serde(rename_all = "camelCase")]
pub struct InfrastructureSpec {
    /// The extension that is asked, for instance `local`.
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
    /// The region at the provider. Immutable.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "String::is_empty"
    )]
    pub region: String,
    /// The secret with the credentials of the cloud account.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "is_default"
    )]
    pub secret_ref: SecretReference,
    /// The key that opens the machines, in Base64.
    #[serde(
        default,
        rename = "sshPublicKey",
        skip_serializing_if = "Option::is_none"
    )]
    pub ssh_public_key: Option<String>,
}

/// What is known about an Infrastructure.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InfrastructureStatus {
    /// What every extension kind reports.
    #[serde(flatten)]
    pub common: ExtensionStatus,
    /// The node range, where the provider assigned it.
    #[serde(default, rename = "nodesCIDR", skip_serializing_if = "Option::is_none")]
    pub nodes_cidr: Option<String>,
    /// The ranges from which traffic leaves the Shoot.
    #[serde(
        default,
        rename = "egressCIDRs",
        deserialize_with = "null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub egress_cidrs: Vec<String>,
    /// The ranges of all families.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub networking: Option<InfrastructureNetworking>,
}

/// The ranges that an infrastructure gave to a Shoot, all families.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InfrastructureNetworking {
    /// Pod ranges.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub pods: Vec<String>,
    /// Node ranges.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub nodes: Vec<String>,
    /// Service ranges.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub services: Vec<String>,
}
