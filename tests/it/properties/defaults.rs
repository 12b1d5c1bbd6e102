//! Defaults settle at once.

use garden6::{
    api::{
        core::{Seed, Shoot},
        defaults,
    },
    stack::admission::{self, Operation, Request},
};
use proptest::prelude::*;
use serde_json::Value;

use super::{documents, rule_sets};

proptest! {
    #[test]
    fn defaults_of_shoots_settle(
        object in documents::any(),
        seed in documents::any(),
        rules in rule_sets::any(),
    ) {
        let seed = serde_json::from_value::<Seed>(seed).ok();
        if let Ok(mut once) = serde_json::from_value::<Shoot>(object) {
            let fill = |shoot: &mut Shoot, id: [u8; 5]| {
                defaults::shoot(shoot, &rules);
                if let Some(seed) = &seed {
                    defaults::from_seed(shoot, seed, &rules, || id);
                }
            };
            fill(&mut once, [1; 5]);
            let mut twice = once.clone();
            fill(&mut twice, [2; 5]);
            prop_assert_eq!(once, twice);
        }
    }

    #[test]
    fn defaults_of_seeds_settle(object in documents::any()) {
        if let Ok(mut once) = serde_json::from_value::<Seed>(object) {
            defaults::seed(&mut once);
            let mut twice = once.clone();
            defaults::seed(&mut twice);
            prop_assert_eq!(once, twice);
        }
    }

    #[test]
    fn defaults_of_documents_settle_and_keep_what_is_written(
        object in documents::any(),
        rules in rule_sets::any(),
    ) {
        let fill = |object: &Value| {
            let request = Request {
                operation: Operation::Create, subresource: None, object, old: None,
            };
            admission::default(&request, None, &rules, || [1; 5])
        };
        if let Ok(Some(once)) = fill(&object) {
            prop_assert!(matches!(fill(&once), Ok(None)), "{}", once);
            prop_assert_eq!(&once["spec"]["provider"], &object["spec"]["provider"]);
        }
    }
}
