//! Validation answers whatever it is asked, and what is valid may stay as it is.

use garden6::{
    api::{
        core::Seed,
        validation::{FieldError, Layer, Review, Rules},
    },
    stack::admission::{self, Operation, Request},
};
use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};
use serde_json::{Value, json};

use super::{documents, rule_sets};

const LAYERS: [Layer; 6] = [
    Layer::Static,
    Layer::Registry,
    Layer::Status,
    Layer::Admission,
    Layer::ProviderLocal,
    Layer::Kube,
];

fn static_errors(new: &Value, old: Option<&Value>, rules: &Rules) -> Option<Vec<FieldError>> {
    let review = Review {
        new,
        old,
        seed: None,
        rules,
    };
    review.run(Layer::Static).ok()
}

/// The object as a Seed, if it can be read as one.
fn as_seed(object: &Value) -> Option<Seed> {
    let mut object = object.clone();
    object["kind"] = json!("Seed");
    serde_json::from_value(object).ok()
}

proptest! {
    #[test]
    fn validation_never_panics(
        (new, old) in documents::pairs(),
        other in documents::any(),
        rules in rule_sets::any(),
    ) {
        let seed = as_seed(&other);
        for old in [None, Some(&old)] {
            for layer in LAYERS {
                let review = Review { new: &new, old, seed: seed.as_ref(), rules: &rules };
                for error in review.run(layer).unwrap_or_default() {
                    prop_assert!(!error.field.is_empty() && !error.detail.is_empty(), "{}", error);
                }
            }
        }
    }

    #[test]
    fn admission_never_panics(
        (new, old) in documents::pairs(),
        other in documents::any(),
        subresource in proptest::sample::select(&[None, Some("status"), Some("scale")][..]),
        rules in rule_sets::any(),
    ) {
        let seed = as_seed(&other);
        for (operation, old) in [(Operation::Create, None), (Operation::Update, Some(&old))] {
            let request = Request { operation, subresource, object: &new, old };
            let wanted = admission::wants_seed(&request);
            prop_assert!(wanted.is_none() || subresource.is_none());
            drop(admission::review(&request, seed.as_ref(), &rules, || [1; 5]));
        }
    }

    #[test]
    fn a_valid_object_may_stay_as_it_is(object in documents::any(), rules in rule_sets::any()) {
        if static_errors(&object, None, &rules) == Some(Vec::new()) {
            prop_assert_eq!(static_errors(&object, Some(&object), &rules), Some(Vec::new()));
        }
    }

    #[test]
    fn what_admission_stores_it_accepts_again(
        object in documents::any(),
        other in documents::sound(),
        rules in rule_sets::any(),
    ) {
        let seed = as_seed(&other);
        let create = |object: &Value| {
            let request = Request {
                operation: Operation::Create, subresource: None, object, old: None,
            };
            admission::review(&request, seed.as_ref(), &rules, || [1; 5])
        };
        if let Ok(changed) = create(&object) {
            let stored = changed.unwrap_or(object);
            let again = create(&stored);
            prop_assert!(matches!(again, Ok(None)), "{:?} for {}", again, stored);
            let mut touched = stored.clone();
            touched["spec"]["touched"] = json!(true);
            let request = Request {
                operation: Operation::Update, subresource: None, object: &touched,
                old: Some(&stored),
            };
            let update = admission::review(&request, seed.as_ref(), &rules, || [1; 5]);
            prop_assert!(matches!(update, Ok(None)), "{:?} for {}", update, stored);
        }
    }
}

/// Properties of valid objects say nothing where nothing is valid.
#[test]
fn changed_objects_are_of_every_sort() {
    let mut runner = TestRunner::deterministic();
    let (mut valid, mut refused, mut unreadable) = (0, 0, 0);
    for _ in 0..1000 {
        let strategy = (documents::any(), rule_sets::any());
        let tree = strategy.new_tree(&mut runner).expect("nothing is filtered");
        let (object, rules) = tree.current();
        match static_errors(&object, None, &rules) {
            Some(errors) if errors.is_empty() => valid += 1,
            Some(_) => refused += 1,
            None => unreadable += 1,
        }
    }
    let counts = [valid, refused, unreadable];
    assert!(counts.iter().all(|count| *count > 100), "{counts:?}");
}

#[test]
fn every_gate_alone_refuses_nothing_that_is_accepted_without() {
    let shoot = json!({
        "apiVersion": "core.gardener.cloud/v1beta1",
        "kind": "Shoot",
        "metadata": {"name": "local", "namespace": "garden-local"},
        "spec": {
            "networking": {"type": "calico", "ipFamilies": ["IPv4"], "pods": "10.0.0.0/16"},
            "provider": {"type": "local", "workers": [{"name": "a", "minimum": 1, "maximum": 2}]},
        },
    });
    for rules in rule_sets::all() {
        assert_eq!(
            static_errors(&shoot, None, &rules),
            Some(Vec::new()),
            "{rules:?}"
        );
    }
}
