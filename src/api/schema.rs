//! Schemas of fields whose Rust type says less than the field means.
//!
//! A schema must not refuse what the rules of Gardener accept, so only what holds for both rule
//! sets and every feature gate is said here: no `cidr` where the keyword `AUTOv6` may stand, no
//! bounds that depend on a family. Absent and empty values are left to validation as well, which
//! knows what to say about them. None of these is nullable: the API server drops a `null` then, and
//! a default or nothing takes its place.

use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

/// A list of IP families; the order matters.
pub(super) fn ip_families(_: &mut SchemaGenerator) -> Schema {
    let family = json!({"type": "string", "enum": ["IPv4", "IPv6"]});
    json_schema!({"type": "array", "items": family, "x-kubernetes-list-type": "atomic"})
}

/// The same where Gardener's API fills in the family that an empty list means.
pub(super) fn ip_families_or_ipv4(generator: &mut SchemaGenerator) -> Schema {
    let mut schema = ip_families(generator);
    schema.insert("default".to_owned(), json!(["IPv4"]));
    schema
}

/// One range of addresses, never empty.
pub(super) fn cidr(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string", "format": "cidr"})
}

/// Ranges of addresses.
pub(super) fn cidrs(_: &mut SchemaGenerator) -> Schema {
    let range = json!({"type": "string", "format": "cidr"});
    json_schema!({"type": "array", "items": range, "x-kubernetes-list-type": "atomic"})
}

/// The purposes of a Shoot.
pub(super) fn shoot_purpose(_: &mut SchemaGenerator) -> Schema {
    one_of(&[
        "evaluation",
        "testing",
        "development",
        "production",
        "infrastructure",
    ])
}

/// The kinds of cloud profiles.
pub(super) fn cloud_profile_kind(_: &mut SchemaGenerator) -> Schema {
    one_of(&["CloudProfile", "NamespacedCloudProfile"])
}

/// The classifications of a version.
pub(super) fn classification(_: &mut SchemaGenerator) -> Schema {
    one_of(&["preview", "supported", "deprecated"])
}

/// The types of DNS records.
pub(super) fn record_type(_: &mut SchemaGenerator) -> Schema {
    one_of(&["A", "AAAA", "CNAME", "TXT"])
}

/// The purposes of an operating system configuration.
pub(super) fn operating_system_purpose(_: &mut SchemaGenerator) -> Schema {
    one_of(&["provision", "reconcile"])
}

fn one_of(words: &[&str]) -> Schema {
    let words: Value = words.to_vec().into();
    json_schema!({"type": "string", "enum": words})
}
