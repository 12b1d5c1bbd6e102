//! What `kubectl apply` prints about refused Gardener objects, beside what is said without a
//! cluster.

use std::sync::Arc;

use garden6::{
    api::validation::Rules,
    cluster::embedded::ControlPlaneOptions,
    ipam::AddressPlan,
    net::{Families, IpFamily},
    stack::{
        Options,
        admission::{Judge, StackAdmission, Write},
        crds,
    },
};
use serde_json::{Value, json};

use super::setup::Setup;

fn shoot(networking: &Value) -> Value {
    json!({
        "apiVersion": "core.gardener.cloud/v1beta1",
        "kind": "Shoot",
        "metadata": {"name": "local", "namespace": "default"},
        "spec": {
            "networking": networking,
            "provider": {"type": "nobody", "workers": [{"name": "a", "minimum": 1, "maximum": 1}]},
        },
    })
}

fn record(spec: &Value) -> Value {
    let mut object = json!({
        "apiVersion": "extensions.gardener.cloud/v1alpha1",
        "kind": "DNSRecord",
        "metadata": {"name": "local", "namespace": "default"},
        "spec": {
            "type": "nobody", "secretRef": {"name": "x"}, "name": "a.example.com",
            "recordType": "AAAA", "values": ["2001:db8::1"],
        },
    });
    json_patch::merge(&mut object["spec"], spec);
    object
}

#[tokio::test(flavor = "multi_thread")]
async fn kubectl_apply_prints_every_cause_that_validation_tells() {
    let plan = AddressPlan::default_for(Families::single(IpFamily::V6));
    let definitions = crds().into_iter();
    let options = ControlPlaneOptions {
        admission: vec![Arc::new(StackAdmission::new(&Options::new(plan)))],
        crds: definitions
            .map(|definition| serde_json::to_value(definition).expect("a definition is JSON"))
            .collect(),
        ..ControlPlaneOptions::default()
    };
    let Some(kubectl) = Setup::start_with("validate", options).await else {
        return;
    };
    let apply = ["apply", "-f", "-"];
    let judge = Judge::new(Rules::default());
    let old = shoot(&json!({"type": "calico", "ipFamilies": ["IPv6"], "pods": "2001:db8:1::/48"}));
    kubectl.run_with(&apply, &old.to_string()).await;
    let cases: Vec<(Value, Option<&Value>)> = vec![
        (
            shoot(&json!({"type": "cilium", "ipFamilies": ["IPv4"], "pods": "nonsense"})),
            Some(&old),
        ),
        (
            record(&json!({"recordType": "SOA", "ttl": -1, "values": []})),
            None,
        ),
        (record(&json!({"values": ["x", "2001:db8::1", "y"]})), None),
        (record(&json!({"values": "2001:db8::1"})), None),
        (record(&json!({"recordTyp": "A"})), None),
        (record(&json!({"ttl": 60})), None),
        (
            shoot(
                &json!({"type": "calico", "ipFamilies": ["IPv6"], "pods": "2001:db8:1::/48",
                "services": "2001:db8:2::/112"}),
            ),
            Some(&old),
        ),
    ];
    let mut refused = 0;
    for (object, old) in cases {
        let answer = judge.answer(&Write {
            object: &object,
            old,
            seed: None,
        });
        let called = kubectl.call(&apply, &object.to_string()).await;
        assert_eq!(called.ok, answer.is_ok(), "{called:?} {answer:?}");
        let Err(answer) = answer else { continue };
        refused += 1;
        for finding in &answer.findings {
            let printed = if finding.type_ == "UnknownField" {
                format!("unknown field \"{}\"", finding.field)
            } else {
                format!("{}: {}", finding.field, finding.message)
            };
            assert!(called.err.contains(&printed), "{printed}\n{}", called.err);
        }
    }
    assert_eq!(refused, 5);
    kubectl.control_plane.shutdown().await;
}
