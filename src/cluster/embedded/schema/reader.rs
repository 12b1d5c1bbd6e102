//! Reading JSON without losing sight of keys that occur twice.

use std::cell::RefCell;
use std::fmt;

use serde_json::{Map, Number, Value};

use serde::Deserialize;
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::causes::child;

/// A document and what is odd about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The value; of keys that occur twice the last one counts.
    pub value: Value,
    /// The paths of keys that occur twice, in order.
    pub duplicates: Vec<String>,
}

/// Reads one JSON document.
///
/// Numbers such as `1.0` become integers, as they do when upstream writes an object back.
pub fn read(bytes: &[u8]) -> Result<Document, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let document = read_from(&mut deserializer)?;
    deserializer.end()?;
    Ok(document)
}

/// Reads a document of any self-describing format whose reader does not refuse double keys itself.
pub fn read_from<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Document, D::Error> {
    let duplicates = RefCell::new(Vec::new());
    let value = Node {
        path: String::new(),
        duplicates: &duplicates,
    }
    .deserialize(deserializer)?;
    Ok(Document {
        value,
        duplicates: duplicates.into_inner(),
    })
}

/// Words every duplicate and unknown field the way that strict decoding does.
pub fn complaints(duplicates: &[String], unknown: &[String]) -> Vec<String> {
    let duplicates = duplicates
        .iter()
        .map(|path| format!("duplicate field \"{path}\""));
    let unknown = unknown
        .iter()
        .map(|path| format!("unknown field \"{path}\""));
    duplicates.chain(unknown).collect()
}

/// Returns the message of the 400 with which strict decoding ends, if there is a complaint.
pub fn strict_error(kind: &str, version: &str, complaints: &[String]) -> Option<String> {
    if complaints.is_empty() {
        return None;
    }
    Some(format!(
        "{kind} in version \"{version}\" cannot be handled as a {kind}: strict decoding error: {}",
        complaints.join(", ")
    ))
}

struct Node<'a> {
    path: String,
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

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        if let Some(integer) = whole(value) {
            return Ok(Value::from(integer));
        }
        let number = Number::from_f64(value);
        number
            .map(Value::Number)
            .ok_or_else(|| E::custom("a number is not finite"))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        loop {
            let path = format!("{}[{}]", self.path, list.len());
            let item = Node {
                path,
                duplicates: self.duplicates,
            };
            match access.next_element_seed(item)? {
                Some(value) => list.push(value),
                None => return Ok(Value::Array(list)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(Key(key)) = access.next_key()? {
            let path = child(&self.path, &key);
            if map.contains_key(&key) {
                self.duplicates.borrow_mut().push(path.clone());
            }
            let value = access.next_value_seed(Node {
                path,
                duplicates: self.duplicates,
            })?;
            map.insert(key, value);
        }
        Ok(Value::Object(map))
    }
}

/// A key of a map; YAML keys may be scalars of other types.
struct Key(String);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Key;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_str<E: de::Error>(self, value: &str) -> Result<Key, E> {
                Ok(Key(value.to_owned()))
            }

            fn visit_bool<E: de::Error>(self, value: bool) -> Result<Key, E> {
                Ok(Key(value.to_string()))
            }

            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Key, E> {
                Ok(Key(value.to_string()))
            }

            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Key, E> {
                Ok(Key(value.to_string()))
            }

            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Key, E> {
                Ok(Key(value.to_string()))
            }
        }
        deserializer.deserialize_any(Text)
    }
}

/// Returns the integer that a float stands for, when it is one and exact.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the range is checked before the cast"
)]
fn whole(value: f64) -> Option<i64> {
    /// Up to here every integer has an exact float.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    (value.fract() == 0.0 && value.abs() <= EXACT).then_some(value as i64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::structural::tests::value;
    use super::*;

    #[test]
    fn double_keys_are_named_and_the_last_one_counts() {
        let text = br#"{"a":{"b":1,"b":2},"l":[{},{"x":1,"x":2,"x":3}],"a2":1.0,"f":1.5,"e":2e3}"#;
        let document = read(text).unwrap();
        assert_eq!(document.duplicates, ["a.b", "l[1].x", "l[1].x"]);
        assert_eq!(
            document.value,
            json!({"a": {"b": 2}, "l": [{}, {"x": 3}], "a2": 1, "f": 1.5, "e": 2000})
        );
    }

    #[test]
    fn broken_documents_are_refused() {
        for text in ["", "{", "{} x", "[1,]", "nul"] {
            read(text.as_bytes()).unwrap_err();
        }
        read("[".repeat(100_000).as_bytes()).unwrap_err();
    }

    #[test]
    fn complaints_become_one_message() {
        let complaints = complaints(&["spec.a".to_owned()], &["spec.b".to_owned()]);
        assert_eq!(
            strict_error("Shoot", "v1", &complaints).unwrap(),
            "Shoot in version \"v1\" cannot be handled as a Shoot: strict decoding error: \
             duplicate field \"spec.a\", unknown field \"spec.b\""
        );
        assert_eq!(strict_error("Shoot", "v1", &[]), None);
    }

    proptest! {
        #[test]
        fn what_serde_writes_is_read_back(object in value()) {
            let document = read(object.to_string().as_bytes()).unwrap();
            prop_assert_eq!(document, Document { value: object, duplicates: Vec::new() });
        }
    }
}
