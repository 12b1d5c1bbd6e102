//! Services: addresses, families, load balancing.

use std::net::IpAddr;

use serde_json::{Value, json};

use super::support::{Refusal, SERVICE, list_of_texts, owned_text};
use crate::{
    e2e::{Area, Case, CaseResult, Context, Lane, Look, Need, Scope, Stop, TimeoutClass, check},
    net::{Families, IpFamily},
};

pub(in crate::e2e) fn cases() -> Vec<Case> {
    vec![
        Case::new(
            "SVC-01",
            Area::Svc,
            "a Service gets an address of the primary service range",
            cluster_address,
        )
        .lane(Lane::Smoke)
        .purpose(
            "A Service that says nothing about families is SingleStack of the \
             primary family and its clusterIP is inside the service range of the \
             plan, neither its first nor its last address.",
        ),
        Case::new(
            "SVC-08",
            Area::Svc,
            "a load balancer gets the address of each of its families",
            load_balancer,
        )
        .lane(Lane::Smoke)
        .needs(&[Need::LoadBalancers])
        .purpose(
            "GEP-21: the status of a LoadBalancer Service lists the environment's \
             address of each of its families (`::1` for the local IPv6 environment) \
             and loses it when the Service becomes a ClusterIP one.",
        ),
        Case::new(
            "SVC-09",
            Area::Svc,
            "a Service cannot have a family that the cluster lacks",
            missing_family,
        )
        .scope(Scope::SingleStack)
        .purpose(
            "Asking for the other family or for RequireDualStack is refused with \
             the field that is to blame; PreferDualStack falls back to the one \
             family there is.",
        ),
        Case::new(
            "SVC-15",
            Area::Svc,
            "a headless Service has families but no address",
            headless,
        )
        .purpose(
            "clusterIP None is kept, clusterIPs is [None], ipFamilies is the \
             primary one.",
        ),
        Case::new(
            "SVC-16",
            Area::Svc,
            "a chosen address is given once and can be used again",
            chosen_address,
        )
        .purpose(
            "A Service may choose a free address of the range; a second one that \
             asks for it is refused until the first is gone; an address outside the \
             range is refused.",
        ),
        Case::new(
            "DUA-03",
            Area::Dual,
            "dual-stack Services have addresses in the order of their families",
            dual_stack,
        )
        .scope(Scope::DualStack)
        .purpose(
            "Default, PreferDualStack, RequireDualStack and the reversed order each \
             give the families, the policy and the addresses that they ask for.",
        ),
    ]
}

fn service(name: &str, spec: Value) -> Value {
    let mut spec = spec;
    spec["selector"] = json!({"app": name});
    spec["ports"] = json!([{"name": "http", "port": 80, "protocol": "TCP"}]);
    json!({"metadata": {"name": name}, "spec": spec})
}

/// Asserts families, policy and addresses of a Service.
fn expect_families(
    context: &Context,
    service: &Value,
    families: Families,
    policy: &str,
) -> CaseResult {
    let names: Vec<String> = families.iter().map(|family| family.to_string()).collect();
    check::equal(
        "ipFamilies",
        &names,
        &list_of_texts(service, "/spec/ipFamilies"),
    )?;
    check::equal(
        "ipFamilyPolicy",
        &policy.to_owned(),
        &owned_text(service, "/spec/ipFamilyPolicy")?,
    )?;
    let addresses = list_of_texts(service, "/spec/clusterIPs");
    check::equal(
        "clusterIP",
        &addresses.first().cloned(),
        &Some(owned_text(service, "/spec/clusterIP")?),
    )?;
    check::equal("number of clusterIPs", &names.len(), &addresses.len())?;
    for (family, address) in families.iter().zip(&addresses) {
        let range = context.plan().of(family).services;
        let parsed: Option<IpAddr> = address.parse().ok();
        let usable = parsed.is_some_and(|address| {
            range.contains(address) && address != range.network() && address != range.last()
        });
        check::that(
            usable,
            format!("clusterIP for {family}"),
            format!("an address inside {range}"),
            address,
        )?;
    }
    Ok(())
}

