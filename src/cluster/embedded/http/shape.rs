//! The shapes an answer takes: whole objects, metadata only, tables.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::negotiate::Shape;
use super::query::IncludeObject;
use super::table::Tables;
use crate::cluster::embedded::engine::{Content, List, Outcome};

/// The content of an answer, as bytes when they exist already.
#[derive(Debug)]
pub(crate) enum Shaped {
    Tree(Value),
    Json(bytes::Bytes),
}

/// Brings the content of an outcome into the shape that was asked for.
pub(crate) fn shape(
    outcome: &Outcome,
    shape: Shape,
    include: IncludeObject,
    now: Timestamp,
) -> Shaped {
    match (&outcome.content, shape) {
        (Content::Object(object), Shape::Table) => {
            Shaped::Tree(Tables::new(&outcome.kind, include).of_object(object.value(), now))
        }
        (Content::List(list), Shape::Table) => {
            let tables = Tables::new(&outcome.kind, include);
            Shaped::Tree(tables.of_list(list, &list_metadata(list), now))
        }
        (Content::Object(object), Shape::Metadata) => {
            Shaped::Tree(partial_metadata(object.value()))
        }
        (Content::List(list), Shape::Metadata) => Shaped::Tree(json!({
            "kind": "PartialObjectMetadataList",
            "apiVersion": "meta.k8s.io/v1",
            "metadata": list_metadata(list),
            "items": list.items.iter().map(|item| partial_metadata(item.value())).collect::<Vec<_>>(),
        })),
        (Content::Object(object), _) => Shaped::Json(object.bytes()),
        (Content::List(list), _) => Shaped::Json(list_bytes(list)),
        (Content::Other(value), _) => Shaped::Tree(value.clone()),
    }
}

/// The metadata of an object and nothing else of it.
pub(crate) fn partial_metadata(object: &Value) -> Value {
    json!({
        "kind": "PartialObjectMetadata",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": object.get("metadata").cloned().unwrap_or_else(|| json!({})),
    })
}

fn list_metadata(list: &List) -> Value {
    let mut metadata = Map::new();
    metadata.insert(
        "resourceVersion".to_owned(),
        list.version.to_string().into(),
    );
    if let Some(token) = &list.continue_token {
        metadata.insert("continue".to_owned(), token.as_str().into());
    }
    if let Some(remaining) = list.remaining {
        metadata.insert("remainingItemCount".to_owned(), remaining.into());
    }
    Value::Object(metadata)
}

/// Writes a list around the bytes its objects already have.
fn list_bytes(list: &List) -> bytes::Bytes {
    let head = json!({
        "kind": list.kind,
        "apiVersion": list.api_version,
        "metadata": list_metadata(list),
    })
    .to_string();
    let items: Vec<bytes::Bytes> = list.items.iter().map(|item| item.bytes()).collect();
    let length: usize = items.iter().map(|item| item.len() + 1).sum();
    let mut text = Vec::with_capacity(head.len() + length + 12);
    text.extend_from_slice(head.strip_suffix('}').unwrap_or(&head).as_bytes());
    text.extend_from_slice(b",\"items\":[");
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            text.push(b',');
        }
        text.extend_from_slice(item);
    }
    text.extend_from_slice(b"]}");
    text.into()
}
