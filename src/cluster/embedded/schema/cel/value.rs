//! JSON values as rules see them.

use std::cell::LazyCell;
use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine as _;
use kube_cel::cel::objects::{Key, Map};
use kube_cel::cel::{self, Context, Program};
use serde_json::{Number, Value};

use super::super::structural::{Structural, ValueType};

/// Words that are no names in the language.
const RESERVED: [&str; 21] = [
    "true",
    "false",
    "null",
    "in",
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

/// Converts a value of this schema; `resource` tells whether it has metadata.
pub(super) fn convert(value: &Value, schema: Option<&Structural>, resource: bool) -> cel::Value {
    match value {
        Value::Null => cel::Value::Null,
        Value::Bool(value) => cel::Value::Bool(*value),
        Value::Number(number) => convert_number(number, schema),
        Value::String(text) => convert_text(text, schema),
        Value::Array(list) => {
            let items = schema.and_then(Structural::items);
            let embedded = items.is_some_and(Structural::is_embedded_resource);
            let list = list
                .iter()
                .map(|item| convert(item, items, embedded))
                .collect();
            cel::Value::List(Arc::new(list))
        }
        Value::Object(map) => {
            let members = map.iter().map(|(key, value)| {
                if resource && key == "metadata" {
                    return (text_key(key), convert_metadata(value));
                }
                let property = schema.and_then(|schema| schema.property(key));
                let below = property.or_else(|| schema.and_then(Structural::additional_schema));
                let embedded = below.is_some_and(Structural::is_embedded_resource);
                // The keys of a map are data, only declared names are escaped.
                let name = if property.is_some() {
                    escape(key)
                } else {
                    key.clone()
                };
                (text_key(&name), convert(value, below, embedded))
            });
            cel::Value::Map(Map {
                map: Arc::new(members.collect()),
            })
        }
    }
}

/// Rules see the two members of the metadata that never change.
fn convert_metadata(metadata: &Value) -> cel::Value {
    let members = ["name", "generateName"].into_iter().filter_map(|name| {
        let text = metadata.get(name)?.as_str()?;
        Some((
            text_key(name),
            cel::Value::String(Arc::new(text.to_owned())),
        ))
    });
    cel::Value::Map(Map {
        map: Arc::new(members.collect::<HashMap<_, _>>()),
    })
}

fn text_key(name: &str) -> Key {
    Key::String(Arc::new(name.to_owned()))
}

fn convert_number(number: &Number, schema: Option<&Structural>) -> cel::Value {
    let is_float = schema.and_then(Structural::value_type) == Some(ValueType::Number);
    match number.as_i64() {
        Some(integer) if !is_float => cel::Value::Int(integer),
        _ => cel::Value::Float(number.as_f64().unwrap_or(f64::NAN)),
    }
}

fn convert_text(text: &str, schema: Option<&Structural>) -> cel::Value {
    thread_local! {
        static TIMESTAMP: LazyCell<Option<Program>> =
            LazyCell::new(|| Program::compile("timestamp(text)").ok());
        static DURATION: LazyCell<Option<Program>> =
            LazyCell::new(|| Program::compile("duration(text)").ok());
    }
    let plain = || cel::Value::String(Arc::new(text.to_owned()));
    let parsed = |program: &LazyCell<Option<Program>>| {
        let mut context = Context::default();
        context.add_variable_from_value("text", plain());
        program
            .as_ref()
            .and_then(|program| program.execute(&context).ok())
    };
    let converted = match schema.and_then(Structural::format) {
        Some("date-time") => TIMESTAMP.with(parsed),
        Some("duration") => DURATION.with(parsed),
        Some("byte") => {
            let bytes = base64::engine::general_purpose::STANDARD.decode(text);
            bytes.ok().map(|bytes| cel::Value::Bytes(Arc::new(bytes)))
        }
        _ => None,
    };
    converted.unwrap_or_else(plain)
}

/// Makes a property name one that can be written in a rule.
pub(super) fn escape(name: &str) -> String {
    if RESERVED.contains(&name) {
        return format!("__{name}__");
    }
    // Only a double underscore could be mistaken for an escape.
    name.replace("__", "__underscores__")
        .replace('.', "__dot__")
        .replace('-', "__dash__")
        .replace('/', "__slash__")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_escaped_as_upstream_does() {
        for (name, escaped) in [
            ("plain", "plain"),
            ("my_field", "my_field"),
            ("my__field", "my__underscores__field"),
            ("a.b-c/d", "a__dot__b__dash__c__slash__d"),
            ("namespace", "__namespace__"),
        ] {
            assert_eq!(escape(name), escaped);
        }
    }
}
