//! Filling in defaults.

use serde_json::{Map, Value};

use super::structural::{Additional, Structural};

impl Structural {
    /// Sets defaults where members are missing, or null without being nullable, and then drops the
    /// nulls that are neither allowed nor replaced.
    pub fn apply_defaults(&self, object: &mut Value) {
        self.fill(object);
        self.drop_nulls(object);
    }

    fn fill(&self, value: &mut Value) {
        match value {
            Value::Object(map) => {
                for (name, property) in &self.properties {
                    if let Some(default) = &property.default
                        && map
                            .get(name.as_ref())
                            .is_none_or(|value| property.refuses(value))
                    {
                        map.insert(name.to_string(), default.as_ref().clone());
                    }
                }
                self.each_member(map, |schema, value| {
                    schema.replace_null(value);
                    schema.fill(value);
                });
            }
            Value::Array(list) => {
                let Some(items) = &self.items else { return };
                for item in list {
                    items.replace_null(item);
                    items.fill(item);
                }
            }
            _ => {}
        }
    }

    /// Tells whether the value is a null that this schema does not allow.
    fn refuses(&self, value: &Value) -> bool {
        value.is_null() && !self.nullable
    }

    fn replace_null(&self, value: &mut Value) {
        if let Some(default) = &self.default
            && self.refuses(value)
        {
            *value = default.as_ref().clone();
        }
    }

    fn drop_nulls(&self, value: &mut Value) {
        match value {
            Value::Object(map) => {
                map.retain(|key, value| {
                    self.member(key).is_none_or(|schema| !schema.refuses(value))
                });
                self.each_member(map, Self::drop_nulls);
            }
            Value::Array(list) => {
                let Some(items) = &self.items else { return };
                for item in list {
                    items.drop_nulls(item);
                }
            }
            _ => {}
        }
    }

    fn each_member(&self, map: &mut Map<String, Value>, visit: impl Fn(&Self, &mut Value)) {
        for (key, value) in map {
            if let Some(schema) = self.member(key) {
                visit(schema, value);
            }
        }
    }

    /// Returns the schema of a member, declared or additional.
    fn member(&self, key: &str) -> Option<&Self> {
        let additional = match &self.additional {
            Additional::Schema(schema) => Some(schema.as_ref()),
            Additional::Any | Additional::Unspecified => None,
        };
        self.properties.get(key).or(additional)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::structural::tests::{garden, value};

    #[test]
    fn defaults_nest_and_replace_nulls() {
        let mut object = json!({"spec": {
            "region": "eu", "replicas": null, "networking": {"mtu": null},
            "workers": [{"name": "w"}], "labels": {"gone": null},
        }});
        garden().apply_defaults(&mut object);
        assert_eq!(
            object,
            json!({"spec": {
                "region": "eu", "replicas": 1, "networking": {"mtu": null, "type": "calico"},
                "workers": [{"name": "w", "count": 1}], "labels": {},
            }})
        );
    }

    #[test]
    fn an_empty_default_lets_the_inner_ones_apply() {
        let mut object = json!({"spec": {"region": "eu"}});
        garden().apply_defaults(&mut object);
        assert_eq!(object["spec"]["networking"], json!({"type": "calico"}));
    }

    #[test]
    fn nothing_is_made_where_the_parent_is_missing() {
        let mut object = json!({});
        garden().apply_defaults(&mut object);
        assert_eq!(object, json!({}));
    }

    proptest! {
        #[test]
        fn defaulting_twice_is_defaulting_once(mut object in value()) {
            garden().apply_defaults(&mut object);
            let once = object.clone();
            garden().apply_defaults(&mut object);
            prop_assert_eq!(object, once);
        }
    }
}
