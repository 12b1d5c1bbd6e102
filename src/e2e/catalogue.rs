//! All cases.

use std::sync::LazyLock;

use super::{case::Case, suites};

static CATALOGUE: LazyLock<Vec<Case>> = LazyLock::new(|| {
    let mut cases: Vec<Case> = [
        suites::api_extensions::cases(),
        suites::api_families::cases(),
        suites::api_parity::cases(),
        suites::api_ranges::cases(),
        suites::clouds::cases(),
        suites::cluster::cases(),
        suites::dns::cases(),
        suites::images::cases(),
        suites::kubectl::cases(),
        suites::neg::cases(),
        suites::netpol::cases(),
        suites::pod::cases(),
        suites::packets::cases(),
        suites::shoot_life::cases(),
        suites::shoot_manifests::cases(),
        suites::svc::cases(),
    ]
    .into_iter()
    .flatten()
    .collect();
    cases.sort_by_key(|case| case.id);
    cases
});

/// Every case there is, by ID.
pub fn catalogue() -> &'static [Case] {
    &CATALOGUE
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_are_unique_and_well_formed() {
        let mut seen = BTreeSet::new();
        for case in catalogue() {
            assert!(seen.insert(case.id), "{} is there twice", case.id);
            let (prefix, number) = case.id.split_once('-').unwrap();
            assert!(
                prefix.bytes().all(|byte| byte.is_ascii_uppercase()),
                "{}",
                case.id
            );
            assert!(
                number.len() == 2 && number.parse::<u8>().is_ok(),
                "{}",
                case.id
            );
        }
    }

    #[test]
    fn every_case_says_what_it_is_for() {
        for case in catalogue() {
            assert!(!case.title.is_empty(), "{}", case.id);
            assert!(case.purpose.ends_with('.'), "{}", case.id);
        }
    }
}
