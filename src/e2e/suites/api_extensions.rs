//! Objects of the extensions group: values of records, updates of networks, two managers.
//!
//! Nothing here may reach a controller: objects are only rehearsed, or name a type that nobody
//! serves.

use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};

use super::support::{DNS_RECORD, NETWORK, NOBODY, Refusal, shoot_families};
use crate::{
    api::gates::ApiProfile,
    e2e::{Area, Case, CaseResult, Context, Need, check},
};

pub(in crate::e2e) fn cases() -> Vec<Case> {
    vec![
        Case::new(
            "API-10",
            Area::Api,
            "values of DNSRecords fit their type",
            record_values,
        )
        .purpose(
            "GEP-21: A takes IPv4 and AAAA takes IPv6 (upstream: either takes \
             both), anything else is refused with the index of the value; TXT takes \
             anything.",
        ),
        Case::new(
            "API-14",
            Area::Api,
            "a stored Network without families can be updated",
            old_network,
        )
        .purpose(
            "A Network made before ipFamilies existed can be changed elsewhere, but \
             never become IPv6.",
        ),
        Case::new(
            "API-16",
            Area::Api,
            "two managers cannot apply different ranges",
            managers,
        )
        .purpose(
            "Server-side apply of another value for a range that somebody else \
             applied is a conflict that names the field and the owner; what does \
             not conflict is applied.",
        ),
    ]
    .into_iter()
    .map(|case| case.needs(&[Need::Admission]))
    .collect()
}

fn record(record_type: &str, values: &Value) -> Value {
    json!({
        "metadata": {"name": "record"},
        "spec": {
            "type": NOBODY,
            "secretRef": {"name": "none", "namespace": "none"},
            "name": "api.e2e.example.com",
            "recordType": record_type,
            "values": values,
        },
    })
}

async fn record_values(context: Context) -> CaseResult {
    let api = context.namespaced(&DNS_RECORD);
    let strict = context.target().profile == ApiProfile::Gep21;
    let first = ["spec.values[0]"];
    let if_strict = if strict { &first[..] } else { &[] };
    let values: [(&str, &[&str], &[&str]); 8] = [
        ("AAAA", &["2001:db8::1", "::1"], &[]),
        ("A", &["192.0.2.1"], &[]),
        ("A", &["2001:db8::1"], if_strict),
        ("AAAA", &["192.0.2.1"], if_strict),
        (
            "AAAA",
            &["2001:db8::1", "nonsense", "2001:db8::2", "::g"],
            &["spec.values[1]", "spec.values[3]"],
        ),
        ("AAAA", &["[2001:db8::1]"], &first),
        ("AAAA", &["fe80::1%eth0"], &first),
        ("TXT", &["can be anything", "v=1; k=2"], &[]),
    ];
    for (record_type, values, blamed) in values {
        let what = format!("{record_type} {values:?}");
        context.step(&format!("ask for {what}"));
        let object = record(record_type, &json!(values));
        let result = context.rehearse(&api, &DNS_RECORD, object).await?;
        if blamed.is_empty() {
            let made = serde_json::to_value(Refusal::none(&what, result)?)?;
            check::equal("values", &json!(values), &made["spec"]["values"])?;
        } else {
            Refusal::blames(&what, result, blamed)?;
        }
    }
    Ok(())
}

async fn old_network(context: Context) -> CaseResult {
    let api = context.namespaced(&NETWORK);
    let ranges = context.plan().v4.clone();
    context.arrange("make a Network that says nothing about families");
    let object = json!({
        "metadata": {"name": "old"},
        "spec": {
            "type": NOBODY,
            "podCIDR": ranges.shoot_pods,
            "serviceCIDR": ranges.shoot_services,
        },
    });
    context.create(&NETWORK, object).await?;
    context.step("change something else");
    let change = json!({"spec": {"providerConfig": {"apiVersion": "v1", "kind": "Any"}}});
    Refusal::none("the change", context.change(&api, "old", change).await?)?;
    context.step("say IPv4");
    let change = json!({"spec": {"ipFamilies": ["IPv4"]}});
    let result = context.change(&api, "old", change).await?;
    // Gardener's transition rules know no step from nothing to [IPv4].
    if context.target().profile == ApiProfile::Upstream {
        Refusal::blames("[IPv4]", result, &["spec.ipFamilies"])?;
    } else {
        Refusal::none("[IPv4]", result)?;
    }
    context.step("say IPv6");
    let change = json!({"spec": {"ipFamilies": ["IPv6"]}});
    let refusal = Refusal::expect("[IPv6]", context.change(&api, "old", change).await?)?;
    check::that(
        refusal.message.contains("spec.ipFamilies"),
        "the refusal",
        "spec.ipFamilies in it",
        &refusal.message,
    )
}

async fn managers(context: Context) -> CaseResult {
    let family = shoot_families(context.target()).primary();
    let ranges = context.plan().of(family).clone();
    let api = context.namespaced(&NETWORK);
    let apply = async |manager: &str, spec: Value| -> CaseResult<_> {
        let object = context.manifest(
            &NETWORK,
            json!({"metadata": {"name": "shared"}, "spec": spec}),
        )?;
        let parameters = PatchParams::apply(manager);
        let result = api
            .patch("shared", &parameters, &Patch::Apply(&object))
            .await;
        Refusal::of(result)
    };
    let spec = json!({
        "type": NOBODY,
        "ipFamilies": [family],
        "podCIDR": ranges.shoot_pods,
        "serviceCIDR": ranges.shoot_services,
    });
    context.step("apply a Network as the first manager");
    Refusal::none("the first apply", apply("e2e-first", spec.clone()).await?)?;
    context.step("apply another pod range as the second manager");
    let other = json!({"type": NOBODY, "ipFamilies": [family], "podCIDR": ranges.pods});
    let refusal = Refusal::expect("another pod range", apply("e2e-second", other).await?)?;
    check::equal("code of the refusal", &409, &refusal.code)?;
    for word in ["e2e-first", "podCIDR"] {
        check::that(
            refusal.message.contains(word),
            "the conflict",
            word,
            &refusal.message,
        )?;
    }
    context.step("apply the same pod range as the second manager");
    let same = json!({"type": NOBODY, "ipFamilies": [family], "podCIDR": ranges.shoot_pods});
    Refusal::none("the same pod range", apply("e2e-second", same).await?)?;
    let found = context.read(&api, &NETWORK, "shared").await?;
    let owners: Vec<&str> = found
        .pointer("/metadata/managedFields")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter(|entry| entry.pointer("/fieldsV1/f:spec/f:podCIDR").is_some())
        .filter_map(|entry| entry["manager"].as_str())
        .collect();
    check::equal(
        "owners of podCIDR",
        &vec!["e2e-first", "e2e-second"],
        &owners,
    )
}
