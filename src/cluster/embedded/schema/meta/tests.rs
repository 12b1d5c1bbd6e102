//! Every rule about metadata, once kept and once broken.

use serde_json::json;

use super::*;

const CUSTOM: MetaRules = MetaRules {
    name: NameRule::Subdomain,
    namespaced: true,
    qualified_finalizers: false,
};

fn fields(metadata: &Value) -> Vec<String> {
    let mut object = json!({"metadata": {"name": "a", "namespace": "n"}});
    super::super::super::patch::merge::apply(&mut object, &json!({"metadata": metadata}));
    validate(&object, CUSTOM)
        .into_iter()
        .map(|cause| cause.field)
        .collect()
}

#[test]
fn good_metadata_has_no_causes() {
    let metadata = json!({
        "labels": {"a/b": "c", "empty": ""}, "annotations": {"X.example/Y": "any thing"},
        "finalizers": ["plain", "a.example/b"],
        "ownerReferences": [
            {"apiVersion": "v1", "kind": "X", "name": "x", "uid": "u", "controller": true},
        ],
        "managedFields": [{"manager": "m", "operation": "Apply", "fieldsType": "FieldsV1"}],
    });
    assert_eq!(fields(&metadata), [""; 0]);
}

#[test]
fn every_rule_names_its_field() {
    let two = json!([
        {"apiVersion": "v1", "kind": "X", "name": "x", "uid": "u1", "controller": true},
        {"apiVersion": "v1", "kind": "X", "name": "y", "uid": "u2", "controller": true},
    ]);
    let cases = [
        (json!({"name": "Upper"}), "metadata.name"),
        (json!({"name": null}), "metadata.name"),
        (json!({"generateName": "Upper-"}), "metadata.generateName"),
        (json!({"namespace": "a.b"}), "metadata.namespace"),
        (json!({"namespace": null}), "metadata.namespace"),
        (json!({"labels": {"ok": "not ok!"}}), "metadata.labels"),
        (json!({"labels": {"not ok!": ""}}), "metadata.labels"),
        (
            json!({"annotations": {"bad key!": "x"}}),
            "metadata.annotations",
        ),
        (
            json!({"annotations": {"a": "x".repeat(ANNOTATIONS_MAX)}}),
            "metadata.annotations",
        ),
        (json!({"finalizers": ["bad one"]}), "metadata.finalizers"),
        (
            json!({"finalizers": ["orphan", "foregroundDeletion"]}),
            "metadata.finalizers",
        ),
        (
            json!({"ownerReferences": [{"apiVersion": "v1", "kind": "X", "name": "x"}]}),
            "metadata.ownerReferences.uid",
        ),
        (json!({"ownerReferences": two}), "metadata.ownerReferences"),
        (
            json!({"managedFields": [{"operation": "X"}]}),
            "metadata.managedFields[0].operation",
        ),
    ];
    for (metadata, field) in cases {
        assert_eq!(fields(&metadata), [field], "{metadata}");
    }
}

#[test]
fn identity_is_immutable_and_deletion_takes_no_finalizers() {
    let old = json!({"metadata": {"name": "a", "uid": "u", "deletionTimestamp": "t",
        "finalizers": ["a"], "generation": 2}});
    let new = json!({"metadata": {"name": "a", "uid": "v", "deletionTimestamp": "t",
        "finalizers": ["a", "b"], "generation": 1}});
    let causes = validate_update(&old, &new);
    let fields: Vec<&str> = causes.iter().map(|cause| cause.field.as_str()).collect();
    assert_eq!(
        fields,
        ["metadata.uid", "metadata.generation", "metadata.finalizers"]
    );
    assert!(
        causes[2]
            .message
            .ends_with("found new finalizers []string{\"b\"}")
    );
    assert_eq!(validate_update(&old, &old), []);
}

#[test]
fn foreign_members_go_and_wrong_types_are_refused() {
    let mut object = json!({"metadata": {"name": "a", "odd": 1, "labels": {"a": null},
        "creationTimestamp": null}});
    assert_eq!(coerce(&mut object).unwrap(), ["metadata.odd"]);
    assert_eq!(
        object,
        json!({"metadata": {"name": "a", "labels": {"a": ""}}})
    );
    assert_eq!(
        coerce(&mut json!({"metadata": {"labels": {"a": 1}}})).unwrap_err(),
        "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of \
         type string"
    );
    coerce(&mut json!({"metadata": []})).unwrap_err();
    coerce(&mut json!({"metadata": {"generation": "1"}})).unwrap_err();
}
