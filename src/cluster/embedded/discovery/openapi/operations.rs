//! The paths of a document and their operations.

use serde_json::{Map, Value, json};

use super::document::base;
use super::schemas;
use crate::cluster::embedded::discovery::groups;
use crate::cluster::embedded::kinds::Kind;

const PATCHES: &[&str] = &[
    "application/apply-patch+yaml",
    "application/json-patch+json",
    "application/merge-patch+json",
];

/// Adds the paths of one kind.
pub(super) fn add(paths: &mut Map<String, Value>, kind: &Kind) {
    let root = base(&kind.group, &kind.version);
    let collection = if kind.is_namespaced() {
        format!("/{root}/namespaces/{{namespace}}/{}", kind.plural)
    } else {
        format!("/{root}/{}", kind.plural)
    };
    let mut item = Map::new();
    for (verb, method, action) in [
        ("list", "get", "list"),
        ("create", "post", "post"),
        ("deletecollection", "delete", "deletecollection"),
    ] {
        if kind.verbs.contains(&verb) {
            item.insert(method.to_owned(), operation(kind, action, method));
        }
    }
    finish(paths, collection.clone(), item, kind.is_namespaced(), false);

    if kind.is_namespaced() && kind.verbs.contains(&"list") {
        let mut item = Map::new();
        item.insert("get".to_owned(), operation(kind, "list", "get"));
        finish(
            paths,
            format!("/{root}/{}", kind.plural),
            item,
            false,
            false,
        );
    }

    let mut item = Map::new();
    for (verb, method, action) in [
        ("get", "get", "get"),
        ("update", "put", "put"),
        ("patch", "patch", "patch"),
        ("delete", "delete", "delete"),
    ] {
        if kind.verbs.contains(&verb) {
            item.insert(method.to_owned(), operation(kind, action, method));
        }
    }
    let named = format!("{collection}/{{name}}");
    finish(paths, named.clone(), item, kind.is_namespaced(), true);

    if kind.subresources.status {
        let mut item = Map::new();
        for (method, action) in [("get", "get"), ("put", "put"), ("patch", "patch")] {
            item.insert(method.to_owned(), operation(kind, action, method));
        }
        finish(
            paths,
            format!("{named}/status"),
            item,
            kind.is_namespaced(),
            true,
        );
    }
    for subresource in groups::subresources(kind) {
        let path = format!("{named}/{}", subresource.name);
        if !paths.contains_key(&path) {
            finish(paths, path, Map::new(), kind.is_namespaced(), true);
        }
    }
}

/// Adds the parameters that all operations of a path share.
fn finish(
    paths: &mut Map<String, Value>,
    path: String,
    mut item: Map<String, Value>,
    namespaced: bool,
    named: bool,
) {
    let mut parameters = Vec::new();
    for (wanted, name) in [(named, "name"), (namespaced, "namespace")] {
        if wanted {
            parameters.push(json!({
                "name": name,
                "in": "path",
                "required": true,
                "schema": {"type": "string", "uniqueItems": true},
            }));
        }
    }
    parameters.push(query("pretty", "string"));
    item.insert("parameters".to_owned(), Value::Array(parameters));
    paths.insert(path, Value::Object(item));
}

fn query(name: &str, kind: &str) -> Value {
    json!({"name": name, "in": "query", "schema": {"type": kind, "uniqueItems": true}})
}

fn operation(kind: &Kind, action: &str, method: &str) -> Value {
    let reference = |name: String| json!({"$ref": format!("#/components/schemas/{name}")});
    let object = schemas::component_name(kind, &kind.kind);
    let answer = match action {
        "list" => reference(schemas::component_name(kind, &kind.list_kind)),
        "delete" | "deletecollection" => reference(schemas::STATUS.to_owned()),
        _ => reference(object.clone()),
    };
    let mut parameters = match action {
        "list" | "deletecollection" => ["continue", "fieldSelector", "labelSelector"]
            .map(|name| query(name, "string"))
            .to_vec(),
        _ => Vec::new(),
    };
    if action == "list" {
        parameters.push(query("limit", "integer"));
        parameters.push(query("resourceVersion", "string"));
        parameters.push(query("watch", "boolean"));
    }
    if matches!(action, "post" | "put" | "patch") {
        parameters.extend(
            ["dryRun", "fieldManager", "fieldValidation"].map(|name| query(name, "string")),
        );
    }
    if action == "patch" {
        parameters.push(query("force", "boolean"));
    }
    if action == "delete" {
        parameters.extend(["dryRun", "propagationPolicy"].map(|name| query(name, "string")));
        parameters.push(query("gracePeriodSeconds", "integer"));
    }
    let mut operation = Map::new();
    operation.insert("tags".to_owned(), json!([tag(kind)]));
    operation.insert(
        "operationId".to_owned(),
        format!("{action}{}{}", tag(kind), kind.kind).into(),
    );
    operation.insert("parameters".to_owned(), Value::Array(parameters));
    let content = |types: &[&str], schema: &Value| -> Value {
        types
            .iter()
            .map(|name| ((*name).to_owned(), json!({"schema": schema})))
            .collect::<Map<_, _>>()
            .into()
    };
    match action {
        "post" | "put" => {
            let body = content(
                &["application/json", "application/yaml"],
                &reference(object),
            );
            operation.insert(
                "requestBody".to_owned(),
                json!({"content": body, "required": true}),
            );
        }
        "patch" => {
            let patch = reference(schemas::PATCH.to_owned());
            let body = content(PATCHES, &patch);
            operation.insert(
                "requestBody".to_owned(),
                json!({"content": body, "required": true}),
            );
        }
        _ => {}
    }
    let code = if action == "post" { "201" } else { "200" };
    let content = content(&["application/json", "application/yaml"], &answer);
    operation.insert(
        "responses".to_owned(),
        json!({code: {"description": "OK", "content": content}}),
    );
    let action = if method == "delete" { "delete" } else { action };
    operation.insert("x-kubernetes-action".to_owned(), action.into());
    operation.insert(
        "x-kubernetes-group-version-kind".to_owned(),
        schemas::group_version_kind(kind),
    );
    Value::Object(operation)
}

fn tag(kind: &Kind) -> String {
    let group = if kind.group.is_empty() {
        "core"
    } else {
        &kind.group
    };
    let words = group.split(['.', '-']).chain([kind.version.as_str()]);
    words
        .enumerate()
        .map(|(index, word)| {
            if index == 0 {
                word.to_owned()
            } else {
                capitalized(word)
            }
        })
        .collect()
}

fn capitalized(word: &str) -> String {
    let mut characters = word.chars();
    characters
        .next()
        .map(|first| first.to_uppercase().chain(characters).collect())
        .unwrap_or_default()
}
