//! The catalogue: every check as data, with its rule beside it.

mod check;
mod explain;
mod group;
mod link;
mod reference;
mod remedy;
mod select;

pub use check::{Ceiling, Check, EngineNeed, FixClass, Need};
pub(super) use check::{EVERYWHERE, F, I, LINUX, LINUX_AND_WSL, MACOS, N, W, WSL};
pub use explain::explain;
pub use group::Group;
pub use reference::reference;
pub use remedy::{On, Remedy};
pub(super) use select::known;
pub use select::{UnknownCheck, find, select};

use super::checks;

/// All checks, in the order of the groups.
pub fn all() -> impl Iterator<Item = &'static Check> {
    checks::GROUPS
        .iter()
        .flat_map(|group| group.iter())
        .flat_map(|checks| checks.iter())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::doctor::{Platform, Provider, Status};

    #[test]
    fn every_check_is_told_completely_and_named_once() {
        let mut seen = BTreeSet::new();
        for check in all() {
            let id = check.id;
            assert!(seen.insert(id), "{id} is there twice");
            let well_formed = id
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
            assert!(well_formed, "{id}");
            for (what, text) in [
                ("title", check.title),
                ("reads", check.reads),
                ("rule", check.rule),
                ("why", check.why),
            ] {
                assert!(!text.is_empty(), "{id} has no {what}");
            }
            assert!(!check.platforms.is_empty(), "{id} runs nowhere");
        }
    }

    #[test]
    fn whatever_can_fail_or_warn_has_a_remedy_on_each_of_its_platforms() {
        for check in all() {
            for platform in check.platforms {
                for provider in Provider::ALL {
                    assert!(
                        check.remedy(*platform, provider).is_some(),
                        "{} has no remedy on {platform} with {provider}",
                        check.id
                    );
                }
            }
        }
    }

    #[test]
    fn what_is_fixed_by_the_doctor_can_be_bad_enough_to_be_fixed() {
        for check in all().filter(|check| check.fix.is_automatic()) {
            let ceilings = check.ceilings();
            assert!(
                ceilings
                    .iter()
                    .flatten()
                    .any(|status| *status >= Status::Info),
                "{} never finds anything",
                check.id
            );
        }
    }

    #[test]
    fn groups_are_complete_and_in_order() {
        let groups: Vec<Group> = all().map(|check| check.group).collect();
        assert!(
            groups.is_sorted(),
            "the checks are not in the order of their groups"
        );
        for group in Group::ALL {
            assert!(groups.contains(&group), "{group} has no check");
        }
        assert!(all().any(|check| check.platforms == [Platform::Macos]));
    }
}
