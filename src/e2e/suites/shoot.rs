//! The life of a Shoot, from the outside: what a user and an operator of the Seed can see.

use std::net::IpAddr;

use kube::api::{ApiResource, ListParams};
use serde_json::{Value, json};

use super::support::{
    CLUSTER, DNS_RECORD, INFRASTRUCTURE, NAMESPACE, NETWORK, NETWORK_POLICY,
    OPERATING_SYSTEM_CONFIG, Refusal, SEED, SHOOT, WORKER, family_names, list_of_texts, owned_text,
    shoot, shoot_families, text, workerless_shoot,
};
use crate::{
    e2e::{Area, Case, CaseResult, Context, Lane, Look, Need, Scope, Stop, TimeoutClass, check},
    net::{Cidr, Families, IpFamily},
};

pub(super) fn cases() -> Vec<Case> {
    vec![
        Case::new(
            "SHO-01",
            Area::Shoot,
            "a Shoot comes up, says so, and leaves nothing behind",
            life,
        )
        .lane(Lane::Smoke)
        .weight(2)
        .purpose(
            "GEP-21: a Shoot of the environment's families is scheduled, its last \
operation succeeds, all conditions are true, its status has the ranges \
of the plan; after deletion its namespace and Cluster are gone.",
        ),
        Case::new(
            "SHO-06",
            Area::Shoot,
            "a workerless Shoot comes up without any machine",
            workerless,
        )
        .purpose(
            "No Worker, Infrastructure, Network or OperatingSystemConfig is made, \
no condition speaks of nodes, and the service range is kept.",
        ),
        Case::new(
            "SHO-09",
            Area::Shoot,
            "nothing of a Shoot carries an address of the Seed",
            no_seed_addresses,
        )
        .purpose(
            "No manifest for the machines and the network of a Shoot holds a range \
of the Seed or an address of its service range. NetworkPolicies and \
the copy of the Seed in the Cluster have to name them and are left \
out.",
        ),
        Case::new(
            "SHO-13",
            Area::Shoot,
            "machines forward packets of both families",
            sysctls,
        )
        .purpose(
            "The OperatingSystemConfig of every pool has a sysctl file that turns \
on forwarding for IPv4 and IPv6 whatever the families of the Shoot \
are.",
        ),
        Case::new(
            "SHO-14",
            Area::Shoot,
            "extensions are told the families and ranges of the Shoot",
            extensions,
        )
        .purpose(
            "Infrastructure, Network, Worker and Cluster carry the families, ranges \
and pools of the Shoot, and each reports success for its current \
generation.",
        ),
        Case::new(
            "SHO-15",
            Area::Shoot,
            "a reconciliation on request ends and changes no range",
            on_request,
        )
        .purpose(
            "The annotation gardener.cloud/operation=reconcile starts an operation, \
is removed when it succeeded, and status.networking is as before.",
        ),
        Case::new(
            "SHO-16",
            Area::Shoot,
            "Shoots of the same name in two namespaces do not share anything",
            same_name,
        )
        .weight(2)
        .purpose(
            "Two Shoots of one name in two projects have different technical IDs \
and DNS names; when one goes the other stays ready.",
        ),
        Case::new(
            "SHO-17",
            Area::Shoot,
            "a Shoot that goes while it comes up goes completely",
            early_deletion,
        )
        .purpose(
            "A Shoot is deleted right after it was made; neither the Shoot nor \
anything of it stays.",
        ),
        Case::new(
            "API-15",
            Area::Shoot,
            "a Shoot of another family is not scheduled, and is told why",
            other_family,
        )
        .scope(Scope::SingleStack)
        .purpose(
            "GEP-21: no Seed fits a Shoot of the family that the environment lacks; \
the last operation names both families and no Seed is set.",
        ),
    ]
    .into_iter()
    .map(|case| {
        case.needs(&[Need::Stack, Need::LoadBalancers])
            .timeout(TimeoutClass::ShootUp)
    })
    .collect()
}

/// A Shoot that is ready, and the name of its control plane namespace.
async fn ready_shoot(context: &Context, name: &str) -> CaseResult<(Value, String)> {
    context.arrange(&format!("make Shoot {name} and wait until it is ready"));
    context.create(&SHOOT, shoot(context, name)).await?;
    let ready = context.shoot_ready(name).await?;
    let namespace = owned_text(&ready, "/status/technicalID")?;
    Ok((ready, namespace))
}

