//! The vectors of validation once more, through the whole answer of an API server: what `garden6
//! validate` says of them.
//!
//! A vector states what one layer finds on an object as it was typed. The API fills in defaults
//! first and answers with the first layer that finds something, so it may say something else. For
//! each such vector this file says why, and what is right instead.

use std::collections::BTreeMap;

use garden6::{
    api::{
        core::Seed,
        gates::{ApiProfile, FeatureGate, FeatureGates},
        validation::{FieldError, Layer, Review, Rules},
    },
    stack::admission::{self, Judge, Operation, Request, Write},
};
use serde_json::{Value, json};

use super::{
    files,
    gardener_validation::{Vector, profiles, seed},
    tally::say,
};

/// Type and field of every error, with how often it is told.
type Errors = BTreeMap<(String, String), usize>;

/// Why the answer to a write differs from what a layer finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Reason {
    /// The local provider wants a node range inside the one of its machines. The vector is about
    /// an earlier layer, which accepts; with another provider the answer is the vector's.
    LocalProvider,
    /// The defaults of the API, or of the Seed, are there before the layer looks, in the stored
    /// object as in the new one. The answer is what the layer finds on the objects with them.
    Defaults,
    /// Static rules find something, so that those of the registry are not asked. The vector adds
    /// both up.
    EarlierLayer,
    /// The vector is about static rules, which accept; those of the registry do not.
    LaterLayer,
}

impl Reason {
    const fn why(self) -> &'static str {
        match self {
            Self::LocalProvider => "where the local provider adds its own",
            Self::Defaults => "where defaults come first",
            Self::EarlierLayer => "where an earlier layer answers alone",
            Self::LaterLayer => "where a later layer refuses",
        }
    }
}

