//! A DNSRecord asks a DNS extension for one record set.

use k8s_openapi::api::core::v1::SecretReference;
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ExtensionStatus;
use crate::api::{
    schema,
    unmodelled::{is_default, null_as_default, raw_object},
};

/// Which record set is wanted.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[kube(
    group = "extensions.gardener.cloud",
    version = "v1alpha1",
    kind = "DNSRecord",
    root = "DnsRecord",
    namespaced,
    status = "DnsRecordStatus",
    shortname = "dns",
    derive = "Default",
    derive = "PartialEq",
    doc = "Asks a DNS extension for one record set.",
    printcolumn = r#"{"name": "Type", "type": "string", "jsonPath": ".spec.type"}"#,
    printcolumn = r#"{"name": "Domain Name", "type": "string", "jsonPath": ".spec.name"}"#,
    printcolumn = r#"{"name": "Record Type", "type": "string", "jsonPath": ".spec.recordType"}"#,
    printcolumn = r#"{"name": "Status", "type": "string", "jsonPath": ".status.lastOperation.state"}"#,
    printcolumn = r#"{"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}"#
)]
#[serde(rename_all = "camelCase")]
pub struct DnsRecordSpec {
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
    /// The secret with the credentials of the DNS account.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "is_default"
    )]
    pub secret_ref: SecretReference,
    /// The region at the DNS provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The zone at the DNS provider; found by suffix where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// The fully qualified domain name, for instance `api.local.example.org`. Immutable.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "String::is_empty"
    )]
    pub name: String,
    /// The type of the records: `A` for IPv4 addresses, `AAAA` for IPv6 addresses, `CNAME` for one
    /// host name, `TXT` for texts. Immutable.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "String::is_empty"
    )]
    #[schemars(schema_with = "schema::record_type")]
    pub record_type: String,
    /// The addresses, the one host name, or the texts.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub values: Vec<String>,
    /// The time to live in seconds; 120 where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub ttl: Option<i64>,
}

/// What is known about a DNSRecord.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DnsRecordStatus {
    /// What every extension kind reports.
    #[serde(flatten)]
    pub common: ExtensionStatus,
    /// The zone that holds the record set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
}
