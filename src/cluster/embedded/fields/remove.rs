//! Removing fields from a value.

use serde_json::Value;

use super::path::PathElement;
use super::set::FieldSet;
use super::types::{FieldType, Items};

/// What becomes of a map or list that loses everything in it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Emptied<'a> {
    /// It becomes null, so that it still counts as a field.
    Null,
    /// It stays empty if it is in this set, and goes otherwise.
    KeptIn(&'a FieldSet),
}

/// Returns the value without the members and items that are in the set.
pub(super) fn remove(
    value: &Value,
    fields: &FieldSet,
    field_type: FieldType<'_>,
    emptied: Emptied<'_>,
) -> Value {
    match value {
        Value::Object(map) if !field_type.is_atomic_map() => {
            let kept = map.iter().filter_map(|(key, value)| {
                let step = PathElement::Field(key.clone());
                let field_type = field_type.member(key).field_type;
                let value = step_removed(value, &step, fields, field_type, emptied)?;
                Some((key.clone(), value))
            });
            Value::Object(kept.collect())
        }
        Value::Array(list) if !matches!(field_type.items(), Items::Atomic) => {
            let items = field_type.items();
            let kept = list.iter().filter_map(|item| match items.name(item) {
                Some(step) => step_removed(item, &step, fields, field_type.item(), emptied),
                None => Some(item.clone()),
            });
            Value::Array(kept.collect())
        }
        _ => value.clone(),
    }
}

fn step_removed(
    value: &Value,
    step: &PathElement,
    fields: &FieldSet,
    field_type: FieldType<'_>,
    emptied: Emptied<'_>,
) -> Option<Value> {
    if fields.members.contains(step) {
        return None;
    }
    let Some(below) = fields.children.get(step) else {
        return Some(value.clone());
    };
    let none = FieldSet::default();
    let inner = match emptied {
        Emptied::Null => Emptied::Null,
        Emptied::KeptIn(kept) => Emptied::KeptIn(kept.children.get(step).unwrap_or(&none)),
    };
    let left = remove(value, below, field_type, inner);
    if is_empty(value) || !is_empty(&left) {
        return Some(left);
    }
    match emptied {
        Emptied::Null => Some(Value::Null),
        Emptied::KeptIn(kept) => kept.members.contains(step).then_some(left),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Object(map) => map.is_empty(),
        Value::Array(list) => list.is_empty(),
        _ => false,
    }
}
