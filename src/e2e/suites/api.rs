//! Defaulting and validation of the Gardener kinds, seen through the API server.
//!
//! Nothing here may reach a controller: objects are only rehearsed, or name a type or a Seed that
//! nobody serves.

use kube::api::{Patch, PatchParams};
use serde_json::{Value, json};

use super::support::{
    DNS_RECORD, NETWORK, Refusal, SEED, SHOOT, family_names, list_of_texts, set, shoot,
    shoot_families, text,
};
use crate::{
    api::gates::{ApiProfile, FeatureGate},
    e2e::{Area, Case, CaseResult, Context, Lane, Need, Scope, Stop, check},
    net::{Families, IpFamily},
};

/// A type of extension that nobody serves.
const NOBODY: &str = "e2e-nobody";

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::new(
            "API-01",
            Area::Api,
            "a Shoot that says nothing about families is IPv4",
            default_families,
        )
        .lane(Lane::Smoke)
        .purpose(
            "GEP-21: ipFamilies defaults to [IPv4], is stored, and reads back \
unchanged after an unrelated update.",
        ),
        Case::new(
            "API-02",
            Area::Api,
            "without the feature gate no Shoot is IPv6",
            gate_closed,
        )
        .purpose(
            "GEP-21: with the gate IPv6SingleStack closed a Shoot with [IPv6] is \
refused at spec.networking.ipFamilies.",
        ),
        Case::new(
            "API-03",
            Area::Api,
            "objects keep their addresses on the way through the API",
            round_trip,
        )
        .lane(Lane::Smoke)
        .purpose(
            "GEP-21: Shoot, Seed and Network of the environment's families are \
accepted with the ranges of the plan and come back with exactly these \
ranges and families.",
        ),
        Case::new(
            "API-04",
            Area::Api,
            "ranges of the wrong family are refused, each and all at once",
            wrong_family,
        )
        .lane(Lane::Smoke)
        .scope(Scope::SingleStack)
        .purpose(
            "GEP-21: pods, nodes and services of the other family give one error \
each in one answer, in both directions.",
        ),
        Case::new(
            "API-05",
            Area::Api,
            "two families are refused or accepted as the profile says",
            two_families,
        )
        .purpose(
            "GEP-21 refuses [IPv4, IPv6] and [IPv6, IPv4] at ipFamilies; the \
upstream profile accepts both and keeps the order.",
        ),
        Case::new(
            "API-08",
            Area::Api,
            "the family of a Shoot cannot be exchanged",
            transition,
        )
        .purpose(
            "GEP-21: a Shoot of one family cannot become one of the other, in \
whichever direction.",
        ),
        Case::new(
            "API-09",
            Area::Api,
            "node masks of IPv6 Shoots have the bounds of the profile",
            node_mask,
        )
        .scope(Scope::WithIpv6)
        .purpose(
            "64 and 124 are accepted; 63 and 125 are refused by the upstream \
profile, which has bounds, and accepted by gep21, which has none.",
        ),
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
            "API-12",
            Area::Api,
            "ranges of a Seed do not overlap",
            seed_overlap,
        )
        .purpose(
            "Pods, services and nodes of a Seed that share addresses are refused at \
the later field.",
        ),
        Case::new(
            "API-13",
            Area::Api,
            "prefixes are compared as addresses, not as text",
            spelling,
        )
        .purpose(
            "Upper case and written-out zeros are accepted; host bits, missing \
lengths, zones, leading zeros in IPv4 and empty text are refused at \
the field.",
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
        Case::new(
            "API-18",
            Area::Api,
            "families that do not exist or repeat are refused by index",
            unknown_family,
        )
        .purpose(
            "An unknown word in ipFamilies is NotSupported, a repeated one is \
Duplicate, both at their index.",
        ),
    ]
    .into_iter()
    .map(|case| case.needs(&[Need::Admission]))
    .collect()
}

/// The families whose single-stack Shoots the environment accepts.
fn single_stacks(context: &Context) -> Vec<IpFamily> {
    [IpFamily::V6, IpFamily::V4]
        .into_iter()
        .filter(|family| *family == IpFamily::V4 || accepts_ipv6(context))
        .collect()
}

fn accepts_ipv6(context: &Context) -> bool {
    let target = context.target();
    target.profile == ApiProfile::Upstream || target.gates.enabled(FeatureGate::IPv6SingleStack)
}

