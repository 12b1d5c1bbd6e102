//! The networks of a Shoot.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::api::{
    schema,
    unmodelled::{Unmodelled, null_as_default, raw_object},
};

/// The networks of a Shoot: which extension sets them up, and which ranges of addresses its nodes,
/// pods and services use.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Networking {
    /// The networking extension, for instance `calico`. Mandatory for a Shoot with workers,
    /// forbidden without. Immutable.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub type_: Option<String>,
    /// The extension's own configuration, for `calico` a `NetworkConfig`. Forbidden for a Shoot
    /// without workers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "raw_object")]
    pub provider_config: Option<Value>,
    /// The range of pod addresses in CIDR notation without host bits, of the first family of
    /// `ipFamilies`, for instance `2001:db8:1::/48`. Forbidden for a Shoot without workers. Where
    /// nothing is said, the Seed's `shootDefaults` or the infrastructure decide. Immutable once set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pods: Option<String>,
    /// The range of node addresses in CIDR notation without host bits, of the first family of
    /// `ipFamilies`, for instance `2001:db8:2::/48`. Forbidden for a Shoot without workers. Where
    /// nothing is said, the infrastructure decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nodes: Option<String>,
    /// The range of service addresses in CIDR notation without host bits, of the first family of
    /// `ipFamilies`, for instance `2001:db8:3::/112`; Kubernetes takes at most 20 host bits. Where
    /// nothing is said, the Seed's `shootDefaults` or the infrastructure decide. Immutable once set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub services: Option<String>,
    /// The IP families of the Shoot, each at most once; the first is the one of `nodes`, `pods` and
    /// `services`. IPv6 and dual-stack may need a feature gate. Immutable, except for the way from
    /// IPv4 to dual-stack and back where the rule set allows it.
    #[serde(
        default,
        deserialize_with = "null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    #[schemars(schema_with = "schema::ip_families_or_ipv4")]
    pub ip_families: Vec<String>,
    /// The pod ranges of all families in the order of `ipFamilies`; the first entry repeats `pods`.
    /// Dual-stack outlook of GEP-21, needs the feature gate `DualStack`. Immutable once set.
    #[serde(
        default,
        rename = "podsCIDRs",
        deserialize_with = "null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub pods_cidrs: Vec<String>,
    /// The node ranges of all families in the order of `ipFamilies`; the first entry repeats
    /// `nodes`. Dual-stack outlook of GEP-21, needs the feature gate `DualStack`. Immutable once set.
    #[serde(
        default,
        rename = "nodesCIDRs",
        deserialize_with = "null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub nodes_cidrs: Vec<String>,
    /// The service ranges of all families in the order of `ipFamilies`; the first entry repeats
    /// `services`. Dual-stack outlook of GEP-21, needs the feature gate `DualStack`. Immutable once
    /// set.
    #[serde(
        default,
        rename = "servicesCIDRs",
        deserialize_with = "null_as_default",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub services_cidrs: Vec<String>,
    /// Everything else that Gardener knows.
    #[serde(flatten)]
    pub other: Unmodelled,
}