async fn life(context: Context) -> CaseResult {
    let families = shoot_families(context.target());
    context.step("make the Shoot");
    context.create(&SHOOT, shoot(&context, "v")).await?;
    context.step("wait until it is ready");
    let ready = context.shoot_ready("v").await?;
    context.step("look at its status");
    let seed = owned_text(&ready, "/spec/seedName")?;
    check::equal(
        "status.seedName",
        &Some(&*seed),
        &text(&ready, "/status/seedName"),
    )?;
    check::equal(
        "ipFamilies",
        &family_names(families),
        &list_of_texts(&ready, "/spec/networking/ipFamilies"),
    )?;
    for (field, range) in expected_ranges(&context, families) {
        let found = list_of_texts(&ready, &format!("/status/networking/{field}"));
        check::equal(
            format!("first of status.networking.{field}"),
            &Some(&range),
            &found.first(),
        )?;
    }
    check::equal(
        "label shoot.gardener.cloud/status",
        &Some("healthy"),
        &text(&ready, "/metadata/labels/shoot.gardener.cloud~1status"),
    )?;
    context.step("delete it and look for what is left");
    context.shoot_gone("v", &ready).await
}

/// The primary ranges of a Shoot that leaves pods and services to the Seed's defaults.
fn expected_ranges(context: &Context, families: Families) -> [(&'static str, String); 3] {
    let plan = context.plan().of(families.primary());
    [
        ("nodes", plan.shoot_nodes.to_string()),
        ("pods", plan.shoot_pods.to_string()),
        ("services", plan.shoot_services.to_string()),
    ]
}

async fn workerless(context: Context) -> CaseResult {
    context.step("make a Shoot without workers");
    context
        .create(&SHOOT, workerless_shoot(&context, "bare"))
        .await?;
    context.step("wait until it is ready");
    let ready = context.shoot_ready("bare").await?;
    let namespace = owned_text(&ready, "/status/technicalID")?;
    context.step("look for machines");
    let kinds: [&ApiResource; 4] = [&INFRASTRUCTURE, &NETWORK, &WORKER, &OPERATING_SYSTEM_CONFIG];
    for kind in kinds {
        let found = context
            .inside(&namespace, kind)
            .list(&ListParams::default())
            .await?;
        let names: Vec<_> = found
            .items
            .iter()
            .map(|object| &object.metadata.name)
            .collect();
        check::none(format!("{} of a workerless Shoot", kind.plural), &names)?;
    }
    let conditions = ready
        .pointer("/status/conditions")
        .and_then(Value::as_array);
    let types: Vec<&str> = conditions
        .into_iter()
        .flatten()
        .filter_map(|condition| condition["type"].as_str())
        .collect();
    check::that(
        !types.contains(&"EveryNodeReady"),
        "conditions of a workerless Shoot",
        "none about nodes",
        format!("{types:?}"),
    )?;
    let families = shoot_families(context.target());
    let services = context.plan().of(families.primary()).shoot_services;
    check::equal(
        "status.networking.services",
        &vec![services.to_string()],
        &list_of_texts(&ready, "/status/networking/services"),
    )?;
    context.step("delete it and look for what is left");
    context.shoot_gone("bare", &ready).await
}

async fn no_seed_addresses(context: Context) -> CaseResult {
    let (ready, namespace) = ready_shoot(&context, "clean").await?;
    context.step("read the ranges of the Seed");
    let seed_name = owned_text(&ready, "/spec/seedName")?;
    let seed = context
        .read(&context.everywhere(&SEED), &SEED, &seed_name)
        .await?;
    let mut ranges = Vec::new();
    for field in ["nodes", "pods", "services"] {
        if let Some(range) = text(&seed, &format!("/spec/networks/{field}")) {
            let range: Cidr = range
                .parse()
                .map_err(|error| Stop::failed(format!("{field} of the Seed: {error}")))?;
            ranges.push((field, range));
        }
    }
    context.step("look for them in everything that was made for machines and network");
    let kinds: [&ApiResource; 4] = [&INFRASTRUCTURE, &NETWORK, &WORKER, &OPERATING_SYSTEM_CONFIG];
    let mut seen = 0_usize;
    for kind in kinds {
        let api = context.inside(&namespace, kind);
        for object in api.list(&ListParams::default()).await?.items {
            let object = serde_json::to_value(object)?;
            let name = owned_text(&object, "/metadata/name")?;
            let mut words = Vec::new();
            texts(&object, &mut words);
            for word in words {
                let Some((field, range)) = ranges.iter().find(|(_, range)| is_of(word, *range))
                else {
                    seen += usize::from(word.parse::<Cidr>().is_ok());
                    continue;
                };
                return Err(Stop::failed(format!(
                    "{} {name} holds `{word}` of the Seed's {field} {range}",
                    kind.kind
                )));
            }
        }
    }
    check::that(
        seen > 0,
        "ranges in the manifests",
        "some, or nothing was looked at",
        "none",
    )
}

/// Every word of every text in an object; words end where addresses cannot go on.
fn texts<'a>(value: &'a Value, words: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => {
            words.extend(text.split(|letter: char| {
                !(letter.is_ascii_alphanumeric() || matches!(letter, '.' | ':' | '/'))
            }));
        }
        Value::Array(list) => list.iter().for_each(|item| texts(item, words)),
        Value::Object(map) => map.values().for_each(|item| texts(item, words)),
        _ => {}
    }
}

