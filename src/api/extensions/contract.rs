//! What all extension kinds have in common.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{DnsRecord, Infrastructure, Network, OperatingSystemConfig, Worker};
use crate::api::{
    Condition, LastError, LastOperation,
    unmodelled::{Unmodelled, null_as_default, raw_object},
};

/// The part of the status that every extension kind carries.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExtensionStatus {
    /// The health of what the extension made.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
    /// The last error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_error: Option<LastError>,
    /// The last operation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_operation: Option<LastOperation>,
    /// The generation that the last operation worked on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,
    /// What the extension wants to tell other extensions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "raw_object")]
    pub provider_status: Option<Value>,
    /// What the extension wants to remember.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "raw_object")]
    pub state: Option<Value>,
    /// Everything else that Gardener knows.
    #[serde(flatten)]
    pub other: Unmodelled,
}

/// An object that asks an extension for something and waits for its `lastOperation`.
pub trait ExtensionObject {
    /// Which extension is asked, `spec.type`.
    fn extension_type(&self) -> &str;
    /// The extension's own configuration, `spec.providerConfig`.
    fn provider_config(&self) -> Option<&Value>;
    /// The common part of the status, if there is a status.
    fn extension_status(&self) -> Option<&ExtensionStatus>;
    /// The common part of the status, made where there is none.
    fn extension_status_mut(&mut self) -> &mut ExtensionStatus;
}

macro_rules! extension_objects {
    ($($kind:ty),+) => {$(
        impl ExtensionObject for $kind {
            fn extension_type(&self) -> &str {
                &self.spec.type_
            }

            fn provider_config(&self) -> Option<&Value> {
                self.spec.provider_config.as_ref()
            }

            fn extension_status(&self) -> Option<&ExtensionStatus> {
                self.status.as_ref().map(|status| &status.common)
            }

            fn extension_status_mut(&mut self) -> &mut ExtensionStatus {
                &mut self.status.get_or_insert_default().common
            }
        }
    )+};
}

extension_objects!(
    DnsRecord,
    Infrastructure,
    Network,
    OperatingSystemConfig,
    Worker
);
