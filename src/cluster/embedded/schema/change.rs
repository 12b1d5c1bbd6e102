//! Validating a write: schema, uniqueness, rules, and what may stay because it was there before.

use serde_json::Value;

use super::causes::NO_FIELD;
use super::cel::Evaluation;
use super::structural::Structural;
use super::validate::validate_except;
use crate::cluster::embedded::status::Cause;

/// Causes of these reasons keep the rules from being run, as upstream has it.
const BLOCKING: [&str; 4] = [
    "FieldValueRequired",
    "FieldValueTooLong",
    "FieldValueTooMany",
    "FieldValueTypeInvalid",
];

/// Validates a resource that is created, or changed from `old`.
///
/// Parts that did not change are not refused, even if the schema has become stricter since.
pub fn validate_change(schema: &Structural, new: &Value, old: Option<&Value>) -> Vec<Cause> {
    let mut causes = validate_except(schema, new, old, "");
    if !schema.has_rules {
        return causes;
    }
    if causes
        .iter()
        .any(|cause| BLOCKING.contains(&cause.reason.as_str()))
    {
        let why = "some validation rules were not checked because the object was invalid; correct \
                   the existing errors to complete validation";
        causes.push(Cause::invalid(NO_FIELD, &Value::Null, why));
    } else {
        causes.extend(Evaluation::of(schema, new, old));
    }
    causes
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn schema() -> Structural {
        let schema = json!({"type": "object", "properties": {"spec": {
            "type": "object", "required": ["a"],
            "x-kubernetes-validations": [{"rule": "self.a != 'no'"}],
            "properties": {
                "a": {"type": "string", "maxLength": 3},
                "b": {"type": "string", "enum": ["x"]},
                "list": {"type": "array", "items": {"type": "string", "enum": ["x"]}},
                "keyed": {
                    "type": "array", "x-kubernetes-list-type": "map",
                    "x-kubernetes-list-map-keys": ["n"],
                    "items": {"type": "object", "required": ["n"], "properties": {
                        "n": {"type": "string"}, "v": {"type": "string", "enum": ["x"]},
                    }},
                },
            },
        }}});
        Structural::parse(&schema, "").unwrap()
    }

    fn fields(new: &Value, old: Option<&Value>) -> Vec<String> {
        validate_change(&schema(), new, old)
            .into_iter()
            .map(|cause| cause.field)
            .collect()
    }

    #[test]
    fn rules_run_unless_the_object_is_broken() {
        assert_eq!(fields(&json!({"spec": {"a": "no"}}), None), ["spec"]);
        assert_eq!(
            fields(&json!({"spec": {"a": "no", "b": "y"}}), None),
            ["spec.b", "spec"]
        );
        assert_eq!(fields(&json!({"spec": {}}), None), ["spec.a", "<nil>"]);
        assert_eq!(
            fields(&json!({"spec": {"a": "long text"}}), None),
            ["spec.a", "<nil>"]
        );
    }

    #[test]
    fn what_did_not_change_may_stay() {
        let old = json!({"spec": {
            "a": "no", "b": "y", "list": ["y"], "keyed": [{"n": "1", "v": "y"}],
        }});
        assert_eq!(fields(&old, Some(&old)), [""; 0]);
        let mut new = old.clone();
        new["spec"]["a"] = json!("ok");
        assert_eq!(fields(&new, Some(&old)), [""; 0]);
        new["spec"]["keyed"] = json!([{"n": "0", "v": "x"}, {"n": "1", "v": "y"}]);
        assert_eq!(fields(&new, Some(&old)), [""; 0]);
        new["spec"]["list"] = json!(["x", "y"]);
        assert_eq!(fields(&new, Some(&old)), ["spec.list[1]"]);
        new["spec"]["keyed"][1]["v"] = json!("z");
        assert_eq!(
            fields(&new, Some(&old)),
            ["spec.list[1]", "spec.keyed[1].v"]
        );
    }
}
