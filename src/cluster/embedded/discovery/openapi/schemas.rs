//! The schemas of a document.

use serde_json::{Map, Value, json};

use super::builtin;
use crate::cluster::embedded::kinds::Kind;
use crate::cluster::embedded::schema::openapi::published;

const META: &str = "io.k8s.apimachinery.pkg.apis.meta.v1";
/// The schema of a refusal or confirmation.
pub(super) const STATUS: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.Status";
/// The schema of a patch.
pub(super) const PATCH: &str = "io.k8s.apimachinery.pkg.apis.meta.v1.Patch";
const GROUP_VERSION_KIND: &str = "x-kubernetes-group-version-kind";

/// The name of the schema of a kind, or of its list: the reversed group, the version, the kind.
pub(super) fn component_name(kind: &Kind, name: &str) -> String {
    if let Some(package) = builtin::package(kind) {
        return format!("{package}.{}.{name}", kind.version);
    }
    let reversed: Vec<&str> = kind.group.rsplit('.').collect();
    format!("{}.{}.{name}", reversed.join("."), kind.version)
}

/// The group, version and kind of an operation.
pub(super) fn group_version_kind(kind: &Kind) -> Value {
    json!({"group": kind.group, "version": kind.version, "kind": kind.kind})
}

/// The schemas of all kinds of a document, and all that they refer to.
pub(super) fn of(kinds: &[&Kind]) -> Value {
    let mut schemas = builtin::definitions(kinds);
    schemas.insert(PATCH.to_owned(), json!({"type": "object"}));
    for kind in kinds {
        let name = component_name(kind, &kind.kind);
        let schema = match &kind.raw_schema {
            Some(raw) => published(raw, &kind.group, &kind.version, &kind.kind),
            None => schemas
                .remove(&name)
                .unwrap_or_else(|| json!({"type": "object"})),
        };
        schemas.insert(name.clone(), marked(schema, kind, &kind.kind));
        if kind.verbs.contains(&"list") {
            let list = list_schema(kind, &name);
            schemas.insert(
                component_name(kind, &kind.list_kind),
                marked(list, kind, &kind.list_kind),
            );
        }
    }
    Value::Object(schemas)
}

fn marked(mut schema: Value, kind: &Kind, name: &str) -> Value {
    if let Some(schema) = schema.as_object_mut() {
        schema.insert(
            GROUP_VERSION_KIND.to_owned(),
            json!([{"group": kind.group, "version": kind.version, "kind": name}]),
        );
    }
    schema
}

fn list_schema(kind: &Kind, object: &str) -> Value {
    let mut properties = type_properties("ListMeta");
    properties.insert(
        "items".to_owned(),
        json!({
            "description": format!("List of {}.", kind.plural),
            "type": "array",
            "items": {"$ref": format!("#/components/schemas/{object}")},
        }),
    );
    json!({
        "description": format!("{} is a list of {}.", kind.list_kind, kind.kind),
        "type": "object",
        "required": ["items"],
        "properties": properties,
    })
}

fn type_properties(metadata: &str) -> Map<String, Value> {
    let Value::Object(properties) = json!({
        "apiVersion": {
            "description": "The version of the schema of this object.",
            "type": "string",
        },
        "kind": {
            "description": "The kind of this object.",
            "type": "string",
        },
        "metadata": {
            "description": "Standard metadata.",
            "allOf": [{"$ref": format!("#/components/schemas/{META}.{metadata}")}],
        },
    }) else {
        return Map::new();
    };
    properties
}
