//! Built-in kinds as the types of upstream: wrong types are refused, unknown members go.
//!
//! A body takes a round trip through the generated type of its kind, as it does upstream through
//! the Go type.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A tree after its round trip, or why it does not fit the type.
pub type RoundTrip = fn(&Value) -> Result<Value, String>;

/// Takes a tree through a type.
pub(super) fn through<T: DeserializeOwned + Serialize>(tree: &Value) -> Result<Value, String> {
    let typed = T::deserialize(tree).map_err(|error| error.to_string())?;
    serde_json::to_value(typed).map_err(|error| error.to_string())
}

/// Drops what a round trip has added: members that a type requires and the client left out.
///
/// Nobody asked for them, and in an applied configuration they would claim ownership.
pub fn without_additions(before: &Value, mut after: Value) -> Value {
    match (before, &mut after) {
        (Value::Object(before), Value::Object(after)) => {
            after.retain(|key, _| before.contains_key(key));
            for (key, value) in after {
                if let Some(before) = before.get(key) {
                    *value = without_additions(before, value.take());
                }
            }
        }
        (Value::Array(before), Value::Array(after)) => {
            for (before, value) in before.iter().zip(after) {
                *value = without_additions(before, value.take());
            }
        }
        _ => {}
    }
    after
}

/// Paths of the members that did not survive a round trip.
pub fn lost(before: &Value, after: &Value) -> Vec<String> {
    let mut paths = Vec::new();
    collect(before, after, "", &mut paths);
    paths
}

fn collect(before: &Value, after: &Value, path: &str, paths: &mut Vec<String>) {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            for (key, value) in before {
                let path = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                match after.get(key) {
                    Some(kept) => collect(value, kept, &path, paths),
                    None if is_nothing(value) => {}
                    None => paths.push(path),
                }
            }
        }
        (Value::Array(before), Value::Array(after)) => {
            for (index, (value, kept)) in before.iter().zip(after).enumerate() {
                collect(value, kept, &format!("{path}[{index}]"), paths);
            }
        }
        _ => {}
    }
}

/// What encoders leave out.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::{ConfigMap, Pod};
    use serde_json::json;

    use super::*;

    #[test]
    fn unknown_members_are_lost_and_named() {
        let pod = json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "a" },
            "spec": { "containers": [{ "name": "c", "imagee": "x", "args": [] }], "nod": null },
            "extra": { "a": 1 },
        });
        let after = through::<Pod>(&pod).unwrap();
        assert_eq!(lost(&pod, &after), ["spec.containers[0].imagee", "extra"]);
    }

    #[test]
    fn members_that_a_type_requires_are_not_made_up() {
        let applied = json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "a" },
            "spec": { "replicas": 1 },
        });
        let after = through::<k8s_openapi::api::apps::v1::Deployment>(&applied).unwrap();
        assert_ne!(after, applied, "the type fills in a selector");
        assert_eq!(without_additions(&applied, after), applied);
    }

    #[test]
    fn wrong_types_do_not_fit() {
        let object = json!({
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": {}, "data": { "k": 5 },
        });
        let why = through::<ConfigMap>(&object).unwrap_err();
        assert!(why.contains("expected a string"), "{why}");
    }
}