/// Whether a word is the range itself, a part of it, or an address in it.
fn is_of(word: &str, range: Cidr) -> bool {
    if let Ok(cidr) = word.parse::<Cidr>() {
        return range.contains_cidr(cidr);
    }
    word.parse::<IpAddr>()
        .is_ok_and(|address| range.contains(address))
}

async fn sysctls(context: Context) -> CaseResult {
    let (_, namespace) = ready_shoot(&context, "forward").await?;
    context.step("read the OperatingSystemConfigs");
    let api = context.inside(&namespace, &OPERATING_SYSTEM_CONFIG);
    let found = api.list(&ListParams::default()).await?.items;
    check::that(
        !found.is_empty(),
        "OperatingSystemConfigs",
        "one per pool",
        "none",
    )?;
    for object in found {
        let object = serde_json::to_value(object)?;
        let name = owned_text(&object, "/metadata/name")?;
        let mut settings = Vec::new();
        for file in object["spec"]["files"].as_array().into_iter().flatten() {
            if text(file, "/path").is_some_and(|path| path.starts_with("/etc/sysctl.d/")) {
                settings.extend(settings_of(file)?);
            }
        }
        for key in [
            "net.ipv6.conf.all.forwarding",
            "net.ipv6.conf.default.forwarding",
            "net.ipv4.conf.all.forwarding",
            "net.ipv4.conf.default.forwarding",
        ] {
            let value = settings.iter().rev().find(|(name, _)| name == key);
            check::equal(
                format!("{key} of {name}"),
                &Some("1"),
                &value.map(|(_, value)| value.as_str()),
            )?;
        }
    }
    Ok(())
}

/// The settings in a sysctl file, in order.
fn settings_of(file: &Value) -> CaseResult<Vec<(String, String)>> {
    use base64::Engine as _;
    let inline = &file["content"]["inline"];
    let data = owned_text(inline, "/data")?;
    let content = if text(inline, "/encoding") == Some("b64") {
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(&data)
            .map_err(|error| Stop::failed(format!("the file is not base64: {error}")))?;
        String::from_utf8_lossy(&bytes).into_owned()
    } else {
        data
    };
    Ok(content
        .lines()
        .filter(|line| !line.trim_start().starts_with(['#', ';']))
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()))
        .collect())
}

