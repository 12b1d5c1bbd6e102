//! A project: the namespace in which somebody keeps their Shoots.

use k8s_openapi::api::rbac::v1::Subject;
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::unmodelled::Unmodelled;

/// Who shares which namespace.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "core.gardener.cloud",
    version = "v1beta1",
    kind = "Project",
    status = "ProjectStatus",
    derive = "Default",
    derive = "PartialEq",
    doc = "The namespace in which somebody keeps their Shoots.",
    printcolumn = r#"{"name": "Namespace", "type": "string", "jsonPath": ".spec.namespace"}"#,
    printcolumn = r#"{"name": "Status", "type": "string", "jsonPath": ".status.phase"}"#,
    printcolumn = r#"{"name": "Owner", "type": "string", "jsonPath": ".spec.owner.name"}"#,
    printcolumn = r#"{"name": "Creator", "type": "string", "jsonPath": ".spec.createdBy.name"}"#,
    printcolumn = r#"{"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}"#
)]
#[serde(rename_all = "camelCase")]
pub struct ProjectSpec {
    /// The namespace; `garden-<name>` where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Who made the project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by: Option<Subject>,
    /// Who owns the project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Subject>,
    /// Everything else that Gardener knows.
    #[serde(flatten)]
    pub other: Unmodelled,
}

/// What is known about a project.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProjectStatus {
    /// `Pending`, `Ready`, `Failed` or `Terminating`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<String>,
    /// The generation that was looked at last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// Everything else that Gardener knows.
    #[serde(flatten)]
    pub other: Unmodelled,
}