#[test]
fn the_api_answers_what_the_vectors_say_or_something_earlier() {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for file in ["gardener-validation.yaml", "gardener-validation-more.yaml"] {
        let Some(text) = files::read(file) else {
            continue;
        };
        let content: Value = serde_yaml::from_str(&text).expect("the vectors are YAML");
        for (section, gate) in [("vectors", false), ("outlook", true)] {
            for vector in content[section].as_array().into_iter().flatten() {
                let id = vector["id"].as_str().unwrap_or("(no id)");
                let vector = Vector::read(vector).expect("a vector");
                if matches!(vector.layer.as_str(), "status" | "kube") {
                    *counts
                        .entry(format!("{} (out of scope)", vector.layer))
                        .or_default() += 1;
                    continue;
                }
                let profiles = if gate {
                    vec![ApiProfile::Gep21]
                } else {
                    profiles(&vector.profile).expect("a profile")
                };
                for profile in profiles {
                    let outcome = run(&vector, &content["baselines"], profile, gate);
                    let counted = match outcome {
                        Ok(None) => "exact".to_owned(),
                        Ok(Some(reason)) => reason.why().to_owned(),
                        Err(what) => {
                            wrong.push(format!("{id} {profile} {}: {what}", vector.layer));
                            "wrong".to_owned()
                        }
                    };
                    *counts.entry(counted).or_default() += 1;
                }
            }
        }
    }
    let counts: Vec<String> = counts
        .into_iter()
        .map(|(what, count)| format!("{count} {what}"))
        .collect();
    say(&format!(
        "validation through the API: {}",
        counts.join(", ")
    ));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn run(
    vector: &Vector,
    baselines: &Value,
    profile: ApiProfile,
    outlook: bool,
) -> Result<Option<Reason>, String> {
    let gates = if outlook {
        FeatureGates::default().with(FeatureGate::DualStack, true)
    } else {
        FeatureGates::default().with(FeatureGate::IPv6SingleStack, vector.feature_gate)
    };
    let rules = Rules { profile, gates };
    let mut pair = Pair {
        new: vector.object(&vector.new, baselines),
        old: (vector.op == "update").then(|| vector.object(&vector.old, baselines)),
        seed: seed(&vector.context, baselines)?,
        rules,
    };
    let expected = expected(&vector.expect);
    let found = pair.answer();
    if found == expected {
        return Ok(None);
    }
    let wrong = Err(format!("expected {expected:?}, found {found:?}"));
    let mut reason = Reason::Defaults;
    let is_nodes = |(_, field): &(String, String)| field == "spec.networking.nodes";
    if vector.layer != "provider-local" && found.keys().all(is_nodes) {
        pair.set_provider("nobody");
        reason = Reason::LocalProvider;
    }
    let found = pair.answer();
    if found == expected {
        return Ok(Some(reason));
    }
    let layers: &[Layer] = match vector.layer.as_str() {
        "static" => &[Layer::Static],
        "registry" => &[Layer::Static, Layer::Registry],
        "admission" => &[Layer::Admission],
        "provider-local" => &[Layer::ProviderLocal],
        layer => return Err(format!("unknown layer `{layer}`")),
    };
    if found == pair.with_defaults()?.layers(layers)? {
        return Ok(Some(Reason::Defaults));
    }
    let registry = pair.with_defaults()?.layers(&[Layer::Registry])?;
    if expected.is_empty() && vector.layer == "static" && found == registry {
        return Ok(Some(Reason::LaterLayer));
    }
    let [first, ..] = layers else { return wrong };
    if layers.len() > 1 && found == pair.with_defaults()?.layers(&[*first])? {
        return Ok(Some(Reason::EarlierLayer));
    }
    wrong
}

/// A write by certain rules.
struct Pair {
    new: Value,
    old: Option<Value>,
    seed: Option<Seed>,
    rules: Rules,
}

impl Pair {
    fn answer(&self) -> Errors {
        let answer = Judge::new(self.rules.clone()).answer(&Write {
            object: &self.new,
            old: self.old.as_ref(),
            seed: self.seed.as_ref(),
        });
        let findings = answer.map_or_else(|refused| refused.findings, |_| Vec::new());
        count(
            findings
                .into_iter()
                .map(|finding| (finding.type_, finding.field)),
        )
    }

    fn set_provider(&mut self, provider: &str) {
        for object in [Some(&mut self.new), self.old.as_mut()]
            .into_iter()
            .flatten()
        {
            object["spec"]["provider"]["type"] = json!(provider);
        }
    }

    /// The objects as the layers see them: the stored one, and what the change makes of it.
    fn with_defaults(&self) -> Result<Self, String> {
        let default = |object: &Value| {
            let request = Request {
                operation: Operation::Update,
                subresource: None,
                object,
                old: None,
            };
            admission::default(&request, self.seed.as_ref(), &self.rules, || [1; 5])
                .map(|changed| changed.unwrap_or_else(|| object.clone()))
                .map_err(|error| error.to_string())
        };
        let old = self.old.as_ref().map(default).transpose()?;
        let mut new = self.new.clone();
        if let (Some(typed), Some(stored)) = (&self.old, &old) {
            let change = json_patch::diff(typed, &self.new);
            new = stored.clone();
            json_patch::patch(&mut new, &change).map_err(|error| error.to_string())?;
        }
        Ok(Self {
            new: default(&new)?,
            old,
            seed: self.seed.clone(),
            rules: self.rules.clone(),
        })
    }

    fn layers(&self, layers: &[Layer]) -> Result<Errors, String> {
        let review = Review {
            new: &self.new,
            old: self.old.as_ref(),
            seed: self.seed.as_ref(),
            rules: &self.rules,
        };
        let mut errors: Vec<FieldError> = Vec::new();
        for layer in layers {
            errors.extend(review.run(*layer).map_err(|error| error.to_string())?);
        }
        Ok(count(
            errors
                .into_iter()
                .map(|error| (format!("{:?}", error.type_), error.field)),
        ))
    }
}

fn count(errors: impl Iterator<Item = (String, String)>) -> Errors {
    let mut counts = Errors::new();
    for error in errors {
        *counts.entry(error).or_default() += 1;
    }
    counts
}

fn expected(list: &Value) -> Errors {
    let text = |error: &Value, key: &str| error[key].as_str().unwrap_or_default().to_owned();
    let list = list.as_array().into_iter().flatten();
    count(list.map(|error| (text(error, "type"), text(error, "field"))))
}