async fn extensions(context: Context) -> CaseResult {
    let families = shoot_families(context.target());
    let (ready, namespace) = ready_shoot(&context, "told").await?;
    let [(_, nodes), (_, pods), (_, services)] = expected_ranges(&context, families);

    context.step("read the Network");
    let network = one(&context, &namespace, &NETWORK).await?;
    check::equal(
        "ipFamilies",
        &family_names(families),
        &list_of_texts(&network, "/spec/ipFamilies"),
    )?;
    if !families.is_dual() {
        check::equal("podCIDR", &Some(&*pods), &text(&network, "/spec/podCIDR"))?;
        check::equal(
            "serviceCIDR",
            &Some(&*services),
            &text(&network, "/spec/serviceCIDR"),
        )?;
    }
    check::equal(
        "providerConfig",
        &ready.pointer("/spec/networking/providerConfig"),
        &network.pointer("/spec/providerConfig"),
    )?;

    context.step("read the Infrastructure");
    let infrastructure = one(&context, &namespace, &INFRASTRUCTURE).await?;
    check::equal(
        "type",
        &text(&ready, "/spec/provider/type"),
        &text(&infrastructure, "/spec/type"),
    )?;
    check::equal(
        "first of status.networking.nodes",
        &Some(nodes),
        &list_of_texts(&infrastructure, "/status/networking/nodes")
            .into_iter()
            .next(),
    )?;

    context.step("read the Worker");
    let worker = one(&context, &namespace, &WORKER).await?;
    let pools = |value: Option<&Value>| -> Vec<String> {
        value
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|pool| pool["name"].as_str().map(str::to_owned))
            .collect()
    };
    check::equal(
        "pools",
        &pools(ready.pointer("/spec/provider/workers")),
        &pools(worker.pointer("/spec/pools")),
    )?;

    context.step("read the Cluster");
    let cluster = context
        .read(&context.everywhere(&CLUSTER), &CLUSTER, &namespace)
        .await?;
    check::equal(
        "networking of the Shoot in the Cluster",
        &ready.pointer("/spec/networking"),
        &cluster.pointer("/spec/shoot/spec/networking"),
    )
}

/// The one object of an extension kind in a namespace, which has to report success for what it
/// says now.
async fn one(context: &Context, namespace: &str, kind: &ApiResource) -> CaseResult<Value> {
    let api = context.inside(namespace, kind);
    let mut found = api.list(&ListParams::default()).await?.items;
    check::equal(format!("number of {}", kind.plural), &1, &found.len())?;
    let object = serde_json::to_value(found.remove(0))?;
    check::equal(
        format!("last operation of the {}", kind.kind),
        &Some("Succeeded"),
        &text(&object, "/status/lastOperation/state"),
    )?;
    check::equal(
        format!("observed generation of the {}", kind.kind),
        &object.pointer("/metadata/generation"),
        &object.pointer("/status/observedGeneration"),
    )?;
    Ok(object)
}

async fn on_request(context: Context) -> CaseResult {
    let (before, _) = ready_shoot(&context, "again").await?;
    context.step("ask for a reconciliation");
    let api = context.namespaced(&SHOOT);
    let annotation = "gardener.cloud/operation";
    let change = json!({"metadata": {"annotations": {annotation: "reconcile"}}});
    Refusal::none(
        "the annotation",
        context.change(&api, "again", change).await?,
    )?;
    context.step("wait until the request is taken away");
    context
        .eventually(
            "the request is taken away",
            TimeoutClass::Rollout,
            || async {
                let shoot = api.get("again").await?;
                let asked = shoot
                    .metadata
                    .annotations
                    .is_some_and(|annotations| annotations.contains_key(annotation));
                Ok(Look::when(!asked, (), || {
                    "the annotation is there".to_owned()
                }))
            },
        )
        .await?;
    let after = context.shoot_ready("again").await?;
    check::equal(
        "status.networking",
        &before.pointer("/status/networking"),
        &after.pointer("/status/networking"),
    )
}

async fn same_name(context: Context) -> CaseResult {
    let second = context.unique("e2e-second");
    context.arrange("make a second namespace");
    let namespaces = context.everywhere(&NAMESPACE);
    context.will_create(&NAMESPACE, None, &second);
    context
        .create_in(
            &namespaces,
            &NAMESPACE,
            json!({"metadata": {"name": second}}),
        )
        .await?;
    context.step("make two Shoots of one name");
    context.create(&SHOOT, shoot(&context, "twin")).await?;
    let other = context.inside(&second, &SHOOT);
    context
        .create_in(&other, &SHOOT, shoot(&context, "twin"))
        .await?;
    context.step("wait until both are ready");
    let mine = context.shoot_ready("twin").await?;
    let theirs = context.shoot_ready_at(&other, "twin").await?;
    for place in ["/status/technicalID", "/status/advertisedAddresses/0/url"] {
        let (left, right) = (owned_text(&mine, place)?, owned_text(&theirs, place)?);
        check::that(left != right, place, "different values", left)?;
    }
    context.step("delete one of them");
    context.shoot_gone("twin", &mine).await?;
    context.step("look at the other one");
    let namespace = owned_text(&theirs, "/status/technicalID")?;
    context
        .consistently("the other Shoot stays", || async {
            let shoot = serde_json::to_value(other.get("twin").await?).unwrap_or_default();
            let state = text(&shoot, "/status/lastOperation/state").unwrap_or("?");
            let policies = context
                .inside(&namespace, &NETWORK_POLICY)
                .list(&ListParams::default())
                .await?
                .items
                .len();
            let records = context
                .inside(&namespace, &DNS_RECORD)
                .list(&ListParams::default())
                .await?
                .items
                .len();
            let fine = state == "Succeeded" && policies > 0 && records > 0;
            Ok(Look::when(fine, (), || {
                format!("{state}, {policies} NetworkPolicies, {records} DNSRecords")
            }))
        })
        .await?;
    context.step("delete the other one, too");
    context.remove(&other, "twin", TimeoutClass::ShootUp).await
}

