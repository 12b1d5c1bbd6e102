//! The order of groups and versions.

use std::cmp::Ordering;

/// Built-in groups in the order clients resolve short names in; others follow by name.
const GROUPS: &[&str] = &[
    "",
    "apps",
    "events.k8s.io",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "autoscaling",
    "batch",
    "networking.k8s.io",
    "policy",
    "rbac.authorization.k8s.io",
    "storage.k8s.io",
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "scheduling.k8s.io",
    "coordination.k8s.io",
    "node.k8s.io",
    "discovery.k8s.io",
];

/// Sort key of a group.
pub(super) fn group(name: &str) -> (usize, &str) {
    let rank = GROUPS
        .iter()
        .position(|known| *known == name)
        .unwrap_or(GROUPS.len());
    (rank, name)
}

/// Compares two versions by the rules of Kubernetes: GA before beta before alpha, then higher
/// numbers first; names that follow no pattern come last, in alphabetical order.
pub(super) fn versions(left: &str, right: &str) -> Ordering {
    match (parse(left), parse(right)) {
        (Some(left), Some(right)) => right.cmp(&left),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => left.cmp(right),
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Alpha,
    Beta,
    General,
}

fn parse(version: &str) -> Option<(Stage, u64, u64)> {
    let rest = version.strip_prefix('v')?;
    let end = rest
        .find(|character: char| !character.is_ascii_digit())
        .unwrap_or(rest.len());
    let (major, rest) = rest.split_at(end);
    let major = major.parse().ok()?;
    if rest.is_empty() {
        return Some((Stage::General, major, 0));
    }
    let (stage, minor) = match (rest.strip_prefix("alpha"), rest.strip_prefix("beta")) {
        (Some(minor), _) => (Stage::Alpha, minor),
        (None, Some(minor)) => (Stage::Beta, minor),
        (None, None) => return None,
    };
    Some((stage, major, minor.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stable_versions_come_first_and_odd_names_last() {
        let mut found = [
            "foo1",
            "v1alpha1",
            "v12alpha1",
            "v1",
            "v11beta2",
            "v10",
            "v2",
            "v3beta1",
            "foo10",
        ];
        found.sort_by(|left, right| versions(left, right));
        assert_eq!(
            found,
            [
                "v10",
                "v2",
                "v1",
                "v11beta2",
                "v3beta1",
                "v12alpha1",
                "v1alpha1",
                "foo1",
                "foo10"
            ]
        );
    }
}
