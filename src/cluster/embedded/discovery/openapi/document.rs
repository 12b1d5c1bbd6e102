//! The documents.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::operations;
use super::schemas;
use crate::cluster::embedded::discovery::cached;
use crate::cluster::embedded::discovery::groups;
use crate::cluster::embedded::kinds::Kind;

/// The root: where each document is, with a hash that changes when the document does.
pub(in super::super) fn root(kinds: &[Arc<Kind>]) -> Value {
    let mut paths = Map::new();
    for (group, versions) in groups::sorted(kinds) {
        for version in versions {
            let path = base(group, version);
            let url = format!("/openapi/v3/{path}?hash={}", hash(kinds, group, version));
            paths.insert(path, json!({"serverRelativeURL": url}));
        }
    }
    json!({"paths": paths})
}

/// The document of one group and version.
pub(in super::super) fn document(kinds: &[Arc<Kind>], group: &str, version: &str) -> Option<Value> {
    let served: Vec<&Kind> = of(kinds, group, version).collect();
    if served.is_empty() {
        return None;
    }
    let mut paths = Map::new();
    for kind in &served {
        operations::add(&mut paths, kind);
    }
    Some(json!({
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": "v1.36.0"},
        "paths": paths,
        "components": {"schemas": schemas::of(&served)},
    }))
}

fn of<'a>(kinds: &'a [Arc<Kind>], group: &str, version: &str) -> impl Iterator<Item = &'a Kind> {
    kinds
        .iter()
        .map(AsRef::as_ref)
        .filter(move |kind| kind.group == group && kind.version == version)
}

/// `api/v1` or `apis/GROUP/VERSION`.
pub(super) fn base(group: &str, version: &str) -> String {
    if group.is_empty() {
        format!("api/{version}")
    } else {
        format!("apis/{group}/{version}")
    }
}

/// A digest of all that the document is made from.
fn hash(kinds: &[Arc<Kind>], group: &str, version: &str) -> String {
    let mut text = String::new();
    for kind in of(kinds, group, version) {
        text.push_str(&kind.kind);
        text.push_str(&kind.plural);
        text.push_str(if kind.subresources.status {
            "+status"
        } else {
            ""
        });
        text.push_str(if kind.subresources.scale.is_some() {
            "+scale"
        } else {
            ""
        });
        if let Some(schema) = &kind.raw_schema {
            text.push_str(&schema.to_string());
        }
    }
    cached::tag(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::super::super::sample::{built_in, custom};
    use super::*;

    /// Every `$ref` of a document.
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                if let Some(Value::String(reference)) = fields.get("$ref") {
                    found.push(reference.clone());
                }
                fields.values().for_each(|value| references(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }

    #[test]
    fn every_reference_of_a_document_leads_to_a_schema() {
        let kinds = [
            built_in("", "Pod", "pods"),
            built_in("", "ConfigMap", "configmaps"),
            built_in("apps", "Deployment", "deployments"),
            custom(),
        ];
        for group in ["", "apps", "garden.test"] {
            let document = document(&kinds, group, "v1").unwrap();
            let mut found = Vec::new();
            references(&document, &mut found);
            assert!(!found.is_empty());
            for reference in found {
                let pointer = reference.trim_start_matches('#');
                assert!(document.pointer(pointer).is_some(), "{group}: {reference}");
            }
        }
    }

    #[test]
    fn the_patch_of_a_kind_takes_field_validation() {
        let document = document(&[custom()], "garden.test", "v1").unwrap();
        let patch = &document["paths"]["/apis/garden.test/v1/namespaces/{namespace}/shoots/{name}"]
            ["patch"];
        assert_eq!(patch["x-kubernetes-group-version-kind"]["kind"], "Shoot");
        let parameters = patch["parameters"].as_array().unwrap();
        assert!(
            parameters
                .iter()
                .any(|parameter| parameter["name"] == "fieldValidation")
        );
        assert!(document["components"]["schemas"]["test.garden.v1.Shoot"].is_object());
    }

    #[test]
    fn the_hash_of_a_document_follows_its_schema() {
        let changed = {
            let mut kind = Arc::unwrap_or_clone(custom());
            kind.raw_schema = Some(Arc::new(json!({"type": "object"})));
            Arc::new(kind)
        };
        assert_ne!(root(&[custom()]), root(&[changed]));
        assert_eq!(root(&[custom()]), root(&[custom()]));
    }
}
