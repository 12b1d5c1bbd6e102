//! Merging an applied value into a live one.

use serde_json::{Map, Value};

use super::order::interleave;
use super::path::PathElement;
use super::types::{FieldType, Items};

/// Returns `live` with everything that `applied` says.
pub(super) fn merge(live: &Value, applied: &Value, field_type: FieldType<'_>) -> Value {
    match (live, applied) {
        (Value::Object(live), Value::Object(applied)) if !field_type.is_atomic_map() => {
            let mut merged = Map::with_capacity(live.len().max(applied.len()));
            for (key, old) in live {
                let value = match applied.get(key) {
                    Some(new) => merge(old, new, field_type.member(key).field_type),
                    None => old.clone(),
                };
                merged.insert(key.clone(), value);
            }
            for (key, new) in applied {
                if !live.contains_key(key) {
                    merged.insert(key.clone(), new.clone());
                }
            }
            Value::Object(merged)
        }
        (Value::Array(live), Value::Array(applied)) => {
            let items = field_type.items();
            let names = |list: &[Value]| -> Option<Vec<PathElement>> {
                list.iter().map(|item| items.name(item)).collect()
            };
            let Some((old, new)) = names(live).zip(names(applied)) else {
                return Value::Array(applied.clone());
            };
            if matches!(items, Items::Atomic) {
                return Value::Array(applied.clone());
            }
            let pairs = interleave(&old, &new).into_iter();
            let item = field_type.item();
            let merged = pairs.filter_map(|(left, right)| match (left, right) {
                (Some(left), Some(right)) => Some(merge(&live[left], &applied[right], item)),
                (Some(left), None) => live.get(left).cloned(),
                (None, Some(right)) => applied.get(right).cloned(),
                (None, None) => None,
            });
            Value::Array(merged.collect())
        }
        _ => applied.clone(),
    }
}
