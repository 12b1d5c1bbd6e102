//! Kinds for the tests of this room.

use std::sync::Arc;

use serde_json::json;

use crate::cluster::embedded::kinds::{
    Kind, Origin, ResourceId, ScalePaths, Scope, Strategy, Subresources,
};

/// A built-in kind without subresources.
pub(super) fn built_in(group: &str, kind: &str, plural: &str) -> Arc<Kind> {
    Arc::new(Kind {
        group: group.to_owned(),
        version: "v1".to_owned(),
        kind: kind.to_owned(),
        list_kind: format!("{kind}List"),
        plural: plural.to_owned(),
        singular: kind.to_lowercase(),
        short_names: Vec::new(),
        categories: Vec::new(),
        scope: Scope::Namespaced,
        origin: Origin::BuiltIn,
        verbs: vec![
            "create", "delete", "get", "list", "patch", "update", "watch",
        ],
        subresources: Subresources::default(),
        columns: Vec::new(),
        raw_schema: None,
        schema: None,
        selectable_fields: Vec::new(),
        storage_version: "v1".to_owned(),
        resource: Arc::new(ResourceId {
            group: group.to_owned(),
            plural: plural.to_owned(),
        }),
        strategy: &Strategy::PLAIN,
        round_trip: None,
    })
}

/// A custom kind with status, scale and a small schema.
pub(super) fn custom() -> Arc<Kind> {
    let mut kind = Arc::unwrap_or_clone(built_in("garden.test", "Shoot", "shoots"));
    kind.origin = Origin::Custom;
    kind.subresources = Subresources {
        status: true,
        scale: Some(ScalePaths {
            spec_replicas: ".spec.replicas".to_owned(),
            status_replicas: ".status.replicas".to_owned(),
            label_selector: None,
        }),
        extra: Vec::new(),
    };
    kind.raw_schema = Some(Arc::new(json!({
        "type": "object",
        "properties": {"spec": {"type": "object", "properties": {"region": {"type": "string"}}}},
    })));
    Arc::new(kind)
}
