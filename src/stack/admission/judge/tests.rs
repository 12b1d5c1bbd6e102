//! Tests of judging writes without a server.

use serde_json::json;

use super::*;

fn shoot(networking: &Value) -> Value {
    json!({
        "apiVersion": "core.gardener.cloud/v1beta1",
        "kind": "Shoot",
        "metadata": {"name": "local", "namespace": "garden-local"},
        "spec": {
            "networking": networking,
            "provider": {"type": "local", "workers": [{"name": "a", "minimum": 1, "maximum": 1}]},
        },
    })
}

fn record(spec: &Value) -> Value {
    let mut object = json!({
        "apiVersion": "extensions.gardener.cloud/v1alpha1",
        "kind": "DNSRecord",
        "metadata": {"name": "local", "namespace": "garden-local"},
        "spec": {
            "type": "x", "secretRef": {"name": "x"}, "name": "a.example.com",
            "recordType": "AAAA", "values": ["2001:db8::1"],
        },
    });
    json_patch::merge(&mut object["spec"], spec);
    object
}

fn answer(object: &Value, old: Option<&Value>) -> Result<Value, Refused> {
    let judge = Judge::new(Rules::default());
    judge.answer(&Write {
        object,
        old,
        seed: None,
    })
}

fn told(refused: &Refused) -> Vec<(&str, &str)> {
    let findings = refused.findings.iter();
    findings
        .map(|finding| (finding.type_.as_str(), finding.field.as_str()))
        .collect()
}

#[test]
fn what_is_accepted_comes_back_as_it_would_be_stored() {
    let object = shoot(&json!({"type": "calico", "ipFamilies": ["IPv6"]}));
    let stored = answer(&object, None).unwrap();
    assert_eq!(stored["metadata"]["finalizers"], json!(["gardener"]));
    let manager = &stored["spec"]["kubernetes"]["kubeControllerManager"];
    assert_eq!(manager["nodeCIDRMaskSize"], 64);
}

#[test]
fn the_rules_answer_before_metadata_and_schema() {
    let mut object = shoot(&json!({"type": "", "ipFamilies": ["IPv6"], "pods": "x"}));
    object["metadata"]["name"] = "Not A Name".into();
    let refused = answer(&object, None).unwrap_err();
    let expected = [
        ("Required", "spec.networking.type"),
        ("Invalid", "spec.networking.pods"),
    ];
    assert_eq!((refused.code, told(&refused)), (422, expected.to_vec()));
    object["spec"]["networking"] = json!({"type": "calico", "ipFamilies": ["IPv6"]});
    let refused = answer(&object, None).unwrap_err();
    assert_eq!(told(&refused), [("Invalid", "metadata.name")]);
}

#[test]
fn what_fits_no_type_is_answered_by_the_schema() {
    let object = shoot(&json!({"type": "calico", "ipFamilies": "IPv6"}));
    let refused = answer(&object, None).unwrap_err();
    assert_eq!(refused.code, 422);
    let first = ("TypeInvalid", "spec.networking.ipFamilies");
    assert_eq!(told(&refused)[0], first);
}

#[test]
fn unknown_fields_are_refused_with_the_nearest_known_one() {
    let refused = answer(&record(&json!({"recordTyp": "A"})), None).unwrap_err();
    assert_eq!(refused.code, 400);
    assert_eq!(told(&refused), [("UnknownField", "spec.recordTyp")]);
    assert_eq!(
        refused.findings[0].detail,
        "strict decoding error: unknown field \"spec.recordTyp\", did you mean `recordType`?"
    );
}

#[test]
fn an_object_without_a_kind_that_is_known_is_not_judged() {
    let object = json!({"apiVersion": "v1", "kind": "Secret", "spec": {"a": 1}});
    assert!(Judge::kind_of(&object).is_none());
    assert_eq!(answer(&object, None), Ok(object));
}

#[test]
fn an_update_starts_from_the_old_object_with_its_defaults() {
    let old = shoot(&json!({"type": "calico", "ipFamilies": ["IPv6"]}));
    assert!(answer(&old, Some(&old)).is_ok());
    let mut new = old.clone();
    new["metadata"]["labels"] = json!({"a": "b"});
    assert!(answer(&new, Some(&old)).is_ok());
    // The default of the past is stored, so another value is a change.
    new["spec"]["kubernetes"] = json!({"kubeControllerManager": {"nodeCIDRMaskSize": 80}});
    let refused = answer(&new, Some(&old)).unwrap_err();
    let field = "spec.kubernetes.kubeControllerManager.nodeCIDRMaskSize";
    assert_eq!(told(&refused), [("Invalid", field)]);
}

#[test]
fn what_cannot_work_is_told_on_request_only() {
    let judge = Judge::new(Rules::default());
    let mut object = shoot(&json!({
        "type": "calico", "ipFamilies": ["IPv6"],
        "pods": "2001:db8:1::/48", "services": "2001:db8:3::/48",
        "providerConfig": {
            "apiVersion": "calico.networking.extensions.gardener.cloud/v1alpha1",
            "kind": "NetworkConfig", "overlay": {"enabled": true},
        },
    }));
    let stored = answer(&object, None).unwrap();
    let doubts = judge.doubts(&stored);
    let fields: Vec<&str> = doubts.iter().map(|doubt| doubt.field.as_str()).collect();
    assert_eq!(
        fields,
        [
            "kube-apiserver --service-cluster-ip-range",
            "spec.networking.providerConfig.overlay.enabled",
        ]
    );
    object["spec"]["networking"]["services"] = "2001:db8:3::/112".into();
    object["spec"]["networking"]["providerConfig"] = Value::Null;
    assert_eq!(judge.doubts(&answer(&object, None).unwrap()), []);
}
