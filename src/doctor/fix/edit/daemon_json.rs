//! `daemon.json` with some keys changed: order, unknown keys and indentation stay.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, ser::PrettyFormatter};
use thiserror::Error;

/// One change of the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Edit {
    /// A top-level key gets a value.
    Set {
        /// The key.
        key: String,
        /// Its value.
        value: Value,
    },
    /// A top-level key goes away.
    Remove {
        /// The key.
        key: String,
    },
    /// A list gets members that it lacks.
    Extend {
        /// The key of the list.
        key: String,
        /// The members.
        values: Vec<Value>,
    },
    /// A list loses members.
    Drop {
        /// The key of the list.
        key: String,
        /// The members.
        values: Vec<Value>,
    },
    /// An object below a top-level key gets a value.
    SetWithin {
        /// The top-level key.
        key: String,
        /// The key below it.
        within: String,
        /// Its value.
        value: Value,
    },
}

/// Why the file is left alone.
#[derive(Debug, Error)]
pub enum DaemonJsonError {
    /// It is no JSON.
    #[error("daemon.json is no JSON: {0}")]
    Syntax(#[from] serde_json::Error),
    /// It is JSON of another shape.
    #[error("daemon.json has {found} where {wanted} is expected{}", key.as_deref().map_or(String::new(), |key| format!(" at `{key}`")))]
    Shape {
        /// The key, or the whole file.
        key: Option<String>,
        /// What is expected.
        wanted: &'static str,
        /// What is there.
        found: &'static str,
    },
}

/// The file with the edits made. Without a difference the text is returned as it is.
pub fn with_edits(text: Option<&str>, edits: &[Edit]) -> Result<String, DaemonJsonError> {
    let blank = text.is_none_or(|text| text.trim().is_empty());
    let before: Value = match text {
        Some(text) if !blank => serde_json::from_str(text)?,
        _ => Value::Object(Map::new()),
    };
    let Value::Object(mut keys) = before.clone() else {
        return Err(shape(None, "an object", &before));
    };
    for edit in edits {
        apply(&mut keys, edit)?;
    }
    let after = Value::Object(keys);
    match text {
        Some(text) if after == before && !blank => Ok(text.to_owned()),
        _ => Ok(pretty(&after, text.unwrap_or_default())),
    }
}

fn apply(keys: &mut Map<String, Value>, edit: &Edit) -> Result<(), DaemonJsonError> {
    match edit {
        Edit::Set { key, value } => {
            keys.insert(key.clone(), value.clone());
        }
        // `shift_remove` keeps the order of the others.
        Edit::Remove { key } => {
            keys.shift_remove(key);
        }
        Edit::Extend { key, values } => {
            let list = list(keys, key)?;
            for value in values {
                if !list.contains(value) {
                    list.push(value.clone());
                }
            }
        }
        Edit::Drop { key, values } => {
            list(keys, key)?.retain(|value| !values.contains(value));
        }
        Edit::SetWithin { key, within, value } => {
            let object = keys
                .entry(key.as_str())
                .or_insert_with(|| Value::Object(Map::new()));
            match object {
                Value::Object(object) => {
                    object.insert(within.clone(), value.clone());
                }
                other => return Err(shape(Some(key), "an object", other)),
            }
        }
    }
    Ok(())
}

fn list<'a>(
    keys: &'a mut Map<String, Value>,
    key: &str,
) -> Result<&'a mut Vec<Value>, DaemonJsonError> {
    match keys.entry(key).or_insert_with(|| Value::Array(Vec::new())) {
        Value::Array(list) => Ok(list),
        other => Err(shape(Some(key), "a list", other)),
    }
}

fn shape(key: Option<&str>, wanted: &'static str, found: &Value) -> DaemonJsonError {
    DaemonJsonError::Shape {
        key: key.map(str::to_owned),
        wanted,
        found: match found {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a text",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        },
    }
}

/// Writes a value with the indentation of `like`: what its first indented line starts with.
fn pretty(value: &Value, like: &str) -> String {
    let indent = like
        .lines()
        .find_map(|line| {
            let blank = line.len() - line.trim_start().len();
            (blank > 0 && blank < line.len()).then(|| &line[..blank])
        })
        .unwrap_or("  ");
    let mut bytes = Vec::new();
    let formatter = PrettyFormatter::with_indent(indent.as_bytes());
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, formatter);
    value
        .serialize(&mut serializer)
        .expect("a JSON value can be written to memory");
    bytes.push(b'\n');
    String::from_utf8(bytes).expect("JSON is UTF-8, and so is the indentation")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn set(key: &str, value: Value) -> Edit {
        Edit::Set {
            key: key.to_owned(),
            value,
        }
    }

    #[test]
    fn order_unknown_keys_and_indentation_stay() {
        let text =
            "{\n\t\"zz\": {\"b\": 1, \"a\": [1]},\n\t\"userland-proxy\": false,\n\t\"aa\": 2\n}\n";
        let removed = with_edits(
            Some(text),
            &[
                Edit::Remove {
                    key: "userland-proxy".to_owned(),
                },
                set("ip6tables", json!(true)),
            ],
        )
        .unwrap();
        let expected = "{\n\t\"zz\": {\n\t\t\"b\": 1,\n\t\t\"a\": [\n\t\t\t1\n\t\t]\n\t},\n\t\"aa\": 2,\n\t\"ip6tables\": true\n}\n";
        assert_eq!(removed, expected);
    }

    #[test]
    fn nothing_to_change_leaves_every_byte() {
        for text in ["{ \"a\":1}", "{\"ip6tables\" : true,\"list\":[1]}\n\n"] {
            let edits = [
                Edit::Remove {
                    key: "nope".to_owned(),
                },
                Edit::Drop {
                    key: "list".to_owned(),
                    values: vec![json!(7)],
                },
            ];
            let edits = if text.contains("list") {
                &edits[..]
            } else {
                &edits[..1]
            };
            assert_eq!(with_edits(Some(text), edits).unwrap(), text);
        }
    }

    #[test]
    fn lists_and_objects_are_made_where_they_are_missing() {
        let edits = [
            Edit::Extend {
                key: "insecure-registries".to_owned(),
                values: vec![json!("::1/128"), json!("127.0.0.0/8")],
            },
            Edit::SetWithin {
                key: "default-ulimits".to_owned(),
                within: "nofile".to_owned(),
                value: json!({"Name": "nofile"}),
            },
        ];
        let text = with_edits(Some(r#"{"insecure-registries":["::1/128"]}"#), &edits).unwrap();
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            value,
            json!({"insecure-registries": ["::1/128", "127.0.0.0/8"], "default-ulimits": {"nofile": {"Name": "nofile"}}})
        );
        assert_eq!(with_edits(None, &[]).unwrap(), "{}\n");
    }

    #[test]
    fn what_cannot_be_merged_is_refused() {
        for (text, edits, message) in [
            ("{", vec![], "daemon.json is no JSON"),
            (
                "[]",
                vec![],
                "daemon.json has a list where an object is expected",
            ),
            (
                r#"{"dns":"x"}"#,
                vec![Edit::Extend {
                    key: "dns".to_owned(),
                    values: vec![],
                }],
                "daemon.json has a text where a list is expected at `dns`",
            ),
        ] {
            let error = with_edits(Some(text), &edits).unwrap_err().to_string();
            assert!(error.starts_with(message), "{error}");
        }
    }
}