fn accepts_dual(context: &Context) -> bool {
    let target = context.target();
    target.profile == ApiProfile::Upstream || target.gates.enabled(FeatureGate::DualStack)
}

/// A Shoot of one family with all ranges of the plan that no controller will ever work on.
fn idle_shoot(context: &Context, name: &str, family: IpFamily) -> Value {
    let mut object = shoot(context, name);
    let ranges = context.plan().of(family);
    object["spec"]["networking"] = json!({
        "type": "calico",
        "ipFamilies": [family],
        "nodes": ranges.shoot_nodes,
        "pods": ranges.shoot_pods,
        "services": ranges.shoot_services,
    });
    // The scheduler has no Seed of this provider, so the Shoot stays where it is.
    set(&mut object, "/spec/provider/type", json!(NOBODY));
    object
}

const RANGES: [&str; 3] = [
    "spec.networking.nodes",
    "spec.networking.pods",
    "spec.networking.services",
];

async fn default_families(context: Context) -> CaseResult {
    context.step("make a Shoot without ipFamilies");
    let mut object = idle_shoot(&context, "silent", IpFamily::V4);
    if let Some(networking) = object["spec"]["networking"].as_object_mut() {
        networking.shift_remove("ipFamilies");
    }
    context.create(&SHOOT, object).await?;
    context.step("read it back");
    let api = context.namespaced(&SHOOT);
    let expected = vec![IpFamily::V4.to_string()];
    let found = context.read(&api, &SHOOT, "silent").await?;
    let place = "/spec/networking/ipFamilies";
    check::equal("ipFamilies", &expected, &list_of_texts(&found, place))?;
    context.step("change something else");
    let change = json!({"spec": {"purpose": "evaluation"}});
    Refusal::none("the change", context.change(&api, "silent", change).await?)?;
    let found = context.read(&api, &SHOOT, "silent").await?;
    check::equal("ipFamilies", &expected, &list_of_texts(&found, place))?;
    check::equal(
        "purpose",
        &Some("evaluation"),
        &text(&found, "/spec/purpose"),
    )
}

async fn gate_closed(context: Context) -> CaseResult {
    if accepts_ipv6(&context) {
        return Err(Stop::not_applicable(
            "the gate IPv6SingleStack is open, or the profile has none",
        ));
    }
    context.step("ask for an IPv6 Shoot");
    let api = context.namespaced(&SHOOT);
    let object = idle_shoot(&context, "early", IpFamily::V6);
    let result = context.rehearse(&api, &SHOOT, object).await?;
    Refusal::blames("[IPv6]", result, &["spec.networking.ipFamilies"]).map(drop)
}

async fn round_trip(context: Context) -> CaseResult {
    let plan = context.plan().clone();
    for family in single_stacks(&context) {
        let ranges = plan.of(family);
        context.step(&format!("keep an {family} Shoot"));
        let name = format!("shoot-{}", family.to_string().to_lowercase());
        let sent = idle_shoot(&context, &name, family);
        context.create(&SHOOT, sent.clone()).await?;
        let found = context
            .read(&context.namespaced(&SHOOT), &SHOOT, &name)
            .await?;
        for field in ["ipFamilies", "nodes", "pods", "services", "type"] {
            let place = format!("/spec/networking/{field}");
            check::equal(&place, &sent.pointer(&place), &found.pointer(&place))?;
        }

        context.step(&format!("keep an {family} Network"));
        let spec = json!({
            "type": NOBODY,
            "ipFamilies": [family],
            "podCIDR": ranges.shoot_pods,
            "serviceCIDR": ranges.shoot_services,
        });
        let name = format!("network-{}", family.to_string().to_lowercase());
        let object = json!({"metadata": {"name": name}, "spec": spec});
        context.create(&NETWORK, object).await?;
        let found = context
            .read(&context.namespaced(&NETWORK), &NETWORK, &name)
            .await?;
        for (field, sent) in spec.as_object().into_iter().flatten() {
            check::equal(field, &Some(sent), &found["spec"].get(field))?;
        }

        context.step(&format!("rehearse an {family} Seed"));
        let api = context.everywhere(&SEED);
        let sent = seed(&context, family);
        let result = context.rehearse(&api, &SEED, sent.clone()).await?;
        let found = serde_json::to_value(Refusal::none("the Seed", result)?)?;
        for field in ["ipFamilies", "nodes", "pods", "services"] {
            let place = format!("/spec/networks/{field}");
            check::equal(&place, &sent.pointer(&place), &found.pointer(&place))?;
        }
    }
    Ok(())
}

