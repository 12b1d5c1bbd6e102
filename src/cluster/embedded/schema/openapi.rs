//! The schema of a custom resource as the `OpenAPI` v3 document publishes it.

use serde_json::{Map, Value, json};

/// Where the published metadata schema lives in the document.
pub const OBJECT_META: &str =
    "#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta";

/// Turns an `openAPIV3Schema` into the published schema of the kind.
///
/// `apiVersion`, `kind` and `metadata` are added, as every resource has them, and the kind is
/// named so that clients find it.
pub fn published(schema: &Value, group: &str, version: &str, kind: &str) -> Value {
    let mut published = schema.clone();
    if !published.is_object() {
        published = json!({"type": "object"});
    }
    add_head(&mut published);
    embedded_heads(&mut published);
    if let Some(map) = published.as_object_mut() {
        let names = json!([{"group": group, "kind": kind, "version": version}]);
        map.insert("x-kubernetes-group-version-kind".to_owned(), names);
    }
    published
}

fn add_head(schema: &mut Value) {
    let Some(schema) = schema.as_object_mut() else {
        return;
    };
    let head = json!({
        "apiVersion": {
            "type": "string",
            "description": "The version of the schema that this object follows, as group/version.",
        },
        "kind": {
            "type": "string",
            "description": "The kind of this object.",
        },
        "metadata": {
            "description": "Standard object metadata.",
            "allOf": [{"$ref": OBJECT_META}],
        },
    });
    let properties = schema.entry("properties").or_insert_with(|| json!({}));
    if let (Some(properties), Value::Object(head)) = (properties.as_object_mut(), head) {
        for (name, property) in head {
            if name == "metadata" || !properties.contains_key(&name) {
                properties.insert(name, property);
            }
        }
    }
}

/// Embedded resources have the same three members.
fn embedded_heads(schema: &mut Value) {
    let Some(map) = schema.as_object_mut() else {
        return;
    };
    if let Some(properties) = map.get_mut("properties").and_then(Value::as_object_mut) {
        properties.values_mut().for_each(embedded_node);
    }
    for keyword in ["items", "additionalProperties"] {
        if let Some(below) = map.get_mut(keyword) {
            embedded_node(below);
        }
    }
}

fn embedded_node(schema: &mut Value) {
    if is_embedded(schema.as_object()) {
        add_head(schema);
    }
    embedded_heads(schema);
}

fn is_embedded(schema: Option<&Map<String, Value>>) -> bool {
    let flag = schema.and_then(|schema| schema.get("x-kubernetes-embedded-resource"));
    flag == Some(&Value::Bool(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_is_added_and_the_kind_named() {
        let schema = json!({"type": "object", "properties": {
            "spec": {"type": "object"},
            "template": {"type": "object", "x-kubernetes-embedded-resource": true},
        }});
        let published = published(&schema, "g.example", "v1", "Shoot");
        let properties = &published["properties"];
        assert_eq!(properties["metadata"]["allOf"][0]["$ref"], OBJECT_META);
        assert_eq!(
            properties["template"]["properties"]["kind"]["type"],
            "string"
        );
        assert_eq!(
            published["x-kubernetes-group-version-kind"],
            json!([{"group": "g.example", "kind": "Shoot", "version": "v1"}])
        );
    }
}
