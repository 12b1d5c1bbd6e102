//! Shoots with `AUTOv6` on simulated clouds: one per provider, with the figures of the documents.

use serde_json::{Value, json};

use super::support::{
    INFRASTRUCTURE, NETWORK, SHOOT, WORKER, family_names, list_of_texts, owned_text, shoot,
    shoot_families, text,
};
use crate::{
    api::gates::{ApiProfile, FeatureGate},
    e2e::{Area, Case, CaseResult, Context, Look, Need, Stop, TimeoutClass, check},
    net::{Families, IpFamily},
};

pub(in crate::e2e) fn cases() -> Vec<Case> {
    vec![
        Case::new(
            "CLD-01",
            Area::Shoot,
            "AUTOv6 on AWS: a VPC of /56, an /80 for every node",
            |context| on(context, aws()),
        )
        .purpose(
            "Cloud draft: every zone has a /64 for nodes, every node an /80 of it with pods in \
             ::f000:0/100; services are a /108 of the first zone that no node gets.",
        ),
        Case::new(
            "CLD-02",
            Area::Shoot,
            "AUTOv6 on GCP: a /96 for every node, services from a second subnet",
            |context| on(context, gcp()),
        )
        .purpose(
            "Cloud draft: the first /100 of a node's /96 is reserved and ::f000:0/100 of it is \
             for pods; services are the first /108 of a subnet of their own.",
        ),
        Case::new(
            "CLD-03",
            Area::Shoot,
            "AUTOv6 on Azure: three subnets of a unique local VNet",
            |context| on(context, azure()),
        )
        .purpose(
            "Cloud draft: nodes start at ::4 of the first subnet, each has an /80 of the second \
             one for pods, services are the first /108 of the third one.",
        ),
        Case::new(
            "CLD-04",
            Area::Shoot,
            "AUTOv6 on OpenStack: the figures of the diagram, routes included",
            |context| on(context, openstack()),
        )
        .purpose(
            "Cloud draft: pods and services lie inside the IPv6 subnet of the nodes, every node \
             has a /112, and the router has one route per node.",
        ),
        Case::new(
            "CLD-05",
            Area::Shoot,
            "a pool that is used up is told, and nothing is kept of it",
            used_up,
        )
        .purpose(
            "A Shoot that needs three subnets of a pool with two says what is missing; nothing \
             is assigned, and the Shoot goes without a trace.",
        ),
        Case::new(
            "CLD-06",
            Area::Shoot,
            "a cloud that fails twice delays a Shoot and no more",
            fails_twice,
        )
        .purpose(
            "Errors of a cloud are tried again: the Shoot becomes ready with the ranges that it \
             would have had anyway.",
        ),
    ]
    .into_iter()
    .map(|case| {
        case.needs(&[Need::Stack, Need::Admission, Need::LoadBalancers])
            .timeout(TimeoutClass::ShootUp)
    })
    .collect()
}

