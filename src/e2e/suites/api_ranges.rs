//! The ranges of the Gardener kinds: family, spelling, overlap, masks, and the way through the API.
//!
//! Nothing here may reach a controller: objects are only rehearsed, or name a type that nobody
//! serves.

use serde_json::json;

use super::support::{
    NETWORK, NOBODY, Refusal, SEED, SHOOT, accepts_ipv6, idle_seed, idle_shoot, set, single_stacks,
};
use crate::{
    api::gates::ApiProfile,
    e2e::{Area, Case, CaseResult, Context, Lane, Need, Scope, Stop, check},
    net::IpFamily,
};

pub(in crate::e2e) fn cases() -> Vec<Case> {
    vec![
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
    ]
    .into_iter()
    .map(|case| case.needs(&[Need::Admission]))
    .collect()
}

const RANGES: [&str; 3] = [
    "spec.networking.nodes",
    "spec.networking.pods",
    "spec.networking.services",
];

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
        let sent = idle_seed(&context, family);
        let result = context.rehearse(&api, &SEED, sent.clone()).await?;
        let found = serde_json::to_value(Refusal::none("the Seed", result)?)?;
        for field in ["ipFamilies", "nodes", "pods", "services"] {
            let place = format!("/spec/networks/{field}");
            check::equal(&place, &sent.pointer(&place), &found.pointer(&place))?;
        }
    }
    Ok(())
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

async fn seed_overlap(context: Context) -> CaseResult {
    let api = context.everywhere(&SEED);
    for family in single_stacks(&context) {
        let sound = idle_seed(&context, family);
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
