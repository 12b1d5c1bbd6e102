//! Causes that [`Cause`] has no constructor for, and the formatting they share.

use serde_json::Value;

use crate::cluster::embedded::status::Cause;

/// The field of causes that upstream reports without a path.
pub const NO_FIELD: &str = "<nil>";

/// A value of the wrong JSON type or format.
pub fn type_invalid(field: &str, value: &Value, why: &str) -> Cause {
    Cause {
        reason: "FieldValueTypeInvalid".to_owned(),
        ..Cause::invalid(field, value, why)
    }
}

/// A list or map with too many entries.
pub fn too_many(field: &str, actual: usize, most: u64) -> Cause {
    let items = if most == 1 { "item" } else { "items" };
    Cause {
        reason: "FieldValueTooMany".to_owned(),
        message: format!("Too many: {actual}: must have at most {most} {items}"),
        field: field.to_owned(),
    }
}

/// A value that is none of those allowed; values that are no strings are shown as JSON.
pub fn not_supported(field: &str, value: &Value, supported: &[Value]) -> Cause {
    let words: Vec<String> = supported
        .iter()
        .map(|value| {
            value
                .as_str()
                .map_or_else(|| value.to_string(), ToOwned::to_owned)
        })
        .collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    Cause::not_supported(field, value, &words)
}

/// A text that is too long.
pub fn too_long(field: &str, most: u64) -> Cause {
    let bytes = if most == 1 { "byte" } else { "bytes" };
    Cause {
        reason: "FieldValueTooLong".to_owned(),
        message: format!("Too long: may not be more than {most} {bytes}"),
        field: field.to_owned(),
    }
}

/// Joins a path and a member name.
pub(super) fn child(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}
