//! Small helpers for rules written on JSON trees.

use serde_json::{Map, Value};

/// Members of an object, by path; `None` when a step is missing or not an object.
pub(super) fn object_at<'a>(
    value: &'a mut Value,
    path: &[&str],
) -> Option<&'a mut Map<String, Value>> {
    path.iter()
        .try_fold(value, |value, step| value.get_mut(*step))?
        .as_object_mut()
}

/// The elements of the list at a path.
pub(super) fn list_at<'a>(
    value: &'a mut Value,
    path: &[&str],
) -> impl Iterator<Item = &'a mut Value> {
    path.iter()
        .try_fold(value, |value, step| value.get_mut(*step))
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
}

/// Sets a member that is missing or null.
pub(super) fn set_default(object: &mut Map<String, Value>, member: &str, value: impl Into<Value>) {
    if object.get(member).is_none_or(Value::is_null) {
        object.insert(member.to_owned(), value.into());
    }
}

/// The text at a path, or empty.
pub(super) fn text<'a>(value: &'a Value, path: &[&str]) -> &'a str {
    path.iter()
        .try_fold(value, |value, step| value.get(*step))
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// Whether a member is missing, null or empty.
pub(super) fn is_blank(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.is_empty(),
        Some(Value::Array(items)) => items.is_empty(),
        Some(Value::Object(members)) => members.is_empty(),
        Some(Value::Bool(_) | Value::Number(_)) => false,
    }
}
