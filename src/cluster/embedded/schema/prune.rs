//! Dropping members that a schema does not declare.

use serde_json::{Map, Value};

use super::causes::child;
use super::structural::{Additional, Structural};

/// Members of every object that no schema has to declare.
const IMPLIED: [&str; 3] = ["apiVersion", "kind", "metadata"];

impl Structural {
    /// Removes undeclared members from a whole resource and returns their paths in order.
    ///
    /// The metadata is left alone; [`super::meta::coerce`] looks after it.
    pub fn prune(&self, object: &mut Value) -> Vec<String> {
        let mut unknown = Vec::new();
        self.prune_at(object, "", true, &mut unknown);
        unknown
    }

    /// Removes undeclared members from a value that is no resource, such as a default.
    pub(super) fn prune_value(&self, value: &mut Value) -> Vec<String> {
        let mut unknown = Vec::new();
        self.prune_at(value, "", self.embedded_resource, &mut unknown);
        unknown
    }

    fn prune_at(&self, value: &mut Value, path: &str, resource: bool, unknown: &mut Vec<String>) {
        match value {
            Value::Object(map) => self.prune_object(map, path, resource, unknown),
            Value::Array(list) => {
                for (index, item) in list.iter_mut().enumerate() {
                    // Lists without an item schema only occur where unknown values are preserved.
                    if let Some(items) = &self.items {
                        let path = format!("{path}[{index}]");
                        items.prune_at(item, &path, items.embedded_resource, unknown);
                    }
                }
            }
            _ => {}
        }
    }

    fn prune_object(
        &self,
        map: &mut Map<String, Value>,
        path: &str,
        resource: bool,
        unknown: &mut Vec<String>,
    ) {
        map.retain(|key, value| {
            if resource && IMPLIED.contains(&key.as_str()) {
                return true;
            }
            let below = match (self.properties.get(key.as_str()), &self.additional) {
                (Some(property), _) => property,
                (None, Additional::Schema(schema)) => schema,
                (None, Additional::Any) => return true,
                (None, Additional::Unspecified) if self.preserve_unknown => return true,
                (None, Additional::Unspecified) => {
                    unknown.push(child(path, key));
                    return false;
                }
            };
            if value.is_object() || value.is_array() {
                below.prune_at(value, &child(path, key), below.embedded_resource, unknown);
            }
            true
        });
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::structural::tests::{garden, value};
    use super::*;

    #[test]
    fn undeclared_members_go_and_are_named() {
        let mut object = json!({
            "apiVersion": "a/v1", "kind": "K", "metadata": {"name": "x", "labels": {"a": "b"}},
            "spec": {"region": "eu", "regoin": "x", "workers": [{"name": "w", "odd": {"a": 1}}],
                "provider": {"deep": [{"x": 1}]}, "labels": {"any": "thing"}},
            "extra": 1,
        });
        let unknown = garden().prune(&mut object);
        assert_eq!(unknown, ["spec.regoin", "spec.workers[0].odd", "extra"]);
        assert_eq!(object["spec"]["workers"], json!([{"name": "w"}]));
        assert_eq!(object["spec"]["provider"], json!({"deep": [{"x": 1}]}));
        assert_eq!(object["metadata"]["labels"], json!({"a": "b"}));
    }

    #[test]
    fn embedded_resources_keep_their_head() {
        let schema = json!({"type": "object", "properties": {"t": {
            "type": "object", "x-kubernetes-embedded-resource": true,
            "properties": {"spec": {"type": "object"}},
        }}});
        let schema = Structural::parse(&schema, "").unwrap();
        let mut object = json!({"t": {"apiVersion": "v1", "kind": "K", "metadata": {}, "spec": {"a": 1}, "b": 1}});
        assert_eq!(schema.prune(&mut object), ["t.spec.a", "t.b"]);
    }

    proptest! {
        #[test]
        fn pruning_twice_is_pruning_once(mut object in value()) {
            garden().prune(&mut object);
            let once = object.clone();
            prop_assert_eq!(garden().prune(&mut object), [""; 0]);
            prop_assert_eq!(object, once);
        }
    }
}
