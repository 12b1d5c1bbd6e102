//! A Shoot: one Kubernetes cluster that Gardener runs for somebody.

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Kubernetes, Networking, Provider, ShootStatus};
use crate::api::{
    schema,
    unmodelled::{Unmodelled, is_default, null_as_default},
};

/// What a Shoot should be.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "core.gardener.cloud",
    version = "v1beta1",
    kind = "Shoot",
    namespaced,
    status = "ShootStatus",
    category = "all",
    derive = "Default",
    derive = "PartialEq",
    doc = "A Kubernetes cluster that Gardener runs for somebody.",
    printcolumn = r#"{"name": "CloudProfile", "type": "string", "jsonPath": ".spec.cloudProfile.name"}"#,
    printcolumn = r#"{"name": "Provider", "type": "string", "jsonPath": ".spec.provider.type"}"#,
    printcolumn = r#"{"name": "Region", "type": "string", "jsonPath": ".spec.region"}"#,
    printcolumn = r#"{"name": "Seed", "type": "string", "jsonPath": ".spec.seedName", "priority": 1}"#,
    printcolumn = r#"{"name": "K8S Version", "type": "string", "jsonPath": ".spec.kubernetes.version"}"#,
    printcolumn = r#"{"name": "Hibernation", "type": "boolean", "jsonPath": ".status.hibernated"}"#,
    printcolumn = r#"{"name": "Last Operation", "type": "string", "jsonPath": ".status.lastOperation.state"}"#,
    printcolumn = r#"{"name": "Status", "type": "string", "jsonPath": ".metadata.labels.shoot\\.gardener\\.cloud/status"}"#,
    printcolumn = r#"{"name": "Purpose", "type": "string", "jsonPath": ".spec.purpose", "priority": 1}"#,
    printcolumn = r#"{"name": "APIServer", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"APIServerAvailable\")].status", "priority": 1}"#,
    printcolumn = r#"{"name": "Control", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"ControlPlaneHealthy\")].status", "priority": 1}"#,
    printcolumn = r#"{"name": "Nodes", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"EveryNodeReady\")].status", "priority": 1}"#,
    printcolumn = r#"{"name": "System", "type": "string", "jsonPath": ".status.conditions[?(@.type==\"SystemComponentsHealthy\")].status", "priority": 1}"#,
    printcolumn = r#"{"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}"#
)]
#[serde(rename_all = "camelCase")]
pub struct ShootSpec {
    /// The profile with the regions, versions and machines to choose from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cloud_profile: Option<CloudProfileReference>,
    /// The same by name only, as older manifests say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cloud_profile_name: Option<String>,
    /// The binding to the credentials of the cloud account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credentials_binding_name: Option<String>,
    /// The DNS name of the cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dns: Option<Dns>,
    /// Whether the cluster sleeps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hibernation: Option<Hibernation>,
    /// Settings of the Kubernetes components.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "is_default"
    )]
    pub kubernetes: Kubernetes,
    /// The networks of the Shoot: which extension sets them up, of which IP families they are, and
    /// which ranges of addresses nodes, pods and services use. Cannot be removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = {}))]
    pub networking: Option<Networking>,
    /// The infrastructure provider and the worker pools.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "is_default"
    )]
    pub provider: Provider,
    /// What the cluster is for. `infrastructure` is for clusters of the landscape itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::shoot_purpose")]
    pub purpose: Option<String>,
    /// The region at the provider.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "String::is_empty"
    )]
    pub region: String,
    /// The Seed that hosts the control plane; the scheduler fills it in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed_name: Option<String>,
    /// Everything else that Gardener knows.
    #[serde(flatten)]
    pub other: Unmodelled,
}

impl ShootSpec {
    /// Whether the Shoot is a control plane without workers.
    pub fn is_workerless(&self) -> bool {
        self.provider.workers.is_empty()
    }
}

/// Names a cloud profile.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CloudProfileReference {
    /// `CloudProfile` (the default) or `NamespacedCloudProfile`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::cloud_profile_kind")]
    pub kind: Option<String>,
    /// The name of the profile.
    pub name: String,
}

/// The DNS settings of a Shoot.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Dns {
    /// The external domain of the cluster; its API is `api.<domain>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// Everything else that Gardener knows.
    #[serde(flatten)]
    pub other: Unmodelled,
}

/// Whether a Shoot sleeps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Hibernation {
    /// Sleeps when true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// Everything else that Gardener knows.
    #[serde(flatten)]
    pub other: Unmodelled,
}