async fn cluster_address(context: Context) -> CaseResult {
    context.step("make a Service that says nothing about families");
    let made = context
        .create(&SERVICE, service("plain", json!({})))
        .await?;
    let made = serde_json::to_value(made)?;
    let families = Families::single(context.families().primary());
    expect_families(&context, &made, families, "SingleStack")?;
    context.step("make a second one");
    let other = context
        .create(&SERVICE, service("other", json!({})))
        .await?;
    let other = serde_json::to_value(other)?;
    let address = |service: &Value| owned_text(service, "/spec/clusterIP");
    check::that(
        address(&made)? != address(&other)?,
        "clusterIP of the second Service",
        "another one",
        address(&other)?,
    )
}

async fn load_balancer(context: Context) -> CaseResult {
    let families = context.families();
    let policy = if families.is_dual() {
        "RequireDualStack"
    } else {
        "SingleStack"
    };
    context.step("make a load balancer");
    let spec = json!({"type": "LoadBalancer", "ipFamilyPolicy": policy});
    context.create(&SERVICE, service("public", spec)).await?;
    context.step("wait for its addresses");
    let mut expected: Vec<String> = families
        .iter()
        .map(|family| context.plan().of(family).load_balancer.to_string())
        .collect();
    expected.sort();
    await_ingress(&context, &expected).await?;
    context.step("make it a ClusterIP Service");
    let api = context.namespaced(&SERVICE);
    let change = json!({"spec": {"type": "ClusterIP"}});
    Refusal::none("the change", context.change(&api, "public", change).await?)?;
    await_ingress(&context, &[]).await
}

async fn await_ingress(context: &Context, expected: &[String]) -> CaseResult {
    let api = context.namespaced(&SERVICE);
    let subject = format!("the load balancer has the addresses {expected:?}");
    context
        .eventually(&subject, TimeoutClass::Reconcile, || async {
            let found = api.get("public").await?;
            let mut addresses: Vec<String> = found
                .data
                .pointer("/status/loadBalancer/ingress")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(|entry| entry["ip"].as_str().map(str::to_owned))
                .collect();
            addresses.sort();
            Ok(Look::when(addresses == expected, (), || {
                format!("{addresses:?}")
            }))
        })
        .await
}

async fn missing_family(context: Context) -> CaseResult {
    let primary = context.families().primary();
    let api = context.namespaced(&SERVICE);
    for (what, spec) in [
        ("the other family", json!({"ipFamilies": [primary.other()]})),
        (
            "RequireDualStack",
            json!({"ipFamilyPolicy": "RequireDualStack"}),
        ),
        (
            "both families",
            json!({
                "ipFamilyPolicy": "RequireDualStack",
                "ipFamilies": [primary, primary.other()],
            }),
        ),
    ] {
        context.step(&format!("ask for {what}"));
        let result = context
            .rehearse(&api, &SERVICE, service("impossible", spec))
            .await?;
        let refusal = Refusal::expect(what, result)?;
        check::equal(format!("{what}: code"), &422, &refusal.code)?;
        let blamed = refusal
            .fields
            .iter()
            .any(|field| field.starts_with("spec.ipFamil"));
        check::that(
            blamed,
            format!("{what}: fields"),
            "spec.ipFamilies or spec.ipFamilyPolicy",
            format!("{:?}: {}", refusal.fields, refusal.message),
        )?;
    }
    context.step("prefer both families");
    let spec = json!({"ipFamilyPolicy": "PreferDualStack"});
    let made = context
        .create(&SERVICE, service("preferring", spec))
        .await?;
    let made = serde_json::to_value(made)?;
    expect_families(&context, &made, context.families(), "PreferDualStack")
}

