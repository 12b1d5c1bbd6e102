//! Keeping what is not modelled, and the serde helpers that go with it.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

/// The fields of an object that this crate does not model, carried through untouched.
///
/// Flattened into its owner, it makes the owner's schema open
/// (`x-kubernetes-preserve-unknown-fields`).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Unmodelled(pub Map<String, Value>);

impl Unmodelled {
    /// The value at a path of keys, for the rare reader that needs one of these fields.
    pub fn get(&self, path: &[&str]) -> Option<&Value> {
        let (first, rest) = path.split_first()?;
        rest.iter()
            .try_fold(self.0.get(*first)?, |value, key| value.get(key))
    }
}

impl JsonSchema for Unmodelled {
    fn schema_name() -> Cow<'static, str> {
        "Unmodelled".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        open_object()
    }
}

/// The schema of an object that belongs to somebody else, for instance a `providerConfig`.
pub(super) fn raw_object(_: &mut SchemaGenerator) -> Schema {
    let mut schema = open_object();
    schema.insert("nullable".to_owned(), true.into());
    schema
}

fn open_object() -> Schema {
    json_schema!({ "type": "object", "x-kubernetes-preserve-unknown-fields": true })
}

/// Reads an explicit `null` as the default, as Go's decoder does.
pub(super) fn null_as_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// Whether a field can be left out on output, as `omitempty` does.
pub(super) fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_reaches_into_nested_objects() {
        let Value::Object(map) = json!({"addons": {"nginxIngress": {"enabled": true}}}) else {
            unreachable!("the literal is an object")
        };
        let other = Unmodelled(map);
        assert_eq!(
            other.get(&["addons", "nginxIngress", "enabled"]),
            Some(&json!(true))
        );
        assert_eq!(other.get(&["addons", "missing"]), None);
        assert_eq!(other.get(&[]), None);
    }
}
