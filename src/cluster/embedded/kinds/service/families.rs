//! Which IP families a Service gets (`registry/core/service` of upstream, dual-stack rules).

use std::net::IpAddr;

use serde_json::{Map, Value};

use crate::cluster::embedded::kinds::json::is_blank;
use crate::cluster::embedded::status::Cause;

const POLICIES: &[&str] = &["PreferDualStack", "RequireDualStack", "SingleStack"];

/// The family of an address, in the word of the API.
pub(super) fn family_of(address: IpAddr) -> &'static str {
    if address.is_ipv4() { "IPv4" } else { "IPv6" }
}

fn other(family: &str) -> &'static str {
    if family == "IPv4" { "IPv6" } else { "IPv4" }
}

/// What a member that lists texts says.
pub(super) fn texts(spec: &Map<String, Value>, member: &str) -> Vec<String> {
    let items = spec
        .get(member)
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Decides `ipFamilies` and `ipFamilyPolicy` and writes them to the spec.
pub(super) fn decide(
    spec: &mut Map<String, Value>,
    configured: &[&'static str],
) -> Result<Vec<String>, Vec<Cause>> {
    let mut causes = Vec::new();
    let addresses = texts(spec, "clusterIPs");
    let headless = addresses.first().is_some_and(|first| first == "None");
    let without_selector = headless && is_blank(spec.get("selector"));
    let mut families = texts(spec, "ipFamilies");
    check_words(spec, &families, &mut causes);
    infer_from_addresses(&addresses, &mut families, &mut causes);
    let policy = policy(spec, without_selector, families.len());
    if families.len() == 2 && policy == "SingleStack" {
        let why = "must be RequireDualStack or PreferDualStack when multiple ipFamilies are \
                   specified";
        causes.push(Cause::invalid(
            "spec.ipFamilyPolicy",
            &policy.as_str().into(),
            why,
        ));
    }
    if without_selector {
        if families.is_empty() {
            families.extend(configured.first().map(|family| (*family).to_owned()));
        }
        if families.len() == 1 && policy != "SingleStack" {
            families.push(other(&families[0]).to_owned());
        }
    } else {
        if policy == "RequireDualStack" && configured.len() < 2 {
            let why = "this cluster is not configured for dual-stack services";
            causes.push(Cause::invalid(
                "spec.ipFamilyPolicy",
                &policy.as_str().into(),
                why,
            ));
        }
        for (index, family) in families.iter().enumerate() {
            if !configured.contains(&family.as_str()) {
                let field = format!("spec.ipFamilies[{index}]");
                let why = "not configured on this cluster";
                causes.push(Cause::invalid(field, &family.as_str().into(), why));
            }
        }
        if families.is_empty() {
            families.extend(configured.first().map(|family| (*family).to_owned()));
        }
        if families.len() == 1 && policy != "SingleStack" && configured.len() == 2 {
            families.push(other(&families[0]).to_owned());
        }
    }
    if !causes.is_empty() {
        return Err(causes);
    }
    spec.insert("ipFamilies".into(), families.clone().into());
    spec.insert("ipFamilyPolicy".into(), policy.into());
    Ok(families)
}

fn check_words(spec: &Map<String, Value>, families: &[String], causes: &mut Vec<Cause>) {
    if let Some(policy) = spec
        .get("ipFamilyPolicy")
        .filter(|policy| !policy.is_null())
        && !POLICIES.iter().any(|known| policy == known)
    {
        causes.push(Cause::not_supported(
            "spec.ipFamilyPolicy",
            policy,
            POLICIES,
        ));
    }
    for (index, family) in families.iter().enumerate() {
        let field = format!("spec.ipFamilies[{index}]");
        if !["IPv4", "IPv6"].contains(&family.as_str()) {
            let value = family.as_str().into();
            causes.push(Cause::not_supported(field, &value, &["IPv4", "IPv6"]));
        } else if families[..index].contains(family) {
            causes.push(Cause::duplicate(field, &family.as_str().into()));
        }
    }
    if families.len() > 2 {
        let why = "may only hold up to 2 values";
        causes.push(Cause::invalid(
            "spec.ipFamilies",
            &families.to_vec().into(),
            why,
        ));
    }
}

/// Requested addresses say which families are meant, and must not contradict `ipFamilies`.
fn infer_from_addresses(addresses: &[String], families: &mut Vec<String>, causes: &mut Vec<Cause>) {
    for (index, text) in addresses.iter().enumerate() {
        let Ok(address) = text.parse::<IpAddr>() else {
            continue;
        };
        let family = family_of(address);
        match families.get(index) {
            None => families.push(family.to_owned()),
            Some(wanted) if wanted != family => {
                let why =
                    format!("expected an {wanted} value as indicated by `ipFamilies[{index}]`");
                let field = format!("spec.clusterIPs[{index}]");
                causes.push(Cause::invalid(field, &text.as_str().into(), &why));
            }
            Some(_) => {}
        }
    }
}

fn policy(spec: &Map<String, Value>, without_selector: bool, families: usize) -> String {
    match spec.get("ipFamilyPolicy").and_then(Value::as_str) {
        Some(policy) => policy.to_owned(),
        None if without_selector || families == 2 => "RequireDualStack".into(),
        None => "SingleStack".into(),
    }
}
