//! Aggregated discovery (`apidiscovery.k8s.io/v2`): one document for everything.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::groups::{self, Subresource};
use crate::cluster::embedded::kinds::Kind;

/// Which groups a document is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// `/api`: the core group.
    Core,
    /// `/apis`: every other group.
    Named,
}

/// `APIGroupDiscoveryList`.
pub(super) fn document(kinds: &[Arc<Kind>], part: Part) -> Value {
    let items: Vec<Value> = groups::sorted(kinds)
        .into_iter()
        .filter(|(name, _)| name.is_empty() == (part == Part::Core))
        .map(|(name, versions)| group(kinds, name, &versions))
        .collect();
    json!({
        "kind": "APIGroupDiscoveryList",
        "apiVersion": "apidiscovery.k8s.io/v2",
        "metadata": {},
        "items": items,
    })
}

fn group(kinds: &[Arc<Kind>], name: &str, versions: &[&str]) -> Value {
    let metadata = if name.is_empty() {
        json!({})
    } else {
        json!({"name": name})
    };
    let versions: Vec<Value> = versions
        .iter()
        .map(|version| {
            let resources: Vec<Value> = kinds
                .iter()
                .filter(|kind| kind.group == name && kind.version == *version)
                .map(|kind| resource(kind))
                .collect();
            json!({"version": version, "resources": resources, "freshness": "Current"})
        })
        .collect();
    json!({"metadata": metadata, "versions": versions})
}

fn resource(kind: &Kind) -> Value {
    let mut resource = Map::new();
    resource.insert("resource".to_owned(), kind.plural.as_str().into());
    resource.insert(
        "responseKind".to_owned(),
        response_kind(&kind.group, &kind.version, &kind.kind),
    );
    let scope = if kind.is_namespaced() {
        "Namespaced"
    } else {
        "Cluster"
    };
    resource.insert("scope".to_owned(), scope.into());
    resource.insert("singularResource".to_owned(), kind.singular.as_str().into());
    resource.insert("verbs".to_owned(), json!(kind.verbs));
    if !kind.short_names.is_empty() {
        resource.insert("shortNames".to_owned(), json!(kind.short_names));
    }
    if !kind.categories.is_empty() {
        resource.insert("categories".to_owned(), json!(kind.categories));
    }
    let subresources: Vec<Value> = groups::subresources(kind).iter().map(subresource).collect();
    if !subresources.is_empty() {
        resource.insert("subresources".to_owned(), Value::Array(subresources));
    }
    Value::Object(resource)
}

fn subresource(subresource: &Subresource<'_>) -> Value {
    json!({
        "subresource": subresource.name,
        "responseKind":
            response_kind(subresource.group, subresource.version, subresource.kind),
        "verbs": subresource.verbs,
    })
}

fn response_kind(group: &str, version: &str, kind: &str) -> Value {
    json!({"group": group, "version": version, "kind": kind})
}
