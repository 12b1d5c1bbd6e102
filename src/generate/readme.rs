//! How a person gets from the files to a running cluster.

use serde_json::{Value, json};

use super::{GenerateError, Plan, Templates, coredns, ptp, registry::LocalRegistry, templates};
use crate::{
    config::Cni,
    net::{Cidr, Host, IpFamily},
};

/// The network that kind takes unless told otherwise.
const KIND_NETWORK: &str = "kind";

/// The text for a folder, with or without manifests of the garden.
pub(super) fn readme(
    plan: &Plan,
    garden: bool,
    templates: &Templates,
) -> Result<String, GenerateError> {
    let environment = &plan.environment;
    let addresses = &environment.plan;
    let gateway = |range: Cidr| {
        range
            .nth(1)
            .map(|address| address.to_string())
            .ok_or_else(|| {
                GenerateError::plan(
                    format!("container network {range}"),
                    "it has no room for a gateway",
                )
            })
    };
    let ranges: Vec<Value> = [
        ("pods", addresses.pods()),
        ("services", addresses.services()),
    ]
    .into_iter()
    .flat_map(|(what, ranges)| {
        ranges.into_iter().map(
            move |range| json!({ "what": format!("{what}, {}", range.family()), "range": range }),
        )
    })
    .collect();
    let resolvers: Vec<String> = plan
        .environment
        .resolvers
        .iter()
        .map(|address| format!("`{address}`"))
        .collect();
    let data = json!({
        "name": environment.name,
        "families": addresses.families.to_string(),
        "ipv6": addresses.families.contains(IpFamily::V6),
        "ranges": ranges,
        "network": environment.docker_network,
        "network_variable": environment.docker_network != KIND_NETWORK,
        "docker_ipv6": addresses.v6.docker,
        "gateway_ipv6": gateway(addresses.v6.docker)?,
        "docker_ipv4": addresses.v4.docker,
        "gateway_ipv4": gateway(addresses.v4.docker)?,
        "masquerade_rule": ptp::masquerade_rule(addresses.v6.docker, None),
        "registry": registry(plan)?,
        "calico": matches!(environment.cni, Cni::Calico { .. }),
        "coredns": coredns::is_needed(&plan.environment),
        "resolvers": resolvers.join(" and "),
        "garden": garden,
    });
    templates.render(templates::README, &data)
}

fn registry(plan: &Plan) -> Result<Value, GenerateError> {
    let registry = LocalRegistry(&plan.environment);
    let settings = &plan.environment.registry;
    let ipv6 = registry.ipv6().ok_or_else(|| {
        GenerateError::plan(
            format!("container network {}", plan.environment.plan.v6.docker),
            "it has no room for the registry",
        )
    })?;
    let alias = match &settings.address.host {
        Host::Name(name) => Some(name.clone()),
        Host::Ip(_) => None,
    };
    Ok(json!({
        "container": registry.container(),
        "alias": alias,
        "ipv6": ipv6,
        "ipv4": registry.ipv4(),
        "published": registry.published(),
        "publish": format!("{}:{}", registry.published(), registry.port()),
        "listen": registry.listen(),
        "address": settings.address,
        "image": settings.image,
    }))
}