async fn early_deletion(context: Context) -> CaseResult {
    context.step("make a Shoot and delete it at once");
    let api = context.namespaced(&SHOOT);
    context.create(&SHOOT, shoot(&context, "brief")).await?;
    context.remove(&api, "brief", TimeoutClass::ShootUp).await?;
    context.step("look for what is left");
    let marker = format!("--{}--brief", context.namespace());
    context
        .eventually("nothing is left", TimeoutClass::Reconcile, || async {
            let mut left = Vec::new();
            for kind in [&*NAMESPACE, &*CLUSTER] {
                let list = context
                    .everywhere(kind)
                    .list(&ListParams::default())
                    .await?;
                left.extend(
                    list.items
                        .into_iter()
                        .filter_map(|object| object.metadata.name)
                        .filter(|name| name.contains(&marker)),
                );
            }
            Ok(Look::when(left.is_empty(), (), || format!("{left:?}")))
        })
        .await
}

async fn other_family(context: Context) -> CaseResult {
    let family = context.families().primary().other();
    context.step(&format!("make an {family} Shoot"));
    let mut object = shoot(&context, "stranger");
    let ranges = context.plan().of(family);
    object["spec"]["networking"] = json!({
        "type": "calico",
        "ipFamilies": [family],
        "nodes": ranges.shoot_nodes,
        "pods": ranges.shoot_pods,
        "services": ranges.shoot_services,
    });
    context.create(&SHOOT, object).await?;
    context.step("wait for the scheduler's answer");
    let api = context.namespaced(&SHOOT);
    let words = [IpFamily::V4, IpFamily::V6].map(|family| family.to_string().to_lowercase());
    context
        .eventually(
            "the scheduler says why",
            TimeoutClass::Reconcile,
            || async {
                let shoot = serde_json::to_value(api.get("stranger").await?).unwrap_or_default();
                if let Some(seed) = text(&shoot, "/spec/seedName") {
                    return Ok(Look::Hopeless(format!("scheduled to {seed}")));
                }
                let description = text(&shoot, "/status/lastOperation/description");
                let description = description.unwrap_or("no operation").to_owned();
                let said = words
                    .iter()
                    .all(|word| description.to_lowercase().contains(word));
                Ok(Look::when(said, (), || description))
            },
        )
        .await?;
    context.step("see that it stays like that");
    context
        .consistently("no Seed is set", || async {
            let shoot = serde_json::to_value(api.get("stranger").await?).unwrap_or_default();
            let seed = text(&shoot, "/spec/seedName");
            Ok(Look::when(seed.is_none(), (), || {
                format!("scheduled to {seed:?}")
            }))
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_inside_longer_texts() {
        let object =
            json!({"a": ["--range=fd00:10:2::/112,x", {"b": "dns fd00:10:2::a;"}], "c": 1});
        let mut words = Vec::new();
        texts(&object, &mut words);
        let range: Cidr = "fd00:10:2::/112".parse().unwrap();
        let found: Vec<_> = words
            .into_iter()
            .filter(|word| is_of(word, range))
            .collect();
        assert_eq!(found, ["fd00:10:2::/112", "fd00:10:2::a"]);
        assert!(!is_of("fd00:10:4::/112", range) && !is_of("::/0", range));
    }
}
