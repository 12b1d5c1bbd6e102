//! Vectors of validation, defaults and small computations of the Gardener API.

use std::collections::BTreeMap;

use garden6::{
    api::{
        core::{Seed, Shoot},
        defaults, exceptions,
        gates::{ApiProfile, FeatureGate, FeatureGates},
        load_balancer, offset,
        validation::{ErrorType, FieldError, Layer, Review, Rules},
    },
    net::Cidr,
    stack::names::{self, AaaaName, DnsRole},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Case;

type Verdict = Result<(), String>;

/// Runs the whole file.
pub(super) fn run(content: &Value) -> Vec<Case> {
    let baselines = &content["baselines"];
    let mut cases = Vec::new();
    for (section, vectors) in content.as_object().into_iter().flatten() {
        let run = |vector: &Value| match section.as_str() {
            "vectors" => validation(vector, baselines),
            "outlook" => outlook(vector, baselines),
            "defaulting" => defaulting(vector, baselines),
            "offset_ip" => offset_ip(vector),
            "dns_record_type" => dns_record_type(vector),
            "cluster_domain" => cluster_domain(vector),
            "networkpolicy_except" => networkpolicy_except(vector),
            _ => Err(format!("unknown kind of vector `{section}`")),
        };
        if matches!(section.as_str(), "meta" | "baselines") {
            continue;
        }
        for vector in vectors.as_array().into_iter().flatten() {
            let id = vector["id"].as_str().unwrap_or("(no id)").to_owned();
            let verdict = run(vector);
            cases.push(Case {
                id,
                kind: None,
                verdict,
            });
        }
    }
    cases
}

/// A vector of validation.
#[derive(Deserialize)]
pub(super) struct Vector {
    kind: String,
    pub(super) op: String,
    #[serde(default = "both")]
    pub(super) profile: String,
    #[serde(default = "static_layer")]
    pub(super) layer: String,
    #[serde(default = "on")]
    pub(super) feature_gate: bool,
    #[serde(default)]
    pub(super) old: Value,
    pub(super) new: Value,
    #[serde(default)]
    deletion_timestamp: bool,
    #[serde(default)]
    pub(super) context: Value,
    pub(super) expect: Value,
}

fn both() -> String {
    "both".to_owned()
}

fn static_layer() -> String {
    "static".to_owned()
}

const fn on() -> bool {
    true
}

impl Vector {
    pub(super) fn read(vector: &Value) -> Result<Self, String> {
        serde_json::from_value(vector.clone()).map_err(|error| error.to_string())
    }

    pub(super) fn object(&self, patch: &Value, baselines: &Value) -> Value {
        let mut object = patched(&baselines[&self.kind], patch);
        if self.deletion_timestamp {
            object["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
        }
        object
    }

    fn errors(&self, baselines: &Value, rules: &Rules) -> Result<Vec<FieldError>, String> {
        let mut new = self.object(&self.new, baselines);
        let old = match self.op.as_str() {
            "create" => None,
            "update" => Some(self.object(&self.old, baselines)),
            op => return Err(format!("unknown operation `{op}`")),
        };
        let layers: &[Layer] = match self.layer.as_str() {
            "static" => &[Layer::Static],
            "registry" => &[Layer::Static, Layer::Registry],
            "status" => &[Layer::Status],
            "admission" => &[Layer::Admission],
            "provider-local" => &[Layer::ProviderLocal],
            "kube" => &[Layer::Kube],
            layer => return Err(format!("unknown layer `{layer}`")),
        };
        let seed = seed(&self.context, baselines)?;
        // In the time of the GEP one plugin did both, first the defaults.
        if let Some(seed) = &seed
            && rules.profile == ApiProfile::Gep21
        {
            let mut shoot: Shoot =
                serde_json::from_value(new).map_err(|error| error.to_string())?;
            defaults::from_seed(&mut shoot, seed, rules, Default::default);
            new = json!(shoot);
        }
        let review = Review {
            new: &new,
            old: old.as_ref(),
            seed: seed.as_ref(),
            rules,
        };
        let mut errors = Vec::new();
        for layer in layers {
            errors.extend(review.run(*layer).map_err(|error| error.to_string())?);
        }
        Ok(errors)
    }
}

fn patched(baseline: &Value, patch: &Value) -> Value {
    let mut object = baseline.clone();
    if !patch.is_null() {
        json_patch::merge(&mut object, patch);
    }
    object
}

pub(super) fn seed(context: &Value, baselines: &Value) -> Result<Option<Seed>, String> {
    let patch = &context["seed"];
    if patch.is_null() {
        return Ok(None);
    }
    serde_json::from_value(patched(&baselines["Seed"], patch))
        .map(Some)
        .map_err(|error| error.to_string())
}

pub(super) fn profiles(word: &str) -> Result<Vec<ApiProfile>, String> {
    match word {
        "both" => Ok(vec![ApiProfile::Gep21, ApiProfile::Upstream]),
        "gep21" => Ok(vec![ApiProfile::Gep21]),
        "upstream" => Ok(vec![ApiProfile::Upstream]),
        _ => Err(format!("unknown profile `{word}`")),
    }
}

fn validation(vector: &Value, baselines: &Value) -> Verdict {
    let vector = Vector::read(vector)?;
    for profile in profiles(&vector.profile)? {
        let gates = FeatureGates::default().with(FeatureGate::IPv6SingleStack, vector.feature_gate);
        let errors = vector.errors(baselines, &Rules { profile, gates })?;
        compare(&vector.expect, &errors).map_err(|what| format!("{profile}: {what}"))?;
    }
    Ok(())
}

fn outlook(vector: &Value, baselines: &Value) -> Verdict {
    let vector = Vector::read(vector)?;
    let rules = Rules {
        profile: ApiProfile::Gep21,
        gates: FeatureGates::default().with(FeatureGate::DualStack, true),
    };
    compare(&vector.expect, &vector.errors(baselines, &rules)?)
}

/// Compares type and field of all errors, in any order.
fn compare(expected: &Value, errors: &[FieldError]) -> Verdict {
    #[derive(Deserialize)]
    struct Expected {
        #[serde(rename = "type")]
        type_: ErrorType,
        field: String,
    }
    let expected: Vec<Expected> = match expected {
        Value::String(word) if word == "ok" => Vec::new(),
        list => serde_json::from_value(list.clone()).map_err(|error| error.to_string())?,
    };
    let mut wanted: BTreeMap<(ErrorType, &str), i32> = BTreeMap::new();
    for error in &expected {
        *wanted.entry((error.type_, &error.field)).or_default() += 1;
    }
    for error in errors {
        *wanted.entry((error.type_, &error.field)).or_default() -= 1;
    }
    let differences: Vec<String> = wanted
        .into_iter()
        .filter(|(_, count)| *count != 0)
        .map(|((type_, field), count)| {
            let what = if count > 0 { "missing" } else { "unexpected" };
            format!("{what} {type_:?} {field}")
        })
        .collect();
    if differences.is_empty() {
        Ok(())
    } else {
        Err(differences.join(", "))
    }
}

/// `out` lists what changes: its leaves must hold, nothing else may change in the objects it
/// mentions, and nothing at all if it is empty.
fn defaulting(vector: &Value, baselines: &Value) -> Verdict {
    let kind = vector["kind"].as_str().unwrap_or_default();
    let input = patched(&baselines[kind], &vector["in"]);
    for profile in profiles(vector["profile"].as_str().unwrap_or_default())? {
        let rules = Rules {
            profile,
            gates: FeatureGates::default(),
        };
        let seed = seed(&vector["context"], baselines)?;
        let (before, after) = match kind {
            "Shoot" => {
                let before: Shoot =
                    serde_json::from_value(input.clone()).map_err(|error| error.to_string())?;
                let mut after = before.clone();
                match (vector["stage"].as_str(), seed) {
                    (Some("api"), _) => defaults::shoot(&mut after, &rules),
                    (Some("mutator"), Some(seed)) => {
                        defaults::from_seed(&mut after, &seed, &rules, || [1, 2, 3, 4, 5]);
                    }
                    (Some("mutator"), None) => {}
                    (stage, _) => return Err(format!("unknown stage {stage:?}")),
                }
                (json!(before), json!(after))
            }
            "Seed" => {
                let before: Seed =
                    serde_json::from_value(input.clone()).map_err(|error| error.to_string())?;
                let mut after = before.clone();
                defaults::seed(&mut after);
                (json!(before), json!(after))
            }
            _ => return Err(format!("unknown kind `{kind}`")),
        };
        let out = &vector["out"];
        let everything = out.as_object().is_some_and(serde_json::Map::is_empty);
        compare_changes(out, &before, &after, everything, "")
            .map_err(|what| format!("{profile}: {what}"))?;
    }
    Ok(())
}

fn compare_changes(
    out: &Value,
    before: &Value,
    after: &Value,
    everything: bool,
    path: &str,
) -> Verdict {
    let Some(out) = out.as_object() else {
        return if out == after {
            Ok(())
        } else {
            Err(format!("{path} is {after}, expected {out}"))
        };
    };
    if everything {
        return if before == after {
            Ok(())
        } else {
            Err(format!("{before} changed to {after}"))
        };
    }
    for (key, expected) in out {
        let path = format!("{path}.{key}");
        compare_changes(expected, &before[key], &after[key], false, &path)?;
    }
    for (key, value) in after.as_object().into_iter().flatten() {
        let leaf = !value.is_object();
        if leaf && !out.contains_key(key) && before[key] != *value {
            return Err(format!("{path}.{key} changed to {value}"));
        }
    }
    Ok(())
}

fn offset_ip(vector: &Value) -> Verdict {
    let subnet: Cidr =
        serde_json::from_value(vector["subnet"].clone()).map_err(|error| error.to_string())?;
    let offset = vector["offset"].as_u64().ok_or("no offset")?;
    let actual = offset::address(subnet, offset.into())
        .map_or_else(|_| "error".to_owned(), |address| address.to_string());
    expect_equal(&vector["expect"], &json!(actual))
}

fn dns_record_type(vector: &Value) -> Verdict {
    let ingress: Vec<_> =
        serde_json::from_value(vector["ingress"].clone()).map_err(|error| error.to_string())?;
    let actual = load_balancer::record(&ingress).map_or_else(
        |_| json!("error"),
        |record| json!({"recordType": record.record_type, "value": record.value}),
    );
    expect_equal(&vector["expect"], &actual)
}

fn networkpolicy_except(vector: &Value) -> Verdict {
    let parent = vector["parent"].as_str().ok_or("no parent")?;
    let candidates: Vec<String> =
        serde_json::from_value(vector["candidates"].clone()).map_err(|error| error.to_string())?;
    let actual = exceptions::inside(parent, candidates.iter().map(String::as_str))
        .map_or_else(|_| json!("error"), |except| json!(except));
    expect_equal(&vector["expect"], &actual)
}

fn expect_equal(expected: &Value, actual: &Value) -> Verdict {
    if expected == actual {
        Ok(())
    } else {
        Err(format!("expected {expected}, got {actual}"))
    }
}

fn cluster_domain(vector: &Value) -> Verdict {
    let text = |key: &str| vector[key].as_str();
    let (shoot, project) = (text("shoot").unwrap_or("?"), text("project").unwrap_or("?"));
    let (role, cluster) = match (text("internal_domain"), text("external_domain")) {
        (Some(domain), _) => {
            let cluster = names::internal_cluster_domain(project, shoot, domain);
            (DnsRole::Internal, cluster)
        }
        (None, Some(domain)) => (DnsRole::External, domain.to_owned()),
        (None, None) => return Err("neither an internal nor an external domain".to_owned()),
    };
    let found = json!({
        "api": names::api_server_domain(&cluster),
        "cluster": cluster,
        "dnsrecord": names::dns_record_name(shoot, role, "A", AaaaName::Plain),
        "secret": role.secret_name(shoot),
    });
    for (key, wanted) in vector["expect"].as_object().into_iter().flatten() {
        if found.get(key) != Some(wanted) {
            return Err(format!("{key}: expected {wanted}, found {found}"));
        }
    }
    Ok(())
}
