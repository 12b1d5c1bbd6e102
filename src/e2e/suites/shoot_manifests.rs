//! What is made for a Shoot in its Seed, as the operator of the Seed can see it.

use std::net::IpAddr;

use kube::api::{ApiResource, ListParams};
use serde_json::Value;

use super::support::{
    CLUSTER, INFRASTRUCTURE, NETWORK, OPERATING_SYSTEM_CONFIG, SEED, WORKER, expected_ranges,
    family_names, list_of_texts, owned_text, shoot_families, text,
};
use crate::{
    e2e::{Area, Case, CaseResult, Context, Need, Stop, TimeoutClass, check},
    net::Cidr,
};

pub(in crate::e2e) fn cases() -> Vec<Case> {
    vec![
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
    ]
    .into_iter()
    .map(|case| {
        case.needs(&[Need::Stack, Need::LoadBalancers])
            .timeout(TimeoutClass::ShootUp)
    })
    .collect()
}

async fn no_seed_addresses(context: Context) -> CaseResult {
    let (ready, namespace) = context.ready_shoot("clean").await?;
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

async fn sysctls(context: Context) -> CaseResult {
    let (_, namespace) = context.ready_shoot("forward").await?;
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

async fn extensions(context: Context) -> CaseResult {
    let families = shoot_families(context.target());
    let (ready, namespace) = context.ready_shoot("told").await?;
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

#[cfg(test)]
mod tests {
    use serde_json::json;

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
