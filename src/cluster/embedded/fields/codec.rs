//! The `fieldsV1` form of a set of field paths.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::path::PathElement;
use super::set::FieldSet;

impl FieldSet {
    /// Reads `fieldsV1`; `None` when it is malformed.
    pub fn decode(fields: &Value) -> Option<Self> {
        let mut set = Self::default();
        for (key, below) in fields.as_object()? {
            if key == "." {
                continue;
            }
            let step = PathElement::decode(key)?;
            let object = below.as_object()?;
            if object.is_empty() || object.contains_key(".") {
                set.members.insert(step.clone());
            }
            let child = Self::decode(below)?;
            if !child.is_empty() {
                set.children.insert(step, child);
            }
        }
        Some(set)
    }

    /// Writes `fieldsV1`.
    pub fn encode(&self) -> Value {
        Value::Object(self.encode_members())
    }

    fn encode_members(&self) -> Map<String, Value> {
        let steps: BTreeSet<&PathElement> =
            self.members.iter().chain(self.children.keys()).collect();
        let encoded = steps.into_iter().map(|step| {
            let mut below = Map::new();
            if let Some(child) = self.children.get(step) {
                if self.members.contains(step) {
                    below.insert(".".to_owned(), Value::Object(Map::new()));
                }
                below.extend(child.encode_members());
            }
            (step.encode(), Value::Object(below))
        });
        encoded.collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::set::tests::set;
    use super::*;

    #[test]
    fn a_field_may_be_owned_with_and_without_what_is_below() {
        let fields = json!({
            "f:metadata": {"f:finalizers": {".": {}, "v:\"a/b\"": {}}},
            "f:spec": {"f:region": {}, "f:workers": {"k:{\"name\":\"w\"}": {".": {}, "f:name": {}}}},
        });
        let set = FieldSet::decode(&fields).unwrap();
        assert_eq!(set.encode(), fields);
        let paths: Vec<String> = set
            .paths()
            .iter()
            .map(|path| super::super::path::display(path))
            .collect();
        assert_eq!(
            paths,
            [
                ".metadata.finalizers",
                ".metadata.finalizers[=\"a/b\"]",
                ".spec.region",
                ".spec.workers[name=\"w\"]",
                ".spec.workers[name=\"w\"].name",
            ]
        );
    }

    #[test]
    fn malformed_fields_are_refused() {
        for fields in [
            json!(null),
            json!([]),
            json!({"spec": {}}),
            json!({"f:a": 1}),
        ] {
            assert_eq!(FieldSet::decode(&fields), None, "{fields}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(set in set()) {
            prop_assert_eq!(FieldSet::decode(&set.encode()), Some(set));
        }
    }
}