/// A Seed of one family with the ranges of the plan, to be rehearsed only.
fn seed(context: &Context, family: IpFamily) -> Value {
    let ranges = context.plan().of(family);
    json!({
        "metadata": {"name": context.unique("e2e")},
        "spec": {
            "provider": {"type": NOBODY, "region": "nowhere"},
            "networks": {
                "ipFamilies": [family],
                "nodes": ranges.docker,
                "pods": ranges.pod_pool,
                "services": ranges.services,
            },
        },
    })
}

async fn wrong_family(context: Context) -> CaseResult {
    let api = context.namespaced(&SHOOT);
    for family in single_stacks(&context) {
        let (right, wrong) = (
            context.plan().of(family).clone(),
            context.plan().of(family.other()).clone(),
        );
        context.step(&format!("give an {family} Shoot three wrong ranges"));
        let mut object = idle_shoot(&context, "wrong", family);
        set(
            &mut object,
            "/spec/networking/nodes",
            json!(wrong.shoot_nodes),
        );
        set(
            &mut object,
            "/spec/networking/pods",
            json!(wrong.shoot_pods),
        );
        set(
            &mut object,
            "/spec/networking/services",
            json!(wrong.shoot_services),
        );
        let result = context.rehearse(&api, &SHOOT, object.clone()).await?;
        Refusal::blames("three wrong ranges", result, &RANGES)?;
        context.step(&format!("give an {family} Shoot one wrong range"));
        set(
            &mut object,
            "/spec/networking/nodes",
            json!(right.shoot_nodes),
        );
        set(
            &mut object,
            "/spec/networking/services",
            json!(right.shoot_services),
        );
        let result = context.rehearse(&api, &SHOOT, object.clone()).await?;
        Refusal::blames("one wrong range", result, &["spec.networking.pods"])?;
        context.step(&format!("give an {family} Shoot the right ranges"));
        set(
            &mut object,
            "/spec/networking/pods",
            json!(right.shoot_pods),
        );
        let result = context.rehearse(&api, &SHOOT, object).await?;
        Refusal::none("the right ranges", result)?;
    }
    Ok(())
}

async fn two_families(context: Context) -> CaseResult {
    let api = context.namespaced(&SHOOT);
    for primary in [IpFamily::V6, IpFamily::V4] {
        let families = family_names(Families::dual(primary));
        context.step(&format!("ask for {families:?}"));
        let mut object = idle_shoot(&context, "dual", primary);
        set(&mut object, "/spec/networking/ipFamilies", json!(families));
        let result = context.rehearse(&api, &SHOOT, object).await?;
        if accepts_dual(&context) {
            let made = serde_json::to_value(Refusal::none("two families", result)?)?;
            check::equal(
                "ipFamilies",
                &families,
                &list_of_texts(&made, "/spec/networking/ipFamilies"),
            )?;
        } else {
            Refusal::blames("two families", result, &["spec.networking.ipFamilies"])?;
        }
    }
    Ok(())
}

async fn transition(context: Context) -> CaseResult {
    let api = context.namespaced(&SHOOT);
    for family in single_stacks(&context) {
        context.arrange(&format!("make an {family} Shoot"));
        let name = format!("from-{}", family.to_string().to_lowercase());
        context
            .create(&SHOOT, idle_shoot(&context, &name, family))
            .await?;
        context.step(&format!("exchange {family} for {}", family.other()));
        let change = json!({"spec": {"networking": {"ipFamilies": [family.other()]}}});
        let result = context.change(&api, &name, change).await?;
        let refusal = Refusal::expect("another family", result)?;
        check::that(
            refusal.message.contains("spec.networking.ipFamilies"),
            "the refusal",
            "spec.networking.ipFamilies in it",
            &refusal.message,
        )?;
        let found = context.read(&api, &SHOOT, &name).await?;
        check::equal(
            "ipFamilies",
            &vec![family.to_string()],
            &list_of_texts(&found, "/spec/networking/ipFamilies"),
        )?;
    }
    Ok(())
}

