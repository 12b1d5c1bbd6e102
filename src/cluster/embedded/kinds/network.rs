//! Endpoints, `EndpointSlice` and NetworkPolicy.

use serde_json::{Value, json};

use super::json::{is_blank, list_at, object_at, set_default};
use super::strategy::Strategy;
use crate::cluster::embedded::status::Cause;
use crate::net::Cidr;

/// The rules of Endpoints.
pub(super) const ENDPOINTS: Strategy = Strategy {
    create_on_update: true,
    default: default_endpoints,
    ..Strategy::PLAIN
};

/// The rules of `EndpointSlice`.
pub(super) const ENDPOINT_SLICE: Strategy = Strategy {
    generation: true,
    default: default_slice,
    validate: validate_slice,
    ..Strategy::PLAIN
};

/// The rules of NetworkPolicy.
pub(super) const POLICY: Strategy = Strategy {
    generation: true,
    default: default_policy,
    validate: validate_policy,
    ..Strategy::PLAIN
};

fn default_protocol(port: &mut Value) {
    if let Some(port) = port.as_object_mut() {
        set_default(port, "protocol", "TCP");
    }
}

fn default_endpoints(object: &mut Value) {
    for subset in list_at(object, &["subsets"]) {
        list_at(subset, &["ports"]).for_each(default_protocol);
    }
}

fn default_slice(object: &mut Value) {
    for port in list_at(object, &["ports"]) {
        default_protocol(port);
        if let Some(port) = port.as_object_mut() {
            set_default(port, "name", "");
        }
    }
}

fn validate_slice(object: &Value, old: Option<&Value>, causes: &mut Vec<Cause>) {
    let family = &object["addressType"];
    let supported = ["FQDN", "IPv4", "IPv6"];
    if is_blank(Some(family)) {
        causes.push(Cause::required("addressType", ""));
    } else if !supported.iter().any(|known| family == known) {
        causes.push(Cause::not_supported("addressType", family, &supported));
    }
    if let Some(old) = old
        && old["addressType"] != *family
    {
        causes.push(Cause::invalid("addressType", family, "field is immutable"));
    }
}

fn default_policy(object: &mut Value) {
    for rules in ["ingress", "egress"] {
        for rule in list_at(object, &["spec", rules]) {
            list_at(rule, &["ports"]).for_each(default_protocol);
        }
    }
    let Some(spec) = object_at(object, &["spec"]) else {
        return;
    };
    set_default(spec, "podSelector", json!({}));
    if is_blank(spec.get("policyTypes")) {
        let types = if is_blank(spec.get("egress")) {
            json!(["Ingress"])
        } else {
            json!(["Ingress", "Egress"])
        };
        spec.insert("policyTypes".into(), types);
    }
}

fn validate_policy(object: &Value, _: Option<&Value>, causes: &mut Vec<Cause>) {
    let members: &[(&str, &str)] = &[("ingress", "from"), ("egress", "to")];
    for (rules, peers) in members {
        let list = object["spec"][*rules]
            .as_array()
            .into_iter()
            .flatten()
            .enumerate();
        for (rule_index, rule) in list {
            for (index, peer) in rule[*peers].as_array().into_iter().flatten().enumerate() {
                let field = format!("spec.{rules}[{rule_index}].{peers}[{index}]");
                validate_peer(&field, peer, causes);
            }
        }
    }
}

fn validate_peer(field: &str, peer: &Value, causes: &mut Vec<Cause>) {
    let block = peer.get("ipBlock").filter(|block| !block.is_null());
    let selects = ["podSelector", "namespaceSelector"].iter().any(|member| {
        peer.get(*member)
            .is_some_and(|selector| !selector.is_null())
    });
    match block {
        None if !selects => causes.push(Cause::required(field, "must specify a peer")),
        None => {}
        Some(_) if selects => {
            let why = "may not specify both ipBlock and another peer";
            causes.push(Cause::forbidden(field, why));
        }
        Some(block) => validate_block(field, block, causes),
    }
}

fn validate_block(field: &str, block: &Value, causes: &mut Vec<Cause>) {
    let why = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
    let parse = |value: &Value| {
        // Kubernetes lets blocks have host bits.
        let (address, length) = value.as_str()?.split_once('/')?;
        Cidr::containing(address.parse().ok()?, length.parse().ok()?)
    };
    let Some(range) = parse(&block["cidr"]) else {
        causes.push(Cause::invalid(
            format!("{field}.ipBlock.cidr"),
            &block["cidr"],
            why,
        ));
        return;
    };
    for (index, except) in block["except"].as_array().into_iter().flatten().enumerate() {
        let field = format!("{field}.ipBlock.except[{index}]");
        match parse(except) {
            None => causes.push(Cause::invalid(field, except, why)),
            Some(inner)
                if !range.contains_cidr(inner) || inner.prefix_len() <= range.prefix_len() =>
            {
                let why = "must be a strict subset of `cidr`";
                causes.push(Cause::invalid(field, except, why));
            }
            Some(_) => {}
        }
    }
}
