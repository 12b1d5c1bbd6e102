//! Uniqueness in lists that are sets or maps.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::causes::child;
use super::structural::{Additional, ListType, Structural};
use crate::cluster::embedded::status::Cause;

/// Collects a cause for every item that repeats an earlier one.
pub(super) fn check(schema: &Structural, value: &Value, path: &str, causes: &mut Vec<Cause>) {
    match value {
        Value::Array(list) => {
            match &schema.list_type {
                ListType::Atomic => {}
                ListType::Set => duplicates(list, path, causes, Value::clone),
                ListType::Map(keys) => {
                    duplicates(list, path, causes, |item| key_of(schema, keys, item));
                }
            }
            if let Some(items) = &schema.items {
                for (index, item) in list.iter().enumerate() {
                    check(items, item, &format!("{path}[{index}]"), causes);
                }
            }
        }
        Value::Object(map) => {
            for (key, value) in map {
                let below = schema.properties.get(key.as_str());
                let below = below.or(match &schema.additional {
                    Additional::Schema(schema) => Some(schema.as_ref()),
                    Additional::Any | Additional::Unspecified => None,
                });
                if let Some(below) = below {
                    check(below, value, &child(path, key), causes);
                }
            }
        }
        _ => {}
    }
}

fn duplicates(
    list: &[Value],
    path: &str,
    causes: &mut Vec<Cause>,
    identity: impl Fn(&Value) -> Value,
) {
    let mut seen = HashSet::with_capacity(list.len());
    let mut reported = HashSet::new();
    for (index, item) in list.iter().enumerate() {
        let identity = identity(item);
        let text = identity.to_string();
        if !seen.insert(text.clone()) && reported.insert(text) {
            causes.push(Cause::duplicate(format!("{path}[{index}]"), &identity));
        }
    }
}

/// Returns the members that identify an item, with their defaults.
fn key_of(schema: &Structural, keys: &[String], item: &Value) -> Value {
    let default = |key: &String| {
        let items = schema.items.as_ref()?;
        items.properties.get(key.as_str())?.default.as_deref()
    };
    let members = keys.iter().filter_map(|key| {
        let value = item.get(key).or_else(|| default(key))?;
        Some((key.clone(), value.clone()))
    });
    Value::Object(members.collect::<Map<_, _>>())
}
