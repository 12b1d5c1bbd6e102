//! Uniqueness in lists that are sets or maps.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::causes::child;
use super::structural::{Additional, ListType, Structural};
use crate::cluster::embedded::status::Cause;

/// Collects a cause for every item that repeats an earlier one.
///
/// A list that is as it was in `old` may keep its duplicates.
pub(super) fn check(
    schema: &Structural,
    value: &Value,
    old: Option<&Value>,
    path: &str,
    causes: &mut Vec<Cause>,
) {
    if old == Some(value) {
        return;
    }
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
                    let old = counterpart(schema, item, old);
                    check(items, item, old, &format!("{path}[{index}]"), causes);
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
                    let old = old.and_then(|old| old.get(key));
                    check(below, value, old, &child(path, key), causes);
                }
            }
        }
        _ => {}
    }
}

/// Finds what an item of a list was in an older list: only keyed items can be told apart.
pub(super) fn counterpart<'a>(
    schema: &Structural,
    item: &Value,
    old: Option<&'a Value>,
) -> Option<&'a Value> {
    let ListType::Map(keys) = &schema.list_type else {
        return None;
    };
    let same = |other: &&Value| keys.iter().all(|key| other.get(key) == item.get(key));
    old?.as_array()?.iter().find(same)
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
