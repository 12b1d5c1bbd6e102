//! Sets of field paths.

use std::collections::{BTreeMap, BTreeSet};

use super::path::PathElement;

/// A set of field paths, as a tree.
///
/// Invariant: no child is empty. A step may be a member and have children: the field is owned as
/// such, and so are fields below it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldSet {
    pub(super) members: BTreeSet<PathElement>,
    pub(super) children: BTreeMap<PathElement, Self>,
}

impl FieldSet {
    /// Makes a set of paths.
    pub fn of(paths: impl IntoIterator<Item = Vec<PathElement>>) -> Self {
        let mut set = Self::default();
        for path in paths {
            set.insert(&path);
        }
        set
    }

    /// Makes a set of top-level and second-level fields, written with dots.
    pub(super) fn of_fields<'a>(paths: impl IntoIterator<Item = &'a str>) -> Self {
        let split = |path: &str| {
            path.split('.')
                .map(|s| PathElement::Field(s.to_owned()))
                .collect()
        };
        Self::of(paths.into_iter().map(split))
    }

    /// Adds a path; the empty path is in no set.
    pub fn insert(&mut self, path: &[PathElement]) {
        match path {
            [] => {}
            [last] => {
                self.members.insert(last.clone());
            }
            [first, rest @ ..] => self.children.entry(first.clone()).or_default().insert(rest),
        }
    }

    /// Tells whether this very path is in the set.
    pub fn contains(&self, path: &[PathElement]) -> bool {
        match path {
            [] => false,
            [last] => self.members.contains(last),
            [first, rest @ ..] => self
                .children
                .get(first)
                .is_some_and(|child| child.contains(rest)),
        }
    }

    /// Tells whether no path is in the set.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty() && self.children.values().all(Self::is_empty)
    }

    /// Returns the paths of both sets.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let mut union = self.clone();
        union.members.extend(other.members.iter().cloned());
        for (step, child) in &other.children {
            let mine = union.children.entry(step.clone()).or_default();
            *mine = mine.union(child);
        }
        union
    }

    /// Returns the paths that are in both sets.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let members = self.members.intersection(&other.members).cloned().collect();
        let children = self.children.iter().filter_map(|(step, child)| {
            let common = child.intersection(other.children.get(step)?);
            (!common.is_empty()).then(|| (step.clone(), common))
        });
        Self {
            members,
            children: children.collect(),
        }
    }

    /// Returns the paths that are not in `other`.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        let members = self.members.difference(&other.members).cloned().collect();
        let children = self.children.iter().filter_map(|(step, child)| {
            let left = match other.children.get(step) {
                Some(theirs) => child.difference(theirs),
                None => child.clone(),
            };
            (!left.is_empty()).then(|| (step.clone(), left))
        });
        Self {
            members,
            children: children.collect(),
        }
    }

    /// Returns the paths that neither are in `other` nor lie below one that is.
    #[must_use]
    pub fn difference_with_descendants(&self, other: &Self) -> Self {
        let members = self.members.difference(&other.members).cloned().collect();
        let children = self.children.iter().filter_map(|(step, child)| {
            if other.members.contains(step) {
                return None;
            }
            let left = match other.children.get(step) {
                Some(theirs) => child.difference_with_descendants(theirs),
                None => child.clone(),
            };
            (!left.is_empty()).then(|| (step.clone(), left))
        });
        Self {
            members,
            children: children.collect(),
        }
    }

    /// Keeps what lies in or below the given top-level fields.
    #[must_use]
    pub(super) fn only_fields(&self, names: &[&str]) -> Self {
        let kept = |step: &PathElement| match step {
            PathElement::Field(name) => names.contains(&name.as_str()),
            _ => false,
        };
        Self {
            members: self
                .members
                .iter()
                .filter(|step| kept(step))
                .cloned()
                .collect(),
            children: self
                .children
                .iter()
                .filter(|(step, _)| kept(step))
                .map(|(step, child)| (step.clone(), child.clone()))
                .collect(),
        }
    }

    /// Returns every path, in order.
    pub fn paths(&self) -> Vec<Vec<PathElement>> {
        let mut paths = Vec::new();
        self.collect(&mut Vec::new(), &mut paths);
        paths
    }

    fn collect(&self, prefix: &mut Vec<PathElement>, paths: &mut Vec<Vec<PathElement>>) {
        let steps: BTreeSet<&PathElement> =
            self.members.iter().chain(self.children.keys()).collect();
        for step in steps {
            prefix.push(step.clone());
            if self.members.contains(step) {
                paths.push(prefix.clone());
            }
            if let Some(child) = self.children.get(step) {
                child.collect(prefix, paths);
            }
            prefix.pop();
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(in super::super) fn set() -> impl Strategy<Value = FieldSet> {
        let step = prop_oneof![
            "[a-c]".prop_map(PathElement::Field),
            "[a-b]".prop_map(|name| PathElement::Key(format!("{{\"name\":\"{name}\"}}"))),
            "[a-b]".prop_map(|value| PathElement::Value(format!("\"{value}\""))),
        ];
        let path = proptest::collection::vec(step, 1..4);
        proptest::collection::vec(path, 0..8).prop_map(FieldSet::of)
    }

    proptest! {
        #[test]
        fn the_algebra_of_sets_holds(a in set(), b in set()) {
            prop_assert_eq!(a.union(&b), b.union(&a));
            prop_assert_eq!(a.intersection(&b), b.intersection(&a));
            prop_assert_eq!(a.difference(&b).union(&a.intersection(&b)), a.clone());
            prop_assert!(a.difference(&b).intersection(&b).is_empty());
            prop_assert!(a.difference(&a).is_empty());
            prop_assert_eq!(FieldSet::of(a.paths()), a.clone());
            for path in a.difference(&b).paths() {
                prop_assert!(a.contains(&path) && !b.contains(&path));
            }
            let deep = a.difference_with_descendants(&b);
            prop_assert_eq!(deep.difference(&a.difference(&b)), FieldSet::default());
        }
    }
}
