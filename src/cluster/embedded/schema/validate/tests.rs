//! Upstream's words for what is wrong with a value.

use proptest::prelude::*;
use serde_json::json;

use super::super::structural::tests::{garden, value};
use super::*;

fn problems(spec: &Value) -> Vec<String> {
    let causes = validate(garden(), &json!({"spec": spec}), "");
    causes
        .iter()
        .map(|cause| format!("{}: {}", cause.field, cause.message))
        .collect()
}

#[test]
fn messages_are_those_of_upstream() {
    let cases = [
        (json!({}), vec!["spec.region: Required value"]),
        (
            json!({"region": 5}),
            vec![
                "spec.region: Invalid value: \"integer\": spec.region in body must be of type \
                  string: \"integer\"",
            ],
        ),
        (
            json!({"region": ""}),
            vec![
                "spec.region: Invalid value: \"\": spec.region in body should be at least 1 \
                  chars long",
            ],
        ),
        (
            json!({"region": "aaaaaaaaaaa"}),
            vec!["spec.region: Too long: may not be more than 8 bytes"],
        ),
        (
            json!({"region": "eu", "purpose": "party"}),
            vec![
                "spec.purpose: Unsupported value: \"party\": supported values: \
                  \"evaluation\", \"production\"",
            ],
        ),
        (
            json!({"region": "eu", "replicas": -1}),
            vec![
                "spec.replicas: Invalid value: -1: spec.replicas in body should be greater \
                  than or equal to 0",
            ],
        ),
        (
            json!({"region": "eu", "replicas": "x"}),
            vec![
                "spec.replicas: Invalid value: \"string\": spec.replicas in body must be of \
                  type integer: \"string\"",
            ],
        ),
        (
            json!({"region": "eu", "pods": "10.0.0.0/8"}),
            vec![
                "spec.pods: Invalid value: \"10.0.0.0/8\": spec.pods in body should match \
                  '^[0-9a-f:]+/[0-9]+$'",
            ],
        ),
        (
            json!({"region": "eu", "when": "soon"}),
            vec![
                "spec.when: Invalid value: \"soon\": spec.when in body must be of type \
                  date-time: \"soon\"",
            ],
        ),
        (
            json!({"region": "eu", "families": ["IPv6", "IPv4", "IPv6"]}),
            vec![
                "spec.families: Too many: 3: must have at most 2 items",
                "spec.families[2]: Duplicate value: \"IPv6\"",
            ],
        ),
        (
            json!({"region": "eu", "workers": [{"name": "w"}, {"name": "w"}]}),
            vec!["spec.workers[1]: Duplicate value: {\"name\":\"w\"}"],
        ),
        (
            json!({"region": "eu", "workers": [{"count": 1}]}),
            vec!["spec.workers[0].name: Required value"],
        ),
        (
            json!({"region": "eu", "port": true}),
            vec![
                "spec.port: Invalid value: \"boolean\": spec.port in body must be of type \
                  integer,string: \"boolean\"",
            ],
        ),
        (
            json!({"region": "eu", "labels": {"a": 1}}),
            vec![
                "spec.labels.a: Invalid value: \"integer\": spec.labels.a in body must be of \
                  type string: \"integer\"",
            ],
        ),
        (
            json!({"region": "eu", "choice": {}}),
            vec![
                "<nil>: Invalid value: \"\": \"spec.choice\" must validate one and only one \
                 schema (oneOf). Found none valid",
                "spec.choice.a: Required value",
            ],
        ),
        (
            json!({"region": "eu", "choice": {"a": "x", "b": "y"}}),
            vec![
                "<nil>: Invalid value: \"\": \"spec.choice\" must validate one and only one \
                  schema (oneOf). Found 2 valid alternatives",
            ],
        ),
        (
            json!({"region": null}),
            vec![
                "spec.region: Invalid value: \"null\": spec.region in body must be of type \
                  string: \"null\"",
            ],
        ),
        (
            json!({"region": "eu", "networking": {"mtu": null}, "port": "http"}),
            vec![],
        ),
    ];
    for (spec, expected) in cases {
        assert_eq!(problems(&spec), expected, "{spec}");
    }
}

#[test]
fn alternatives_keep_their_words() {
    let schema = |rules: Value| {
        let mut node = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
        super::super::super::patch::merge::apply(&mut node, &rules);
        Structural::parse(&json!({"type": "object", "properties": {"a": node}}), "").unwrap()
    };
    let first = |rules: Value, value: Value| {
        let causes = validate(&schema(rules), &json!({"a": value}), "");
        causes.into_iter().map(|cause| cause.message).next()
    };
    let either = json!({"anyOf": [{"required": ["x"]}, {"required": ["y"]}]});
    assert_eq!(
        first(either.clone(), json!({})).unwrap(),
        "Invalid value: \"\": \"a\" must validate at least one schema (anyOf)"
    );
    assert_eq!(first(either, json!({"y": 1})), None);
    assert_eq!(
        first(json!({"not": {"required": ["x"]}}), json!({"x": 1})).unwrap(),
        "Invalid value: \"\": \"a\" must not validate the schema (not)"
    );
    let all = json!({"allOf": [{"required": ["x"]}, {"required": ["y"]}]});
    assert_eq!(
        first(all.clone(), json!({"x": 1})).unwrap(),
        "Required value"
    );
    assert_eq!(first(all, json!({"x": 1, "y": 1})), None);
}

#[test]
fn embedded_resources_say_what_they_are() {
    let schema = json!({"type": "object", "properties": {"t": {
        "type": "object", "x-kubernetes-embedded-resource": true,
        "x-kubernetes-preserve-unknown-fields": true,
    }}});
    let schema = Structural::parse(&schema, "").unwrap();
    let causes = validate(&schema, &json!({"t": {"kind": "K"}}), "");
    assert_eq!(
        causes,
        [Cause::required("t.apiVersion", "must not be empty")]
    );
}

proptest! {
    #[test]
    fn no_value_makes_validation_panic(object in value()) {
        validate(garden(), &object, "");
    }
}
