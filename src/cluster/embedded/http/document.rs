//! Reading JSON and YAML documents, and noticing keys that occur twice.
//!
//! Strict field validation must name every duplicate key, which a plain parser hides. The last
//! value of a key wins, as in upstream. Depth is limited by the parsers (127 levels).

use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// A parsed document and the paths of the keys that stand in it more than once.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Document {
    pub(crate) value: Value,
    pub(crate) duplicates: Vec<String>,
}

/// Parses JSON.
pub(crate) fn json(bytes: &[u8]) -> Result<Document, String> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let document = parse(&mut deserializer).map_err(|error| error.to_string())?;
    deserializer.end().map_err(|error| error.to_string())?;
    Ok(document)
}

/// Parses YAML with one document; JSON is tried first, because most clients send it as YAML.
pub(crate) fn yaml(bytes: &[u8]) -> Result<Document, String> {
    if bytes.trim_ascii_start().starts_with(b"{")
        && let Ok(document) = json(bytes)
    {
        return Ok(document);
    }
    parse(serde_yaml::Deserializer::from_slice(bytes)).map_err(|error| error.to_string())
}

fn parse<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Document, D::Error> {
    let duplicates = RefCell::new(Vec::new());
    let node = Node {
        path: &Path::Root,
        duplicates: &duplicates,
    };
    let value = node.deserialize(deserializer)?;
    Ok(Document {
        value,
        duplicates: duplicates.into_inner(),
    })
}

/// Where a node stands; only written out when a duplicate is found.
enum Path<'a> {
    Root,
    Key(&'a Self, &'a str),
    Index(&'a Self, usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Key(Path::Root, key) => formatter.write_str(key),
            Self::Key(parent, key) => write!(formatter, "{parent}.{key}"),
            Self::Index(parent, index) => write!(formatter, "{parent}[{index}]"),
        }
    }
}

#[derive(Clone, Copy)]
struct Node<'a> {
    path: &'a Path<'a>,
    duplicates: &'a RefCell<Vec<String>>,
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        loop {
            let path = Path::Index(self.path, items.len());
            let node = Node {
                path: &path,
                duplicates: self.duplicates,
            };
            match sequence.next_element_seed(node)? {
                Some(item) => items.push(item),
                None => return Ok(Value::Array(items)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        while let Some(key) = map.next_key::<Key>()? {
            let path = Path::Key(self.path, &key.0);
            let node = Node {
                path: &path,
                duplicates: self.duplicates,
            };
            let value = map.next_value_seed(node)?;
            if fields.contains_key(&key.0) {
                self.duplicates.borrow_mut().push(path.to_string());
            }
            fields.insert(key.0, value);
        }
        Ok(Value::Object(fields))
    }
}

/// A key of a map: YAML allows numbers and booleans, which JSON writes as text.
struct Key(String);

impl<'de> serde::Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(KeyVisitor)
    }
}

struct KeyVisitor;

impl Visitor<'_> for KeyVisitor {
    type Value = Key;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a scalar key")
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Key, E> {
        Ok(Key(value.to_owned()))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Key, E> {
        Ok(Key(value))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Key, E> {
        Ok(Key(value.to_string()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Key, E> {
        Ok(Key(value.to_string()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Key, E> {
        Ok(Key(value.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn duplicate_keys_are_named_and_the_last_one_wins() {
        let text = br#"{"a": 1, "spec": {"b": [{"c": 1, "c": 2}], "b2": 1.5}, "a": null}"#;
        let document = super::json(text).unwrap();
        assert_eq!(
            document.value,
            json!({"a": null, "spec": {"b": [{"c": 2}], "b2": 1.5}})
        );
        assert_eq!(document.duplicates, ["spec.b[0].c", "a"]);
    }

    #[test]
    fn yaml_and_json_in_yaml_are_read() {
        let expected = json!({"a": {"b": [1, true, "x"], "1": null}});
        for text in [
            "a:\n  b: [1, true, x]\n  1:\n",
            r#"{"a": {"b": [1, true, "x"], "1": null}}"#,
        ] {
            assert_eq!(yaml(text.as_bytes()).unwrap().value, expected, "{text}");
        }
        assert_eq!(yaml(b"a: 1\na: 2\n").unwrap().duplicates, ["a"]);
    }

    #[test]
    fn trailing_text_and_deep_nesting_are_refused() {
        assert!(super::json(b"{} {}").is_err());
        assert!(super::json("[".repeat(100_000).as_bytes()).is_err());
        assert!(yaml("[".repeat(10_000).as_bytes()).is_err());
    }
}
