//! Vectors of `AUTOv6`: the grammar, the rules across fields, and what becomes of them.

mod clouds;

use garden6::api::autov6::{Networks, Parsed, Tuple};
use serde_json::{Map, Value, json};

use super::Case;

/// What a vector yields: facts, or the code of an error.
type Outcome = Result<Value, String>;

/// Runs the whole file.
pub(super) fn run(content: &Value) -> Vec<Case> {
    let vectors = content["vectors"].as_array();
    vectors.into_iter().flatten().map(case).collect()
}

fn case(vector: &Value) -> Case {
    let kind = vector["kind"].as_str().unwrap_or_default();
    let input = &vector["input"];
    let outcome = match kind {
        "parse" => Ok(parse(input)),
        "shoot" => Ok(shoot(input)),
        _ => clouds::run(kind, input)
            .unwrap_or_else(|| Err(format!("unknown kind of vector `{kind}`"))),
    };
    Case {
        id: vector["id"].as_str().unwrap_or("(no id)").to_owned(),
        kind: Some(format!("kind: {kind}")),
        verdict: outcome.and_then(|outcome| compare(&vector["expect"], &outcome)),
    }
}

fn compare(expect: &Value, outcome: &Outcome) -> Result<(), String> {
    match (expect.get("ok"), expect["error"].as_str(), outcome) {
        (Some(facts), None, Ok(found)) => subset(facts, found, ""),
        (None, Some(code), Err(found)) if code == found => Ok(()),
        (Some(_), None, Err(found)) => Err(format!("expected success, got {found}")),
        (None, Some(code), found) => Err(format!("expected {code}, got {found:?}")),
        _ => Err("the vector expects neither `ok` nor `error`".to_owned()),
    }
}

/// Every expected fact must be found. A key may be a path with dots; lists must be the same.
fn subset(expected: &Value, found: &Value, place: &str) -> Result<(), String> {
    let Some(map) = expected.as_object() else {
        return if expected == found {
            Ok(())
        } else {
            Err(format!("{place} is {found}, expected {expected}"))
        };
    };
    for (key, expected) in map {
        let pointer = format!("/{}", key.replace('.', "/"));
        let place = format!("{place}{pointer}");
        let found = found
            .pointer(&pointer)
            .ok_or_else(|| format!("`{place}` is not a known fact"))?;
        subset(expected, found, &place)?;
    }
    Ok(())
}

fn warnings(parsed: &[Parsed]) -> Vec<&'static str> {
    let warnings = parsed.iter().flat_map(|parsed| &parsed.warnings);
    warnings.map(|warning| warning.code()).collect()
}

fn parse(input: &Value) -> Outcome {
    let parsed = Tuple::parse_value(&input["value"]).map_err(|error| error.code().to_owned())?;
    let elements: Vec<Value> = parsed
        .tuple
        .elements()
        .map(|element| match element.cidr() {
            None => json!({"kind": "auto", "family": element.family()}),
            Some(cidr) => json!({"kind": "cidr", "family": cidr.family(), "cidr": cidr}),
        })
        .collect();
    Ok(json!({
        "elements": elements,
        "families": parsed.tuple.families(),
        "warnings": warnings(&[parsed]),
    }))
}

fn shoot(input: &Value) -> Outcome {
    let mut networks = Networks::default();
    let mut read = Vec::new();
    for (name, slot) in [
        ("pods", &mut networks.pods),
        ("nodes", &mut networks.nodes),
        ("services", &mut networks.services),
    ] {
        let Some(value) = input.get(name).filter(|value| !value.is_null()) else {
            continue;
        };
        let parsed = Tuple::parse_value(value).map_err(|error| error.code().to_owned())?;
        *slot = Some(parsed.tuple);
        read.push(parsed);
    }
    let compiled = networks
        .compile(false)
        .map_err(|problem| problem.kind.code().to_owned())?;
    let spec: Map<String, Value> = compiled
        .spec
        .iter()
        .map(|(role, cidr)| (role.to_string(), json!(cidr)))
        .collect();
    let automatic: Vec<String> = compiled.automatic.iter().map(ToString::to_string).collect();
    Ok(json!({
        "ipFamilies": compiled.families,
        "auto": automatic,
        "spec": spec,
        "warnings": warnings(&read),
    }))
}
