//! What a controller did last to an object, and how far it got.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The last operation on an object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LastOperation {
    /// What is done.
    #[serde(rename = "type")]
    pub type_: OperationType,
    /// How it stands.
    pub state: OperationState,
    /// Progress in percent.
    pub progress: i32,
    /// What is going on, for people.
    pub description: String,
    /// When this was written.
    pub last_update_time: Time,
}

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum OperationType {
    /// The object is made for the first time.
    Create,
    /// The object is brought back to what its specification says.
    Reconcile,
    /// The object is removed.
    Delete,
    /// The object is detached from its seed.
    Migrate,
    /// The object is attached to another seed.
    Restore,
}

/// How an operation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum OperationState {
    /// Under way.
    Processing,
    /// Done.
    Succeeded,
    /// Failed, will be tried again.
    Error,
    /// Failed for good.
    Failed,
    /// Waiting for something else.
    Pending,
    /// Stopped.
    Aborted,
}

/// The last error of an operation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LastError {
    /// What went wrong.
    pub description: String,
    /// The task that failed.
    #[serde(default, rename = "taskID", skip_serializing_if = "Option::is_none")]
    pub task_id: Option<String>,
    /// Well-known codes, for instance `ERR_CONFIGURATION_PROBLEM`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<String>,
    /// When this was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_update_time: Option<Time>,
}
