//! The kinds that follow from a definition: one per served version.

use std::sync::Arc;

use serde_json::Value;

use super::rules::storage_version;
use crate::cluster::embedded::kinds::json::text;
use crate::cluster::embedded::kinds::{
    Column, Kind, Origin, ResourceId, ScalePaths, Scope, Strategy, Subresources,
};
use crate::cluster::embedded::schema::Structural;

const VERBS: &[&str] = &[
    "create",
    "delete",
    "deletecollection",
    "get",
    "list",
    "patch",
    "update",
    "watch",
];

/// The kinds of a valid definition.
pub fn kinds(definition: &Value) -> Vec<Kind> {
    let spec = &definition["spec"];
    let names = &spec["names"];
    let words = |member: &str| -> Vec<String> {
        let items = names[member].as_array().into_iter().flatten();
        items.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let group = text(spec, &["group"]);
    let plural = text(names, &["plural"]);
    let resource = Arc::new(ResourceId::new(group, plural));
    let storage_version = storage_version(definition);
    let scope = match text(spec, &["scope"]) {
        "Cluster" => Scope::Cluster,
        _ => Scope::Namespaced,
    };
    let versions = spec["versions"].as_array().into_iter().flatten();
    versions
        .filter(|version| version["served"] == Value::Bool(true))
        .map(|version| {
            let raw_schema = version["schema"]["openAPIV3Schema"].clone();
            Kind {
                group: group.to_owned(),
                version: text(version, &["name"]).to_owned(),
                kind: text(names, &["kind"]).to_owned(),
                list_kind: text(names, &["listKind"]).to_owned(),
                plural: plural.to_owned(),
                singular: text(names, &["singular"]).to_owned(),
                short_names: words("shortNames"),
                categories: words("categories"),
                scope,
                origin: Origin::Custom,
                verbs: VERBS.to_vec(),
                subresources: subresources(&version["subresources"]),
                columns: columns(&version["additionalPrinterColumns"]),
                schema: Structural::parse(&raw_schema, "").ok().map(Arc::new),
                raw_schema: Some(Arc::new(raw_schema)),
                selectable_fields: selectable_fields(&version["selectableFields"]),
                storage_version: storage_version.clone(),
                resource: Arc::clone(&resource),
                strategy: &Strategy::CUSTOM,
                round_trip: None,
            }
        })
        .collect()
}

fn subresources(value: &Value) -> Subresources {
    let scale = value
        .get("scale")
        .filter(|scale| scale.is_object())
        .map(|scale| ScalePaths {
            spec_replicas: text(scale, &["specReplicasPath"]).to_owned(),
            status_replicas: text(scale, &["statusReplicasPath"]).to_owned(),
            label_selector: scale
                .get("labelSelectorPath")
                .and_then(Value::as_str)
                .filter(|path| !path.is_empty())
                .map(str::to_owned),
        });
    let status = value.get("status").is_some_and(|status| !status.is_null());
    Subresources {
        status,
        scale,
        extra: Vec::new(),
    }
}

fn columns(value: &Value) -> Vec<Column> {
    let owned = |column: &Value, member: &str| text(column, &[member]).to_owned();
    let columns: Vec<Column> = value
        .as_array()
        .into_iter()
        .flatten()
        .map(|column| Column {
            name: owned(column, "name"),
            column_type: owned(column, "type"),
            format: owned(column, "format"),
            description: owned(column, "description"),
            priority: column["priority"]
                .as_i64()
                .and_then(|priority| i32::try_from(priority).ok())
                .unwrap_or_default(),
            json_path: owned(column, "jsonPath"),
        })
        .collect();
    if columns.is_empty() {
        vec![age_column()]
    } else {
        columns
    }
}

/// The column of kinds that declare none.
fn age_column() -> Column {
    Column {
        name: "Age".into(),
        column_type: "date".into(),
        format: String::new(),
        description: "time since the object was created".into(),
        priority: 0,
        json_path: ".metadata.creationTimestamp".into(),
    }
}

fn selectable_fields(value: &Value) -> Vec<String> {
    let paths = value.as_array().into_iter().flatten();
    paths
        .map(|path| text(path, &["jsonPath"]).trim_start_matches('.').to_owned())
        .collect()
}
