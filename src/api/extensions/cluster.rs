//! A Cluster hands the objects of the garden to the extensions of a Seed.

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::api::unmodelled::raw_object;

/// The objects that one Shoot is made from, as they were when gardenlet looked last.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "extensions.gardener.cloud",
    version = "v1alpha1",
    kind = "Cluster",
    derive = "Default",
    derive = "PartialEq",
    doc = "Hands the objects of the garden to the extensions of a Seed.",
    printcolumn = r#"{"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}"#
)]
#[serde(rename_all = "camelCase")]
pub struct ClusterSpec {
    /// The cloud profile of the Shoot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "raw_object")]
    pub cloud_profile: Option<Value>,
    /// The Seed of the Shoot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "raw_object")]
    pub seed: Option<Value>,
    /// The Shoot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "raw_object")]
    pub shoot: Option<Value>,
}
