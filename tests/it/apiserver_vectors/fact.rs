//! Facts: `{at: path, OP: value}`.

use regex::Regex;
use serde_json::{Map, Value};

use super::model::applies;
use super::path;

/// Checks one fact, whose placeholders are filled in, against a document.
pub(super) fn check(document: &Value, fact: &Value) -> Result<(), String> {
    let fields = fact
        .as_object()
        .ok_or_else(|| format!("{fact} is no fact"))?;
    let at = text(fields, "at")?;
    if !applies(fields.get("since").and_then(Value::as_str)) {
        return Ok(());
    }
    let found = path::find(document, at)?;
    let mut checked = 0;
    for (operator, wanted) in fields {
        if operator == "at" || operator == "since" {
            continue;
        }
        checked += 1;
        if !holds(operator, found.as_ref(), wanted)? {
            let found = found
                .as_ref()
                .map_or_else(|| "nothing".to_owned(), Value::to_string);
            return Err(format!(
                "{at}: {operator} {wanted} does not hold for {found}"
            ));
        }
    }
    if checked == 0 {
        Err(format!("{fact} has no operator"))
    } else {
        Ok(())
    }
}

fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> Result<&'a str, String> {
    fields
        .get(name)
        .and_then(Value::as_str)
        .ok_or_else(|| format!("a fact has no {name:?}"))
}

fn holds(operator: &str, found: Option<&Value>, wanted: &Value) -> Result<bool, String> {
    let value = found.unwrap_or(&Value::Null);
    Ok(match operator {
        "eq" => same(value, wanted),
        "ne" => !same(value, wanted),
        "exists" => value.is_null() != (wanted == &Value::Bool(true)),
        "absent" => value.is_null() == (wanted == &Value::Bool(true)),
        "absent_or_empty" => is_empty(value) == (wanted == &Value::Bool(true)),
        "matches" => {
            let pattern = wanted.as_str().ok_or("matches needs a pattern")?;
            regex(pattern)?.is_match(&plain(value)) && !value.is_null()
        }
        "contains" => match value {
            Value::String(text) => text.contains(plain(wanted).as_str()),
            Value::Array(items) => items.iter().any(|item| same(item, wanted)),
            _ => false,
        },
        "len" => Some(length(value)) == wanted.as_u64(),
        "set" => within(value, wanted)? && within(wanted, value)?,
        "superset" => within(wanted, value)?,
        "gt" => {
            matches!((number(value), number(wanted)), (Some(left), Some(right)) if left > right)
        }
        other => return Err(format!("the operator {other:?} is not known")),
    })
}

/// Whether every item of the first list is in the second.
fn within(few: &Value, many: &Value) -> Result<bool, String> {
    match (few, many) {
        (Value::Array(few), Value::Array(many)) => Ok(few
            .iter()
            .all(|item| many.iter().any(|other| same(item, other)))),
        (Value::Null, _) | (_, Value::Null) => Ok(false),
        _ => Err("a set is compared with something that is no list".to_owned()),
    }
}

fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left.as_f64() == right.as_f64(),
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .all(|(key, value)| right.get(key).is_some_and(|other| same(value, other)))
        }
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .zip(right)
                    .all(|(left, right)| same(left, right))
        }
        _ => left == right,
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn length(value: &Value) -> u64 {
    match value {
        Value::String(text) => text.len() as u64,
        Value::Array(items) => items.len() as u64,
        Value::Object(fields) => fields.len() as u64,
        _ => 0,
    }
}

fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

/// A value as text: strings without quotes.
pub(super) fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// Compiles a pattern of a vector.
pub(super) fn regex(pattern: &str) -> Result<Regex, String> {
    Regex::new(pattern)
        .map_err(|error| format!("the pattern {pattern:?} is not understood: {error}"))
}