async fn headless(context: Context) -> CaseResult {
    context.step("make a headless Service");
    let spec = json!({"clusterIP": "None"});
    let made = context.create(&SERVICE, service("headless", spec)).await?;
    let made = serde_json::to_value(made)?;
    check::equal(
        "clusterIPs",
        &vec!["None".to_owned()],
        &list_of_texts(&made, "/spec/clusterIPs"),
    )?;
    check::equal(
        "ipFamilies",
        &vec![context.families().primary().to_string()],
        &list_of_texts(&made, "/spec/ipFamilies"),
    )
}

async fn chosen_address(context: Context) -> CaseResult {
    let range = context.plan().of(context.families().primary()).services;
    let api = context.namespaced(&SERVICE);
    context.arrange("let the API server find a free address");
    let probe = context
        .create(&SERVICE, service("probe", json!({})))
        .await?;
    let address = owned_text(&serde_json::to_value(probe)?, "/spec/clusterIP")?;
    context
        .remove(&api, "probe", TimeoutClass::Reconcile)
        .await?;
    let choose = |name: &str| service(name, json!({"clusterIP": address}));
    context.step("choose that address");
    context.create(&SERVICE, choose("first")).await?;
    context.step("choose it a second time");
    let result = context.attempt(&api, &SERVICE, choose("second")).await?;
    let refusal = Refusal::expect("an address that is taken", result)?;
    check::that(
        refusal.code == 422 && refusal.message.contains(&address),
        "the refusal",
        format!("422 with the address {address}"),
        format!("{} {}", refusal.code, refusal.message),
    )?;
    context.step("free it and choose it again");
    context
        .remove(&api, "first", TimeoutClass::Reconcile)
        .await?;
    context.create(&SERVICE, choose("second")).await?;
    context.step("choose an address outside the range");
    let outside = match range.family() {
        IpFamily::V6 => "2001:db8::1",
        IpFamily::V4 => "192.0.2.1",
    };
    let spec = json!({"clusterIP": outside});
    let result = context
        .attempt(&api, &SERVICE, service("outside", spec))
        .await?;
    let refusal = Refusal::expect("an address outside the range", result)?;
    check::that(
        refusal.code == 422 && refusal.message.contains(&range.to_string()),
        "the refusal",
        format!("422 with the range {range}"),
        format!("{} {}", refusal.code, refusal.message),
    )
}

async fn dual_stack(context: Context) -> CaseResult {
    let families = context.families();
    let primary = families.primary();
    let reversed = Families::dual(primary.other());
    for (name, spec, expected, policy) in [
        (
            "default",
            json!({}),
            Families::single(primary),
            "SingleStack",
        ),
        (
            "secondary",
            json!({"ipFamilies": [primary.other()]}),
            Families::single(primary.other()),
            "SingleStack",
        ),
        (
            "preferring",
            json!({"ipFamilyPolicy": "PreferDualStack"}),
            families,
            "PreferDualStack",
        ),
        (
            "requiring",
            json!({"ipFamilyPolicy": "RequireDualStack"}),
            families,
            "RequireDualStack",
        ),
        (
            "reversed",
            json!({"ipFamilyPolicy": "RequireDualStack", "ipFamilies": reversed}),
            reversed,
            "RequireDualStack",
        ),
    ] {
        context.step(&format!("make Service {name}"));
        let made = context.create(&SERVICE, service(name, spec)).await?;
        expect_families(&context, &serde_json::to_value(made)?, expected, policy)?;
    }
    context.step("swap the families of a Service");
    let api = context.namespaced(&SERVICE);
    let change = json!({"spec": {"ipFamilies": reversed, "clusterIP": null, "clusterIPs": null}});
    match context.change(&api, "requiring", change).await? {
        Err(refusal) => check::equal("code of the refusal", &422, &refusal.code),
        Ok(_) => Err(Stop::failed("the primary family of a Service was changed")),
    }
}