/// A cloud, what a Shoot tells it, and what has to come of it in IPv6.
struct Expected {
    provider: &'static str,
    config: Value,
    pool: Value,
    needs_ipv4: bool,
    nodes: &'static str,
    pods: &'static str,
    services: &'static str,
    /// Address and pod range of each machine.
    machines: Vec<[&'static str; 2]>,
    routes: Value,
}

fn aws() -> Expected {
    Expected {
        provider: "aws",
        config: json!({"ipv6": {"cidr": "2600:1f13:abcd:1200::/56"}}),
        pool: json!({"minimum": 3, "maximum": 3, "zones": ["a", "b"]}),
        needs_ipv4: false,
        nodes: "2600:1f13:abcd:1200::/56",
        pods: "2600:1f13:abcd:1200::/56",
        services: "2600:1f13:abcd:1200::10:0/108",
        machines: vec![
            [
                "2600:1f13:abcd:1200:1::",
                "2600:1f13:abcd:1200:1:0:f000:0/100",
            ],
            [
                "2600:1f13:abcd:1203:1::",
                "2600:1f13:abcd:1203:1:0:f000:0/100",
            ],
            [
                "2600:1f13:abcd:1200:2::",
                "2600:1f13:abcd:1200:2:0:f000:0/100",
            ],
        ],
        routes: json!([]),
    }
}

fn gcp() -> Expected {
    Expected {
        provider: "gcp",
        config: json!({"ipv6": {
            "cidr": "2600:1900:4000:abcd::/64", "services": "2600:1900:4000:abce::/64",
        }}),
        pool: json!({"minimum": 2, "maximum": 2}),
        needs_ipv4: true,
        nodes: "2600:1900:4000:abcd::/64",
        pods: "2600:1900:4000:abcd::/64",
        services: "2600:1900:4000:abce::/108",
        machines: vec![
            [
                "2600:1900:4000:abcd:0:1::",
                "2600:1900:4000:abcd:0:1:f000:0/100",
            ],
            [
                "2600:1900:4000:abcd:0:2::",
                "2600:1900:4000:abcd:0:2:f000:0/100",
            ],
        ],
        routes: json!([]),
    }
}

fn azure() -> Expected {
    Expected {
        provider: "azure",
        config: json!({"ipv6": {"cidr": "fd12:3456:789a::/48"}}),
        pool: json!({"minimum": 2, "maximum": 2}),
        needs_ipv4: true,
        nodes: "fd12:3456:789a::/64",
        pods: "fd12:3456:789a:1::/64",
        services: "fd12:3456:789a:2::/108",
        machines: vec![
            ["fd12:3456:789a::4", "fd12:3456:789a:1::/80"],
            ["fd12:3456:789a::5", "fd12:3456:789a:1:1::/80"],
        ],
        routes: json!([]),
    }
}

fn openstack() -> Expected {
    Expected {
        provider: "openstack",
        config: json!({"ipv6": {"cidr": "2001:db8::/64"}}),
        pool: json!({
            "minimum": 2, "maximum": 2,
            "providerConfig": {"fixedAddresses": ["2001:db8::a1", "2001:db8::b4"]},
        }),
        needs_ipv4: false,
        nodes: "2001:db8::/66",
        pods: "2001:db8:0:0:4000::/66",
        // From 1.34 on, Kubernetes takes the whole quarter.
        services: "2001:db8:0:0:8000::/66",
        machines: vec![
            ["2001:db8::a1", "2001:db8:0:0:4000::/112"],
            ["2001:db8::b4", "2001:db8::4000:0:1:0/112"],
        ],
        routes: json!([
            {"destination": "2001:db8:0:0:4000::/112", "nexthop": "2001:db8::a1"},
            {"destination": "2001:db8::4000:0:1:0/112", "nexthop": "2001:db8::b4"},
        ]),
    }
}

/// The families of a Shoot whose IPv6 ranges the provider assigns: IPv6 first, as in the draft.
fn families(context: &Context, needs_ipv4: bool) -> Result<Families, Stop> {
    let target = context.target();
    if !target.gates.enabled(FeatureGate::AutoIPv6) {
        return Err(Stop::not_applicable(
            "the feature gate AutoIPv6 is closed here",
        ));
    }
    let families = shoot_families(target);
    if !families.contains(IpFamily::V6) {
        return Err(Stop::not_applicable("no Shoot has IPv6 here"));
    }
    if needs_ipv4 && !families.is_dual() {
        return Err(Stop::not_applicable(
            "this cloud has no Shoots with IPv6 only, and here is no IPv4",
        ));
    }
    Ok(if families.is_dual() {
        Families::dual(IpFamily::V6)
    } else {
        families
    })
}

/// A Shoot on a cloud with the IPv4 ranges of the draft where there is IPv4.
fn on_cloud(context: &Context, name: &str, expected: &Expected, families: Families) -> Value {
    let mut object = shoot(context, name);
    let tuple = |ipv4: &str| match families.secondary() {
        Some(_) => format!("AUTOv6, {ipv4}"),
        None => "AUTOv6".to_owned(),
    };
    let networking = &mut object["spec"]["networking"];
    networking["ipFamilies"] = json!(family_names(families));
    networking["nodes"] = json!(tuple("10.255.0.0/16"));
    networking["pods"] = json!(tuple("100.128.0.0/11"));
    networking["services"] = json!(tuple("100.72.0.0/13"));
    let provider = &mut object["spec"]["provider"];
    provider["type"] = json!(expected.provider);
    provider["infrastructureConfig"] = expected.config.clone();
    for (key, value) in expected.pool.as_object().into_iter().flatten() {
        provider["workers"][0][key] = value.clone();
    }
    object
}

async fn on(context: Context, expected: Expected) -> CaseResult {
    let families = families(&context, expected.needs_ipv4)?;
    context.step("make the Shoot");
    let name = expected.provider;
    let object = on_cloud(&context, name, &expected, families);
    context.create(&SHOOT, object).await?;
    context.step("wait until it is ready");
    let ready = context.shoot_ready(name).await?;
    let namespace = owned_text(&ready, "/status/technicalID")?;
    context.step("look at the ranges of its status");
    for (field, range) in [
        ("nodes", expected.nodes),
        ("pods", expected.pods),
        ("services", expected.services),
    ] {
        let found = list_of_texts(&ready, &format!("/status/networking/{field}"));
        check::equal(
            format!("first of status.networking.{field}"),
            &Some(range),
            &found.first().map(String::as_str),
        )?;
        check::equal(
            format!("ranges in status.networking.{field}"),
            &families.iter().count(),
            &found.len(),
        )?;
    }
    context.step("look at its Network");
    let network = read(&context, &namespace, &NETWORK, name).await?;
    if !families.is_dual() || context.target().profile == ApiProfile::Gep21 {
        for (place, range) in [
            ("/spec/podCIDR", expected.pods),
            ("/spec/serviceCIDR", expected.services),
        ] {
            check::equal(place, &Some(range), &text(&network, place))?;
        }
    }
    context.step("look at its machines");
    let worker = read(&context, &namespace, &WORKER, name).await?;
    let machines = worker.pointer("/status/providerStatus/machines");
    let found: Vec<[&str; 2]> = machines
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(|machine| {
            let text = |place| text(machine, place).unwrap_or_default();
            [text("/addresses/0"), text("/podCIDR")]
        })
        .collect();
    check::equal(
        "address and pod range of machines",
        &expected.machines,
        &found,
    )?;
    let routes = worker.pointer("/status/providerStatus/router/routes");
    check::equal("routes", &Some(&expected.routes), &routes)?;
    context.step("delete it and look for what is left");
    context.shoot_gone(name, &ready).await
}

async fn read(
    context: &Context,
    namespace: &str,
    kind: &kube::api::ApiResource,
    name: &str,
) -> CaseResult<Value> {
    let object = context.inside(namespace, kind).get(name).await?;
    Ok(serde_json::to_value(object).unwrap_or_default())
}

async fn used_up(context: Context) -> CaseResult {
    let families = families(&context, false)?;
    context.step("make a Shoot that needs three subnets of a pool with two");
    let expected = Expected {
        config: json!({"ipv6": {"pool": "small", "shipped": true}}),
        pool: json!({}),
        ..openstack()
    };
    let object = on_cloud(&context, "greedy", &expected, families);
    context.create(&SHOOT, object).await?;
    context.step("wait until it says what is missing");
    let api = context.namespaced(&SHOOT);
    let told = context
        .eventually(
            "the Shoot says what is missing",
            TimeoutClass::ShootUp,
            || async {
                let shoot = serde_json::to_value(api.get("greedy").await?).unwrap_or_default();
                let said = text(&shoot, "/status/lastOperation/description").unwrap_or_default();
                let said = said.to_owned();
                let told = said.contains("no prefix of length /64 is left in 3fff:0:0:abc0::/63");
                Ok(Look::when(told, shoot, || said))
            },
        )
        .await?;
    context.step("see that nothing is assigned");
    let namespace = owned_text(&told, "/status/technicalID")?;
    let infrastructure = read(&context, &namespace, &INFRASTRUCTURE, "greedy").await?;
    check::equal(
        "status.networking of the Infrastructure",
        &None,
        &infrastructure.pointer("/status/networking"),
    )?;
    check::equal(
        "code of the error",
        &Some("ERR_INFRA_RESOURCES_DEPLETED"),
        &text(&infrastructure, "/status/lastError/codes/0"),
    )?;
    context.step("delete it and look for what is left");
    context.shoot_gone("greedy", &told).await
}

async fn fails_twice(context: Context) -> CaseResult {
    let families = families(&context, true)?;
    context.step("make a Shoot on a cloud that fails twice");
    let pods = "2600:1900:4000:bbcd::/64";
    let expected = Expected {
        config: json!({
            "ipv6": {"cidr": pods, "services": "2600:1900:4000:bbce::/64"},
            "simulate": {"failures": 2},
        }),
        ..gcp()
    };
    let object = on_cloud(&context, "patient", &expected, families);
    context.create(&SHOOT, object).await?;
    context.step("wait until it is ready all the same");
    let ready = context.shoot_ready("patient").await?;
    let found = list_of_texts(&ready, "/status/networking/pods");
    let first = found.first().map(String::as_str);
    check::equal("first of status.networking.pods", &Some(pods), &first)?;
    context.step("delete it and look for what is left");
    context.shoot_gone("patient", &ready).await
}
