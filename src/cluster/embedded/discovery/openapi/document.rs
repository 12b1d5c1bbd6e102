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
