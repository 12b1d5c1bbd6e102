//! Vectors of the IPAM: the engine and the network service.
//!
//! The expected value of a vector is always the reference's; where a vector has a `divergence`,
//! the product does something else, which `ipam/ours.yaml` says operation by operation. The
//! engine's vectors run twice: as they stand on a plain reimplementation of the reference
//! (`tests/reference`), which shows that what the benchmarks compare with is the reference, and on
//! the product. A divergence that is not in the list must be one of the documented differences.

mod divergence;
mod metal;
mod product;
mod reference;

use serde_json::{Value, json};

use super::Case;
use divergence::Expectations;

/// What an operation yields.
type Outcome = Result<Value, Refusal>;

/// An error.
#[derive(Debug)]
struct Refusal {
    /// Its names, the most specific one first; the vectors may use any of them. For the network
    /// service the one name is the HTTP status.
    names: Vec<String>,
    /// What it says.
    text: String,
}

impl Refusal {
    fn named(names: &[&str]) -> Self {
        Self {
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            text: String::new(),
        }
    }
}

/// Something that carries out operations.
trait Subject {
    fn apply(&mut self, operation: &Value) -> Outcome;
}

/// Runs the whole file.
pub(super) fn run(content: &Value) -> Vec<Case> {
    let mut cases = Vec::new();
    for (section, vectors) in content.as_object().into_iter().flatten() {
        let vectors = vectors.as_array().into_iter().flatten();
        match section.as_str() {
            "meta" => {}
            "goipam" => cases.extend(vectors.map(engine)),
            "metal" => cases.extend(vectors.map(network)),
            other => cases.push(Case {
                id: other.to_owned(),
                kind: None,
                verdict: Err(format!("unknown section `{other}`")),
            }),
        }
    }
    cases
}

fn id(vector: &Value) -> &str {
    vector["id"].as_str().unwrap_or("(no id)")
}

fn engine(vector: &Value) -> Case {
    let compatible = as_written(vector, &mut reference::Reference::default())
        .map_err(|what| format!("on the reference: {what}"));
    let ours = on_product(vector, &mut product::Product::default());
    Case {
        id: id(vector).to_owned(),
        kind: None,
        verdict: compatible.and(ours),
    }
}

fn network(vector: &Value) -> Case {
    Case {
        id: id(vector).to_owned(),
        kind: None,
        verdict: on_product(vector, &mut metal::Metal::default()),
    }
}

fn on_product(vector: &Value, product: &mut impl Subject) -> Result<(), String> {
    if vector["divergence"].is_object() {
        Expectations::of(id(vector)).check(vector, product)
    } else {
        as_written(vector, product)
    }
}

fn operations(vector: &Value) -> impl Iterator<Item = (usize, &Value)> {
    vector["ops"].as_array().into_iter().flatten().enumerate()
}

fn as_written(vector: &Value, subject: &mut impl Subject) -> Result<(), String> {
    for (index, operation) in operations(vector) {
        let outcome = subject.apply(operation);
        if !matches(&operation["expect"], &outcome) {
            return Err(difference(index, operation, &operation["expect"], &outcome));
        }
    }
    Ok(())
}

fn matches(expect: &Value, outcome: &Outcome) -> bool {
    if let Some(status) = expect.get("http") {
        let Err(refusal) = outcome else {
            return false;
        };
        let contains = expect["contains"].as_str().unwrap_or_default();
        let status_text = status.to_string();
        let named = |name: &String| *name == status_text;
        return refusal.text.contains(contains)
            && (status == "any-error" || refusal.names.iter().any(named));
    }
    match (expect.get("ok"), expect["err"].as_str(), outcome) {
        (Some(value), None, Ok(found)) => value == found,
        (None, Some(class), Err(refusal)) => refusal.names.iter().any(|name| name == class),
        _ => false,
    }
}

fn difference(index: usize, operation: &Value, expect: &Value, outcome: &Outcome) -> String {
    let found = match outcome {
        Ok(value) => json!({"ok": value}),
        Err(refusal) => json!({"err": refusal.names, "text": refusal.text}),
    };
    let what = &operation["do"];
    format!("operation {index} {what}: expected {expect}, got {found}")
}