async fn node_mask(context: Context) -> CaseResult {
    if !accepts_ipv6(&context) {
        return Err(Stop::not_applicable("no Shoot is IPv6 here"));
    }
    let api = context.namespaced(&SHOOT);
    let bounded = context.target().profile == ApiProfile::Upstream;
    for (mask, inside) in [(63, false), (64, true), (124, true), (125, false)] {
        context.step(&format!("ask for node mask {mask}"));
        let mut object = idle_shoot(&context, "masked", IpFamily::V6);
        // A range of /125 has room for few pods only.
        set(
            &mut object,
            "/spec/kubernetes/kubelet",
            json!({"maxPods": 4}),
        );
        set(
            &mut object,
            "/spec/kubernetes/kubeControllerManager",
            json!({"nodeCIDRMaskSize": mask}),
        );
        let result = context.rehearse(&api, &SHOOT, object).await?;
        if inside || !bounded {
            Refusal::none(&format!("node mask {mask}"), result)?;
        } else {
            let field = "spec.kubernetes.kubeControllerManager.nodeCIDRMaskSize";
            Refusal::blames(&format!("node mask {mask}"), result, &[field])?;
        }
    }
    Ok(())
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
        ("TXT", &["can be anything", ""], &[]),
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

async fn seed_overlap(context: Context) -> CaseResult {
    let api = context.everywhere(&SEED);
    for family in single_stacks(&context) {
        let sound = seed(&context, family);
        context.step(&format!("rehearse a sound {family} Seed"));
        Refusal::none(
            "a sound Seed",
            context.rehearse(&api, &SEED, sound.clone()).await?,
        )?;
        let pods = sound["spec"]["networks"]["pods"].clone();
        for field in ["services", "nodes"] {
            context.step(&format!("let {field} be the pods of an {family} Seed"));
            let mut object = sound.clone();
            object["spec"]["networks"][field] = pods.clone();
            let result = context.rehearse(&api, &SEED, object).await?;
            let field = format!("spec.networks.{field}");
            Refusal::blames("an overlap", result, &[&field])?;
        }
    }
    Ok(())
}

async fn spelling(context: Context) -> CaseResult {
    let api = context.namespaced(&SHOOT);
    let good: [(IpFamily, &[&str]); 2] = [
        (
            IpFamily::V6,
            &[
                "2001:DB8:1::/48",
                "2001:0db8:0001:0000:0000:0000:0000:0000/48",
            ],
        ),
        (IpFamily::V4, &["100.96.0.0/11"]),
    ];
    let bad: [(IpFamily, &[&str]); 2] = [
        (
            IpFamily::V6,
            &[
                "2001:db8:1::1/48",
                "2001:db8:1::",
                "2001:db8:1::/129",
                "fe80::%eth0/64",
                "[2001:db8:1::]/48",
                "",
            ],
        ),
        (
            IpFamily::V4,
            &["100.96.0.1/11", "010.96.0.0/16", "10.0.0.0", ""],
        ),
    ];
    let families = single_stacks(&context);
    let try_pods = async |family: IpFamily, pods: &str| {
        let mut object = idle_shoot(&context, "spelled", family);
        set(&mut object, "/spec/networking/pods", json!(pods));
        context.rehearse(&api, &SHOOT, object).await
    };
    for (family, spellings) in good.iter().filter(|(family, _)| families.contains(family)) {
        context.step(&format!("write {family} prefixes in unusual ways"));
        for pods in *spellings {
            Refusal::none(&format!("pods `{pods}`"), try_pods(*family, pods).await?)?;
        }
    }
    for (family, spellings) in bad.iter().filter(|(family, _)| families.contains(family)) {
        context.step(&format!("write {family} prefixes wrongly"));
        for pods in *spellings {
            let result = try_pods(*family, pods).await?;
            Refusal::blames(&format!("pods `{pods}`"), result, &["spec.networking.pods"])?;
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

async fn unknown_family(context: Context) -> CaseResult {
    let api = context.namespaced(&SHOOT);
    for (families, blamed) in [
        (json!(["IPv5"]), vec!["spec.networking.ipFamilies[0]"]),
        (json!(["ipv6"]), vec!["spec.networking.ipFamilies[0]"]),
        (
            json!(["IPv4", "IPv4"]),
            vec!["spec.networking.ipFamilies[1]"],
        ),
    ] {
        context.step(&format!("ask for {families}"));
        let mut object = idle_shoot(&context, "strange", IpFamily::V4);
        set(&mut object, "/spec/networking/ipFamilies", families.clone());
        let result = context.rehearse(&api, &SHOOT, object).await?;
        Refusal::blames(&families.to_string(), result, &blamed)?;
    }
    Ok(())
}
