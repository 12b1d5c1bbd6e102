//! The life of a Shoot, from the outside: coming up, changing, going.

use kube::api::{ApiResource, ListParams};
use serde_json::{Value, json};

use super::support::{
    CLUSTER, DNS_RECORD, INFRASTRUCTURE, NAMESPACE, NETWORK, NETWORK_POLICY,
    OPERATING_SYSTEM_CONFIG, Refusal, SHOOT, WORKER, expected_ranges, family_names, list_of_texts,
    owned_text, shoot, shoot_families, single_stacks, text, workerless_shoot,
};
use crate::{
    e2e::{Area, Case, CaseResult, Context, Lane, Look, Need, Scope, Stop, TimeoutClass, check},
    net::IpFamily,
};

pub(in crate::e2e) fn cases() -> Vec<Case> {
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
    context.step("wait for its label");
    let api = context.namespaced(&SHOOT);
    context
        .eventually(
            "the Shoot is labelled healthy",
            TimeoutClass::Reconcile,
            || async {
                let labels = api.get("v").await?.metadata.labels.unwrap_or_default();
                let label = labels.get("shoot.gardener.cloud/status").cloned();
                let healthy = label.as_deref() == Some("healthy");
                Ok(Look::when(healthy, (), || format!("{label:?}")))
            },
        )
        .await?;
    context.step("delete it and look for what is left");
    context.shoot_gone("v", &ready).await
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

async fn on_request(context: Context) -> CaseResult {
    let (before, _) = context.ready_shoot("again").await?;
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
    if !single_stacks(&context).contains(&family) {
        return Err(Stop::not_applicable(format!("no Shoot is {family} here")));
    }
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
