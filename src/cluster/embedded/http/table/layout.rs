//! What a table of one kind looks like: its columns, and how a row is filled.

use jiff::Timestamp;
use serde_json::{Map, Value};

/// One column definition of a built-in kind.
#[derive(Debug, Clone, Copy)]
pub(super) struct Definition {
    pub(super) name: &'static str,
    pub(super) column_type: &'static str,
    /// 0 is always shown, 1 with `-o wide`.
    pub(super) priority: i32,
}

/// Columns and row function of a built-in kind.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    pub(super) columns: &'static [Definition],
    pub(super) cells: fn(&Row<'_>) -> Vec<Value>,
}

/// An always visible text column.
pub(super) const fn text(name: &'static str) -> Definition {
    Definition {
        name,
        column_type: "string",
        priority: 0,
    }
}

/// A text column of the wide output.
pub(super) const fn wide(name: &'static str) -> Definition {
    Definition {
        name,
        column_type: "string",
        priority: 1,
    }
}

/// An always visible number column.
pub(super) const fn number(name: &'static str) -> Definition {
    Definition {
        name,
        column_type: "integer",
        priority: 0,
    }
}

/// The object of a row, with the time its ages count from.
pub(super) struct Row<'a> {
    pub(super) object: &'a Value,
    pub(super) now: Timestamp,
}

impl<'a> Row<'a> {
    /// The value behind a JSON pointer.
    pub(super) fn at(&self, pointer: &str) -> Option<&'a Value> {
        self.object.pointer(pointer)
    }

    /// The text behind a JSON pointer, or empty.
    pub(super) fn text_at(&self, pointer: &str) -> &'a str {
        self.at(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    /// The text behind a JSON pointer as a cell, or the given words.
    pub(super) fn cell(&self, pointer: &str, otherwise: &str) -> Value {
        let found = self.text_at(pointer);
        if found.is_empty() {
            otherwise.into()
        } else {
            found.into()
        }
    }

    /// The number behind a JSON pointer, or zero.
    pub(super) fn number_at(&self, pointer: &str) -> i64 {
        self.at(pointer).and_then(Value::as_i64).unwrap_or(0)
    }

    /// The list behind a JSON pointer, or an empty one.
    pub(super) fn list_at(&self, pointer: &str) -> &'a [Value] {
        self.at(pointer)
            .and_then(Value::as_array)
            .map_or(&[], Vec::as_slice)
    }

    /// The number of members of the object or list behind a JSON pointer.
    pub(super) fn count_at(&self, pointer: &str) -> usize {
        match self.at(pointer) {
            Some(Value::Object(fields)) => fields.len(),
            Some(Value::Array(items)) => items.len(),
            _ => 0,
        }
    }

    /// `metadata.name`.
    pub(super) fn name(&self) -> Value {
        self.text_at("/metadata/name").into()
    }

    /// The age of the object.
    pub(super) fn age(&self) -> Value {
        self.age_of("/metadata/creationTimestamp")
    }

    /// The age of the time behind a JSON pointer.
    pub(super) fn age_of(&self, pointer: &str) -> Value {
        super::age::since(self.at(pointer), self.now).into()
    }
}

/// The names of the members of a list, joined; `<none>` when there are none.
pub(super) fn joined<'a>(words: impl IntoIterator<Item = &'a str>) -> Value {
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    if words.is_empty() {
        "<none>".into()
    } else {
        words.join(",").into()
    }
}

/// A map or label selector as `a=b,c=d`; `<none>` when it is empty.
pub(super) fn selector(value: Option<&Value>) -> Value {
    let pairs = |map: &Map<String, Value>| -> Vec<String> {
        map.iter()
            .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()))
            .collect()
    };
    let Some(Value::Object(map)) = value else {
        return "<none>".into();
    };
    let is_label_selector = map.contains_key("matchLabels") || map.contains_key("matchExpressions");
    let mut terms = if is_label_selector {
        map.get("matchLabels")
            .and_then(Value::as_object)
            .map(pairs)
            .unwrap_or_default()
    } else {
        pairs(map)
    };
    for requirement in map
        .get("matchExpressions")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        terms.push(expression(requirement));
    }
    if terms.is_empty() {
        "<none>".into()
    } else {
        terms.join(",").into()
    }
}

fn expression(requirement: &Value) -> String {
    let word = |name| {
        requirement
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let values: Vec<&str> = requirement
        .get("values")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let (key, values) = (word("key"), values.join(","));
    match word("operator") {
        "In" => format!("{key} in ({values})"),
        "NotIn" => format!("{key} notin ({values})"),
        "DoesNotExist" => format!("!{key}"),
        _ => key.to_owned(),
    }
}
