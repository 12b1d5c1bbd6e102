//! Vectors of networking-calico and of calico itself.

use std::collections::{BTreeMap, BTreeSet};

use garden6::{
    api::{
        calico::NetworkConfig,
        core::{Networking, Shoot},
        families::FamilyList,
        gates::{ApiProfile, FeatureGates},
        validation::{FieldError, Path, Rules, provider_local},
    },
    generate::calico::{Settings, felix_configuration},
    ipam::{AddressPlan, PlanProblem, Purpose},
    net::{Cidr, Families},
    stack::{
        networking_calico::{
            self as calico, ExistingPool, Input, KubeProxy, Rendered, StartUp, Unrenderable,
            VxlanVariable, cni, ip_pool, router_id,
        },
        provider_local::machine_pools,
    },
};
use serde_json::{Map, Value, json};

use super::Case;

type Verdict = Result<(), String>;

const BASE: &str = "base";

/// Runs the whole file.
pub(super) fn run(content: &Value) -> Vec<Case> {
    content["vectors"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|vector| Case {
            id: vector["id"].as_str().unwrap_or("(no id)").to_owned(),
            kind: None,
            verdict: one(vector),
        })
        .collect()
}

fn one(vector: &Value) -> Verdict {
    let (input, want) = (&vector["in"], &vector["want"]);
    let found = match vector["group"].as_str().unwrap_or_default() {
        "validate" => validate(input),
        "decode" => Ok(decode(input)),
        "shoot" => shoot(input),
        "render" => rendering(input, true),
        "chart" => rendering(input, input["viaController"] == true),
        "startup" => start_up(input),
        "cni" => Ok(resolve(input)),
        "router-id" => {
            Ok(json!({"routerID": router_id::of_node(text(&input["node"])).to_string()}))
        }
        "pool" => Ok(pool(input)),
        "local-kind" => local_kind(input),
        "machine-pool" => machine_pool(input),
        "nodemask" => node_mask(input),
        group => Err(format!("unknown group `{group}`")),
    }?;
    compare(want, &found)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn texts(value: &Value) -> Vec<String> {
    let list = value.as_array().into_iter().flatten();
    list.map(|value| text(value).to_owned()).collect()
}

fn families(value: &Value) -> Result<Families, String> {
    let list = texts(value);
    FamilyList(&list)
        .checked()
        .ok_or_else(|| format!("{value} is no list of families"))
}

/// Every wanted fact must be found; a fact nobody knows is an error, not a match.
fn compare(want: &Value, found: &Value) -> Verdict {
    for (key, wanted) in want.as_object().into_iter().flatten() {
        let matches = match key.as_str() {
            "errors" => sorted(wanted) == sorted(&found["errors"]),
            "absoluteFields" | "exact" => true,
            "noEnv" => texts(wanted)
                .iter()
                .all(|name| found["env"].get(name).is_none()),
            "noPools" => texts(wanted)
                .iter()
                .all(|name| found["pools"].get(name).is_none()),
            "pools" => same_keys(wanted, &found["pools"]) && is_part(wanted, &found["pools"]),
            "notCreated" => {
                let names = found["created"].as_array().into_iter().flatten();
                let names: BTreeSet<&str> = names.map(|pool| text(&pool["name"])).collect();
                texts(wanted)
                    .iter()
                    .all(|name| !names.contains(name.as_str()))
            }
            "created" => created(wanted, &found["created"]),
            "fails" => found
                .get("fails")
                .is_some_and(|word| wanted == true || word == wanted),
            _ => match found.get(key) {
                Some(value) => is_part(wanted, value),
                None => return Err(format!("`{key}` is not among {found}")),
            },
        };
        if !matches {
            return Err(format!("{key}: expected {wanted}, found {found}"));
        }
    }
    Ok(())
}

fn sorted(errors: &Value) -> Vec<String> {
    let list = errors.as_array().into_iter().flatten();
    let mut list: Vec<String> = list
        .map(|error| format!("{} {}", text(&error["type"]), text(&error["field"])))
        .collect();
    list.sort();
    list
}

fn same_keys(wanted: &Value, found: &Value) -> bool {
    let keys = |value: &Value| -> BTreeSet<String> {
        value
            .as_object()
            .into_iter()
            .flatten()
            .map(|(key, _)| key.clone())
            .collect()
    };
    keys(wanted) == keys(found)
}

/// Whether everything in `wanted` is in `found`, too. Lists are compared whole.
fn is_part(wanted: &Value, found: &Value) -> bool {
    match (wanted, found) {
        (Value::Object(wanted), Value::Object(found)) => wanted
            .iter()
            .all(|(key, value)| found.get(key).is_some_and(|found| is_part(value, found))),
        _ => wanted == found,
    }
}

fn created(wanted: &Value, found: &Value) -> bool {
    let (Some(wanted), Some(found)) = (wanted.as_array(), found.as_array()) else {
        return false;
    };
    wanted.len() == found.len()
        && wanted.iter().zip(found).all(|(wanted, found)| {
            let mut plain = wanted.clone();
            let map = plain.as_object_mut();
            let within =
                map.and_then(|map| Some((map.remove("cidrWithin")?, map.remove("prefixLength")?)));
            let range: Option<Cidr> = text(&found["cidr"]).parse().ok();
            let inside = within.is_none_or(|(within, length)| {
                let within: Option<Cidr> = text(&within).parse().ok();
                within.zip(range).is_some_and(|(within, range)| {
                    within.contains_cidr(range) && length == range.prefix_len()
                })
            });
            inside && is_part(&plain, found)
        })
}

fn errors(list: &[FieldError]) -> Value {
    let prefix = format!("{BASE}.");
    let list: Vec<Value> = list
        .iter()
        .map(|error| {
            let field = error.field.strip_prefix(&prefix).unwrap_or(&error.field);
            json!({"type": error.type_.reason(), "field": field})
        })
        .collect();
    json!({"errors": list})
}

fn config(input: &Value) -> Result<NetworkConfig, String> {
    NetworkConfig::from_provider_config(input.get("config")).map_err(|error| error.to_string())
}

fn validate(input: &Value) -> Result<Value, String> {
    let families = texts(&input["families"]);
    let found = calico::config(&config(input)?, &families, &Path::new(BASE));
    Ok(errors(&found))
}

fn decode(input: &Value) -> Value {
    let read = config(input);
    json!({"ok": read.is_ok(), "unknown": calico::unknown_keys(&input["config"])})
}

fn shoot(input: &Value) -> Result<Value, String> {
    if input["workerless"] == true {
        return Ok(errors(&[]));
    }
    let networking: Networking =
        serde_json::from_value(input.clone()).map_err(|error| error.to_string())?;
    Ok(errors(&calico::shoot_networking(
        &networking,
        &Path::new(BASE),
    )))
}

fn rendering(vector: &Value, through_controller: bool) -> Result<Value, String> {
    let proxy = &vector["kubeProxy"];
    let mut input = Input {
        config: config(vector)?,
        families: families(&vector["families"])?,
        pod_cidr: text(&vector["podCIDR"]).to_owned(),
        status_pods: texts(&vector["statusPods"]),
        status_nodes: texts(&vector["statusNodes"]),
        nodes: vector["nodes"].as_str().map(str::to_owned),
        kube_proxy: KubeProxy {
            enabled: proxy["enabled"].as_bool(),
            mode: proxy["mode"].as_str().map(str::to_owned),
        },
        dual_stack_ready: vector["dualMigration"].as_str().map(|word| word == "True"),
    };
    let mut found = Vec::new();
    if through_controller {
        let list = texts(&vector["families"]);
        found = calico::config(&input.config, &list, &Path::new(BASE));
        found.extend(calico::kube_proxy(&input.config, &input.kube_proxy));
        input = calico::through_controller(input);
    }
    if !found.is_empty() {
        return Ok(errors(&found));
    }
    Ok(match calico::render(&input) {
        Ok(rendered) => facts(&rendered),
        Err(error) => json!({"fails": word(error)}),
    })
}

fn word(error: Unrenderable) -> String {
    match error {
        Unrenderable::Ipv6Pool => "ipv6-pool".to_owned(),
        Unrenderable::Ipv6Mode => "ipv6-mode".to_owned(),
        Unrenderable::NotInFamilies { family } => {
            format!(
                "{}-not-in-families",
                family.to_string().to_ascii_lowercase()
            )
        }
        Unrenderable::KubeProxyModeWhileDisabled => "kube-proxy-mode-while-disabled".to_owned(),
    }
}

fn facts(rendered: &Rendered) -> Value {
    let mut facts = serde_json::to_value(rendered).unwrap_or_default();
    let scale = &rendered.scale;
    facts["nodeRequests"] = json!(scale.node);
    facts["typhaRequests"] = json!(scale.typha);
    let proportional = scale.mode == "cluster-proportional";
    facts["scale"] = json!({
        "static": scale.mode == "static",
        "vpa": scale.mode == "vpa",
        "node": proportional,
        "typha": proportional,
    });
    facts["errors"] = json!([]);
    facts
}

fn start_up(vector: &Value) -> Result<Value, String> {
    let env = vector["env"].as_object().cloned().unwrap_or_default();
    let vxlan_variable = match text(&vector["calico"]) {
        "after-13115" => VxlanVariable::Always,
        "" | "v3.31.6" | "v3.32.1" => VxlanVariable::WithIpv4,
        other => return Err(format!("unknown calico `{other}`")),
    };
    let cluster_pods = match &vector["kubeadmPodSubnet"] {
        Value::String(list) => list.split(',').map(str::to_owned).collect(),
        list => texts(list),
    };
    let state = StartUp {
        env: plain(&env),
        existing: vector["existingPools"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|pool| ExistingPool {
                cidr: text(&pool["cidr"]).to_owned(),
            })
            .collect(),
        kernel_ipv6: vector["kernelIPv6"].as_bool().unwrap_or(true),
        cluster_pods,
        vxlan_variable,
        global_id: [0x12, 0x34, 0x56, 0x78, 0x9a],
    };
    Ok(match state.pools() {
        Err(_) => json!({"fatal": true, "created": []}),
        Ok(pools) => {
            let pools: Vec<Value> = pools
                .iter()
                .map(|pool| {
                    json!({
                        "name": pool.name,
                        "cidr": pool.cidr,
                        "ipipMode": pool.ipip_mode,
                        "vxlanMode": pool.vxlan_mode,
                        "natOutgoing": pool.nat_outgoing,
                        "blockSize": pool.block_size,
                    })
                })
                .collect();
            json!({"fatal": false, "created": pools})
        }
    })
}

fn plain(map: &Map<String, Value>) -> BTreeMap<String, String> {
    let pairs = map.iter();
    pairs
        .map(|(key, value)| (key.clone(), text(value).to_owned()))
        .collect()
}

fn resolve(vector: &Value) -> Value {
    let ipam = &vector["ipam"];
    if ipam["type"] == "calico-ipam" {
        let families = cni::families_of_calico_ipam(ipam);
        return json!({"families": families});
    }
    match cni::resolve(ipam, &texts(&vector["nodePodCIDRs"])) {
        Err(_) => json!({"fails": true}),
        Ok(cni::Resolved::Subnet(subnet)) => json!({"subnet": subnet}),
        Ok(cni::Resolved::Ranges(ranges)) => json!({"ranges": ranges}),
        Ok(cni::Resolved::Nothing) => json!({}),
    }
}

fn pool(vector: &Value) -> Value {
    let word = |key: &str| vector[key].as_str().map(str::to_owned);
    let spec = ip_pool::Spec {
        cidr: text(&vector["cidr"]).to_owned(),
        block_size: vector["blockSize"]
            .as_u64()
            .and_then(|size| size.try_into().ok()),
        ipip_mode: word("ipipMode"),
        vxlan_mode: word("vxlanMode"),
    };
    json!({"valid": ip_pool::check(&spec).is_ok()})
}

fn local_kind(vector: &Value) -> Result<Value, String> {
    let families = match text(&vector["ipFamily"]) {
        "dual" => "ipv6,ipv4",
        family => family,
    };
    let families: Families = families.parse().map_err(|error| format!("{error}"))?;
    let settings = Settings::for_local_cluster(&AddressPlan::default_for(families));
    let env: Map<String, Value> = settings
        .env
        .iter()
        .map(|(key, value)| ((*key).to_owned(), value.as_str().into()))
        .collect();
    let mut ipam = json!({"type": "calico-ipam"});
    for (key, assign) in [
        ("assign_ipv4", settings.assign_ipv4),
        ("assign_ipv6", settings.assign_ipv6),
    ] {
        if let Some(assign) = assign {
            ipam[key] = assign.to_string().into();
        }
    }
    let felix = felix_configuration();
    Ok(json!({
        "env": env,
        "ipam": ipam,
        "felixConfiguration": {
            "name": felix["metadata"]["name"],
            "allowIPIPPacketsFromWorkloads": felix["spec"]["allowIPIPPacketsFromWorkloads"],
        },
    }))
}

fn machine_pool(vector: &Value) -> Result<Value, String> {
    let spec = json!({
        "provider": {"type": "local", "workers": [{"name": "a"}]},
        "networking": {"nodes": vector["nodes"], "ipFamilies": vector["families"]},
    });
    let spec = serde_json::from_value(spec).map_err(|error| error.to_string())?;
    let rules = Rules {
        profile: ApiProfile::Upstream,
        gates: FeatureGates::default(),
    };
    let found = provider_local::validate(&Shoot::new("local", spec), None, &rules);
    let mut facts = errors(&found);
    let families = families(&vector["families"])?;
    let pools = machine_pools(
        text(&vector["technicalID"]),
        families,
        text(&vector["nodes"]),
    );
    facts["pools"] = pools
        .into_iter()
        .map(|(name, pool)| (name, serde_json::to_value(pool).unwrap_or_default()))
        .collect::<Map<String, Value>>()
        .into();
    Ok(facts)
}

fn node_mask(vector: &Value) -> Result<Value, String> {
    let range: Cidr = text(&vector["podSubnet"])
        .parse()
        .map_err(|error| format!("{error}"))?;
    let mask = vector["nodeMask"]
        .as_u64()
        .and_then(|mask| mask.try_into().ok());
    let mask: u8 = mask.ok_or("no node mask")?;
    let mut plan = AddressPlan::default_for(Families::single(range.family()));
    plan.set(Purpose::Pods, range)
        .map_err(|error| error.to_string())?;
    plan.v4.node_mask = mask;
    plan.v6.node_mask = mask;
    let refused = plan
        .problems()
        .iter()
        .any(|problem| matches!(problem, PlanProblem::NodeMask { .. }));
    if refused {
        return Ok(json!({"ok": false}));
    }
    Ok(json!({"ok": true, "nodes": range.subnets(mask).count()}))
}
