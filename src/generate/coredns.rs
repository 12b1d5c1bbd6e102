//! CoreDNS and `resolv.conf` where pods cannot reach the name server of the nodes.
//!
//! Nodes get their name server from the container engine, and that one has an IPv4 address only (moby issue 41651).
//! Pods without IPv4 cannot ask it, CoreDNS among them (kind issues 3114 and 4152).

use std::net::IpAddr;

use serde_json::{Value, json};

use super::{GenerateError, Templates, templates};
use crate::{config::Environment, net::IpFamily, yaml};

const DOCUMENT: &str = "CoreDNS configuration";
/// Where nodes see the file with the name servers of pods.
pub const NODE_RESOLV_CONF: &str = "/etc/garden6/resolv.conf";

/// Whether kubeadm's own configuration does not do.
pub fn is_needed(environment: &Environment) -> bool {
    forward(environment).as_deref() != Some(NODE_FILE)
}

/// What the pod of CoreDNS gets from its node.
const NODE_FILE: &str = "/etc/resolv.conf";

/// Whom CoreDNS asks about names outside of the cluster.
fn forward(environment: &Environment) -> Option<String> {
    let resolvers = &environment.resolvers;
    if !resolvers.is_empty() {
        return Some(list(resolvers));
    }
    let ipv4 = environment.plan.families.contains(IpFamily::V4);
    ipv4.then(|| NODE_FILE.to_owned())
}

fn list(addresses: &[IpAddr]) -> String {
    let texts: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    texts.join(" ")
}

/// The configuration of CoreDNS as a manifest.
pub fn coredns(environment: &Environment, templates: &Templates) -> Result<String, GenerateError> {
    let forward = forward(environment);
    let text = templates.render(templates::COREDNS, &json!({ "forward": forward }))?;
    let read: Value = yaml::parse(&text, DOCUMENT).map_err(|source| GenerateError::ReadBack {
        document: DOCUMENT,
        source: Box::new(source),
    })?;
    let corefile = read["data"]["Corefile"].as_str().unwrap_or_default();
    let forwards: Vec<String> = corefile
        .lines()
        .filter_map(|line| line.trim().strip_prefix("forward . "))
        .map(|rest| rest.trim_end_matches('{').trim().to_owned())
        .collect();
    let named =
        read["metadata"]["name"] == "coredns" && read["metadata"]["namespace"] == "kube-system";
    if named && forwards == forward.into_iter().collect::<Vec<_>>() {
        Ok(text)
    } else {
        Err(GenerateError::Differs {
            document: DOCUMENT,
            part: "the forwarder".to_owned(),
        })
    }
}

/// The name servers of pods as `resolv.conf`, for plans that name any.
pub fn resolv_conf(environment: &Environment) -> Option<String> {
    let resolvers = &environment.resolvers;
    if resolvers.is_empty() {
        return None;
    }
    let lines: Vec<String> = resolvers
        .iter()
        .map(|address| format!("nameserver {address}"))
        .collect();
    Some(lines.join("\n") + "\n")
}
