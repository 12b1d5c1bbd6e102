//! Vectors of what clouds assign.

use garden6::{
    ipam::clouds::{
        self, CloudError, Fleet, Node, Resolution, Template, aws, azure, gcp, limits, local,
        openstack,
    },
    net::Cidr,
};
use serde_json::{Map, Value, json};

use super::Outcome;

/// Runs a vector of one of the kinds about clouds; nothing where it is none.
pub(super) fn run(kind: &str, input: &Value) -> Option<Result<Outcome, String>> {
    let known: &[&str] = match kind {
        "template" => &["prefix", "template", "reserve", "offset"],
        "aws" => &[
            "vpc", "zones", "nodes", "source", "offset", "template", "k8s",
        ],
        "gcp" => &[
            "subnet", "nodes", "services", "strategy", "profile", "offset", "template", "k8s",
        ],
        "azure" => &["vnet", "nodes", "k8s"],
        "openstack" => &[
            "pool",
            "subnet",
            "nodes",
            "allocated",
            "address_mode",
            "node_addresses",
            "mode",
            "route_quota",
            "k8s",
        ],
        "local" => &["index", "nodes", "k8s"],
        "limits" => &["services", "clusterCIDR", "nodeMask", "k8s"],
        "ula" => &["seed"],
        _ => return None,
    };
    let keys = input.as_object().into_iter().flatten().map(|(key, _)| key);
    for key in keys {
        if !known.contains(&key.as_str()) {
            return Some(Err(format!("`{key}` is not a known input of `{kind}`")));
        }
    }
    let outcome = match kind {
        "template" => template(input),
        "aws" => on_aws(input),
        "gcp" => on_gcp(input),
        "azure" => on_azure(input),
        "openstack" => on_openstack(input),
        "local" => on_local(input),
        "limits" => limit(input),
        _ => Ok(json!({"prefix": clouds::unique_local::site(text(&input["seed"]))})),
    };
    Some(Ok(outcome.map_err(|error| error.code().to_owned())))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn cidr(value: &Value) -> Cidr {
    let text = text(value);
    text.parse()
        .unwrap_or_else(|error| panic!("`{text}` in a vector: {error}"))
}

fn number(value: &Value) -> Option<usize> {
    value
        .as_u64()
        .map(|number| number.try_into().expect("numbers of vectors are small"))
}

fn kubernetes(input: &Value) -> limits::Kubernetes {
    let part = |index: usize| {
        let part = input["k8s"][index].as_u64();
        part.map(|part| part.try_into().expect("versions are small"))
    };
    part(0).zip(part(1)).unwrap_or(limits::DEFAULT_KUBERNETES)
}

fn of_hosts(input: &Value) -> Result<Template, CloudError> {
    let mut template = match input["template"].as_str() {
        Some(text) => Template::with_pods(text)?,
        None => Template::default(),
    };
    if let Some(offset) = input["offset"].as_u64() {
        template.offset = offset.into();
    }
    if let Some(reserve) = number(&input["reserve"]) {
        template.reserve = reserve.try_into().expect("lengths are small");
    }
    Ok(template)
}

fn template(input: &Value) -> Result<Value, CloudError> {
    let split = of_hosts(input)?.split(cidr(&input["prefix"]))?;
    Ok(json!({"podCIDR": split.pods, "reserved": split.reserved, "address": split.address}))
}

/// The facts that every cloud has.
fn facts(resolution: &Resolution, nodes: &[Value]) -> Map<String, Value> {
    let ranges = &resolution.ranges;
    let (api_server, dns) = resolution.well_known().expect("there is a service range");
    let facts = json!({
        "status": {"nodes": ranges.nodes, "pods": ranges.pods, "services": ranges.services},
        "nodes": nodes,
        "apiserver": api_server,
        "dns": dns,
    });
    facts.as_object().expect("it is a map").clone()
}

/// Nodes join one after the other, and the invariants hold each time.
fn join(
    resolution: &mut Resolution,
    count: usize,
    mut one: impl FnMut(&mut Fleet, &str, usize) -> Result<Node, CloudError>,
) -> Result<Vec<(String, Node)>, CloudError> {
    let mut nodes = Vec::new();
    for index in 0..count {
        let name = format!("node-{index}");
        let node = one(&mut resolution.fleet, &name, index)?;
        resolution.check()?;
        nodes.push((name, node));
    }
    Ok(nodes)
}

fn hosts(nodes: &[(String, Node)]) -> Vec<Value> {
    let host = |(name, node): &(String, Node)| {
        json!({
            "name": name,
            "prefix": node.prefix,
            "reserved": node.reserved,
            "address": node.address,
            "podCIDR": node.pods,
        })
    };
    nodes.iter().map(host).collect()
}

fn pairs(nodes: &[(String, Node)]) -> Vec<Value> {
    let pair = |(_, node): &(String, Node)| json!({"address": node.address, "podCIDR": node.pods});
    nodes.iter().map(pair).collect()
}

fn on_aws(input: &Value) -> Result<Value, CloudError> {
    let request = aws::Request {
        vpc: cidr(&input["vpc"]),
        source: match input["source"].as_str() {
            Some("byoip") => aws::Source::Own,
            _ => aws::Source::Amazon,
        },
        zones: number(&input["zones"]).unwrap_or(1),
        template: of_hosts(input)?,
    };
    let mut resolution = aws::resolve(&request, kubernetes(input))?;
    let zones: Vec<usize> = input["nodes"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(number)
        .collect();
    let nodes = join(&mut resolution, zones.len(), |fleet, name, index| {
        fleet.join(name, zones[index])
    })?;
    let mut facts = facts(&resolution, &hosts(&nodes));
    let subnets = aws::zones(&request)?;
    let subnets: Vec<Value> = subnets
        .iter()
        .map(|zone| json!({"workers": zone.workers, "internal": zone.internal, "public": zone.public}))
        .collect();
    facts.insert("zones".to_owned(), json!(subnets));
    Ok(Value::Object(facts))
}

fn on_gcp(input: &Value) -> Result<Value, CloudError> {
    let request = gcp::Request {
        subnet: cidr(&input["subnet"]),
        services: input.get("services").map(cidr),
        strategy: match input["strategy"].as_str() {
            Some("dummy-node") => gcp::Services::DummyNode,
            _ => gcp::Services::Subnet,
        },
        profile: match input["profile"].as_str() {
            Some("shipped") => gcp::Profile::Shipped,
            _ => gcp::Profile::Draft,
        },
        template: of_hosts(input)?,
    };
    let mut resolution = gcp::resolve(&request, kubernetes(input))?;
    let count = number(&input["nodes"]).unwrap_or_default();
    let nodes = join(&mut resolution, count, |fleet, name, _| fleet.join(name, 0))?;
    Ok(Value::Object(facts(&resolution, &hosts(&nodes))))
}

fn on_azure(input: &Value) -> Result<Value, CloudError> {
    let request = azure::Request {
        vnet: cidr(&input["vnet"]),
    };
    let (mut resolution, warnings) = azure::resolve(&request, kubernetes(input))?;
    let count = number(&input["nodes"]).unwrap_or_default();
    let nodes = join(&mut resolution, count, |fleet, name, _| fleet.join(name, 0))?;
    let mut facts = facts(&resolution, &pairs(&nodes));
    let warnings: Vec<&str> = warnings.into_iter().map(azure::Warning::code).collect();
    facts.insert("egress".to_owned(), json!(azure::EGRESS));
    facts.insert("warnings".to_owned(), json!(warnings));
    Ok(Value::Object(facts))
}

fn on_openstack(input: &Value) -> Result<Value, CloudError> {
    let mut request = openstack::Request::default();
    if input["mode"] == "three-subnets" {
        request.mode = openstack::Mode::ThreeSubnets;
    }
    if let Some(mode) = input["address_mode"].as_str() {
        request.address_mode = mode.parse().expect("modes of vectors are known");
    }
    if let Some(quota) = number(&input["route_quota"]) {
        request.route_quota = quota;
    }
    let taken = input["allocated"].as_array().into_iter().flatten();
    let taken: Vec<Cidr> = taken.map(cidr).collect();
    let subnets = match input.get("subnet") {
        Some(explicit) => vec![cidr(explicit)],
        None => openstack::from_pool(cidr(&input["pool"]), &taken, request.subnets())?,
    };
    let mut assignment = openstack::resolve(&request, &subnets, kubernetes(input))?;
    let addresses: Vec<&str> = input["node_addresses"]
        .as_array()
        .into_iter()
        .flatten()
        .map(text)
        .collect();
    let count = number(&input["nodes"]).unwrap_or(addresses.len());
    let nodes = join(
        &mut assignment.resolution,
        count,
        |fleet, name, index| match addresses.get(index) {
            Some(address) => fleet.join_at(name, address.parse().expect("addresses of vectors")),
            None => fleet.join(name, 0),
        },
    )?;
    let mut facts = facts(&assignment.resolution, &pairs(&nodes));
    let routes: Vec<Value> = assignment
        .resolution
        .fleet
        .routes()
        .iter()
        .map(|(destination, nexthop)| json!({"destination": destination, "nexthop": nexthop}))
        .collect();
    let (first, last) = assignment.allocation_pool;
    facts.insert("routes".to_owned(), json!(routes));
    facts.insert("subnet".to_owned(), json!(assignment.subnet));
    facts.insert("gateway".to_owned(), json!(assignment.gateway));
    facts.insert("allocationPool".to_owned(), json!([first, last]));
    facts.insert(
        "clusterCIDRForNodeIPAM".to_owned(),
        json!(assignment.node_ipam),
    );
    Ok(Value::Object(facts))
}

fn on_local(input: &Value) -> Result<Value, CloudError> {
    let index = number(&input["index"]).unwrap_or_default();
    let index = index.try_into().expect("numbers of vectors are small");
    let mut resolution = local::resolve(index, kubernetes(input))?;
    let count = number(&input["nodes"]).unwrap_or_default();
    let nodes = join(&mut resolution, count, |fleet, name, _| {
        fleet.join(name, 0).map_err(local::node_error)
    })?;
    Ok(Value::Object(facts(&resolution, &pairs(&nodes))))
}

fn limit(input: &Value) -> Result<Value, CloudError> {
    if let Some(cluster) = input.get("clusterCIDR") {
        let cluster = cidr(cluster);
        let mask = number(&input["nodeMask"]).unwrap_or_default();
        let mask = mask.try_into().expect("masks are small");
        let most = limits::nodes(cluster, mask)?;
        let first = cluster.subnets(mask).next();
        let most = u64::try_from(most).expect("node ranges are numbered with 16 bits");
        return Ok(json!({
            "maxNodes": most,
            "first": first,
            "last": limits::last_node(cluster, mask),
        }));
    }
    let (api_server, dns) = limits::services(cidr(&input["services"]), kubernetes(input))?;
    Ok(json!({"apiserver": api_server, "dns": dns}))
}
