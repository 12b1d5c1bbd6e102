//! Vectors of kind's cluster document: defaults, acceptance, and what kind derives from it.

use garden6::generate::kind::{
    Cluster, NodeAddresses, Problem, api_version, apply_defaults, container_facts, decode,
    kubeadm_facts, network_subnet, validate,
};
use serde_json::{Map, Value, json};

use super::Case;

type Verdict = Result<(), String>;

/// Runs the whole file.
pub(super) fn run(content: &Value) -> Vec<Case> {
    content["vectors"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|vector| {
            let input = &vector["in"];
            let found = match vector["group"].as_str().unwrap_or_default() {
                "defaults" => defaults(input),
                "validate" => Ok(acceptance(input)),
                "ula" => ula(input),
                "kubeadm" => kubeadm(input),
                "args" => args(input),
                group => Err(format!("unknown group `{group}`")),
            };
            Case {
                id: vector["id"].as_str().unwrap_or("(no id)").to_owned(),
                kind: None,
                verdict: found.and_then(|found| compare(&vector["want"], &found)),
            }
        })
        .collect()
}

/// Every wanted fact must be found; a fact nobody knows is an error, not a match.
fn compare(want: &Value, found: &Value) -> Verdict {
    for (key, wanted) in want.as_object().into_iter().flatten() {
        match found.get(key) {
            None => return Err(format!("`{key}` is not a known fact")),
            Some(value) if value == wanted => {}
            Some(value) => return Err(format!("`{key}` is {value}, wanted {wanted}")),
        }
    }
    Ok(())
}

fn words(problems: &[Problem]) -> String {
    let words: Vec<String> = problems.iter().map(ToString::to_string).collect();
    words.join("; ")
}

fn completed(input: &Value) -> Result<Cluster, String> {
    let mut cluster = decode(input).map_err(|problems| words(&problems))?;
    apply_defaults(&mut cluster);
    Ok(cluster)
}

/// Defaults are told flat: the network section, the name, and the number and roles of the nodes.
fn defaults(input: &Value) -> Result<Value, String> {
    let cluster = completed(input)?;
    let mut facts: Map<String, Value> = serde_json::to_value(&cluster.networking)
        .map_err(|error| error.to_string())?
        .as_object()
        .cloned()
        .unwrap_or_default();
    let roles: Vec<&str> = cluster
        .nodes
        .iter()
        .map(|node| node.role.as_str())
        .collect();
    facts.insert("name".to_owned(), json!(cluster.name));
    facts.insert("roles".to_owned(), json!(roles));
    let nodes: Vec<Value> = roles.iter().map(|role| json!({ "role": role })).collect();
    facts.insert("nodes".to_owned(), json!(nodes));
    Ok(facts.into())
}

fn acceptance(input: &Value) -> Value {
    let problems = match decode(input) {
        Ok(mut cluster) => {
            apply_defaults(&mut cluster);
            validate(&cluster)
        }
        Err(problems) => problems,
    };
    let keys: Vec<&str> = problems.iter().map(|problem| problem.kind.key()).collect();
    json!({ "errors": keys })
}

fn ula(input: &Value) -> Result<Value, String> {
    let network = input["network"].as_str().ok_or("no network")?;
    let attempt = input["attempt"].as_i64().unwrap_or_default();
    let attempt = i32::try_from(attempt).map_err(|error| error.to_string())?;
    Ok(json!({ "subnet": network_subnet(network, attempt).to_string() }))
}

/// The flat keys of these vectors that belong to the network section.
fn cluster_of(input: &Value) -> Result<Cluster, String> {
    let networking: Map<String, Value> = input
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(key, _)| !matches!(key.as_str(), "kubernetesVersion" | "nodeIPv4" | "nodeIPv6"))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    completed(&json!({ "networking": networking }))
}

fn kubeadm(input: &Value) -> Result<Value, String> {
    let mut found = Map::new();
    if let Some(version) = input["kubernetesVersion"].as_str() {
        let version = version
            .trim_start_matches('v')
            .parse()
            .map_err(|error| format!("{version}: {error}"))?;
        found.insert("apiVersion".to_owned(), json!(api_version(&version)));
    }
    let cluster = cluster_of(input)?;
    let address = |key: &str| input[key].as_str();
    let facts = kubeadm_facts(
        &cluster,
        NodeAddresses {
            ipv4: address("nodeIPv4").and_then(|text| text.parse().ok()),
            ipv6: address("nodeIPv6").and_then(|text| text.parse().ok()),
        },
    );
    let node_ips: Vec<String> = facts.node_ips.iter().map(ToString::to_string).collect();
    for (key, value) in [
        ("nodeIP", json!(node_ips.join(","))),
        ("advertiseAddress", json!(facts.advertise_address)),
        (
            "controllerManagerBind",
            json!(facts.controller_manager_bind),
        ),
        ("schedulerBind", json!(facts.scheduler_bind)),
        ("kubeletAddress", json!(facts.kubelet_address)),
        ("kubeletHealthz", json!(facts.kubelet_healthz)),
        ("certSANs", json!(facts.cert_sans)),
    ] {
        found.insert(key.to_owned(), value);
    }
    Ok(found.into())
}

fn args(input: &Value) -> Result<Value, String> {
    let facts = container_facts(&cluster_of(input)?);
    Ok(json!({
        "sysctls": facts.sysctls,
        "publishDefaultListen": facts.default_listen,
        "publish": facts.api_server_publish,
    }))
}
