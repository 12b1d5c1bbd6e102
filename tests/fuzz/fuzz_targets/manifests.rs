//! Manifests of every kind through all layers of validation and the defaults, by every rule set.
//! The document before another of the same kind is its old state.

#![no_main]

use garden6::{
    api::{
        core::{Seed, Shoot},
        defaults,
        gates::{ApiProfile, FeatureGate, FeatureGates},
        validation::{Layer, Review, Rules, shoot},
    },
    yaml,
};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

const LAYERS: [Layer; 6] = [
    Layer::Static,
    Layer::Registry,
    Layer::Status,
    Layer::Admission,
    Layer::ProviderLocal,
    Layer::Kube,
];

fn rule_sets() -> Vec<Rules> {
    let open = [FeatureGate::DualStack, FeatureGate::AutoIPv6]
        .into_iter()
        .fold(FeatureGates::default(), |gates, gate| {
            gates.with(gate, true)
        });
    [ApiProfile::Gep21, ApiProfile::Upstream]
        .into_iter()
        .flat_map(|profile| {
            [FeatureGates::default(), open.clone()].map(|gates| Rules { profile, gates })
        })
        .collect()
}

fn review(new: &Value, old: Option<&Value>, seed: Option<&Seed>, rules: &Rules) {
    let review = Review {
        new,
        old,
        seed,
        rules,
    };
    for layer in LAYERS {
        drop(review.run(layer));
    }
}

/// Defaults end, and a valid Shoot may stay as it is.
fn defaults_of(value: &Value, seed: Option<&Seed>, rules: &Rules) {
    let Ok(mut once) = serde_json::from_value::<Shoot>(value.clone()) else {
        return;
    };
    defaults::shoot(&mut once, rules);
    if let Some(seed) = seed {
        defaults::from_seed(&mut once, seed, rules, || [1; 5]);
    }
    let mut twice = once.clone();
    defaults::shoot(&mut twice, rules);
    assert_eq!(once, twice, "defaults are not idempotent");
    if shoot::create(&once, rules).is_empty() {
        assert_eq!(shoot::update(&once, &once, rules), []);
    }
}

fuzz_target!(|text: &str| {
    let Ok(documents) = yaml::documents(text, "fuzz") else {
        return;
    };
    let values: Vec<&Value> = documents.iter().map(|document| &document.value).collect();
    let seed = values
        .iter()
        .find(|value| value["kind"] == "Seed")
        .and_then(|value| serde_json::from_value::<Seed>((*value).clone()).ok());
    for rules in rule_sets() {
        for (index, value) in values.iter().enumerate() {
            let old = values[..index]
                .iter()
                .rev()
                .find(|old| old["kind"] == value["kind"]);
            review(value, old.copied(), seed.as_ref(), &rules);
            if value["kind"] == "Shoot" {
                defaults_of(value, seed.as_ref(), &rules);
            }
        }
    }
});
