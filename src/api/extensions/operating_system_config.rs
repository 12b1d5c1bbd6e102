//! An OperatingSystemConfig asks an operating system extension for the files and units of a machine.

use k8s_openapi::api::core::v1::SecretReference;
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{ExtensionStatus, File, Unit};
use crate::api::{
    schema,
    unmodelled::{Unmodelled, null_as_default, raw_object},
};

/// Which files and units are wanted.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "extensions.gardener.cloud",
    version = "v1alpha1",
    kind = "OperatingSystemConfig",
    namespaced,
    status = "OperatingSystemConfigStatus",
    shortname = "osc",
    derive = "Default",
    derive = "PartialEq",
    doc = "Asks an operating system extension for the files and units of a machine.",
    printcolumn = r#"{"name": "Type", "type": "string", "jsonPath": ".spec.type"}"#,
    printcolumn = r#"{"name": "Purpose", "type": "string", "jsonPath": ".spec.purpose"}"#,
    printcolumn = r#"{"name": "Status", "type": "string", "jsonPath": ".status.lastOperation.state"}"#,
    printcolumn = r#"{"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}"#
)]
#[serde(rename_all = "camelCase")]
pub struct OperatingSystemConfigSpec {
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
    /// `provision` (first boot) or `reconcile`. Immutable.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "String::is_empty"
    )]
    #[schemars(schema_with = "schema::operating_system_purpose")]
    pub purpose: String,
    /// The files.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub files: Vec<File>,
    /// The systemd units.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub units: Vec<Unit>,
    /// Everything else that Gardener knows.
    #[serde(flatten)]
    pub other: Unmodelled,
}

/// What is known about an OperatingSystemConfig.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OperatingSystemConfigStatus {
    /// What every extension kind reports.
    #[serde(flatten)]
    pub common: ExtensionStatus,
    /// Files that the extension adds.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub extension_files: Vec<File>,
    /// Units that the extension adds.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub extension_units: Vec<Unit>,
    /// What a machine runs on its first boot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cloud_config: Option<CloudConfig>,
}

/// Where the text for a machine's first boot is kept.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CloudConfig {
    /// The secret with the text.
    pub secret_ref: SecretReference,
}
