//! Rules of the dual-stack outlook of GEP-21: lists of ranges beside the single fields.
//!
//! No Gardener release has these fields. The rules follow `Service.spec.clusterIP` and
//! `clusterIPs`, which the GEP names as the model: the single field is the first entry of the
//! list, there are at most two entries, one per family in the order of the families.

use super::{FieldError, Path, Range, Rules};
use crate::api::{core::Networking, families::FamilyList};

/// The errors of the lists of a Shoot.
pub(super) fn validate(networking: &Networking, path: &Path, rules: &Rules) -> Vec<FieldError> {
    lists(networking)
        .into_iter()
        .filter(|list| !list.entries.is_empty())
        .flat_map(|list| {
            let path = path.child(list.name);
            if rules.has_outlook() {
                list.validate(FamilyList(&networking.ip_families), &path)
            } else {
                let detail = "needs the feature gate DualStack";
                vec![FieldError::forbidden(&path, detail)]
            }
        })
        .collect()
}

/// The errors of changed lists: once set, a list stays as it is.
pub(super) fn validate_update(
    new: &Networking,
    old: &Networking,
    path: &Path,
    rules: &Rules,
) -> Vec<FieldError> {
    if !rules.has_outlook() {
        return Vec::new();
    }
    lists(new)
        .into_iter()
        .zip(lists(old))
        .filter(|(_, old)| !old.entries.is_empty())
        .filter_map(|(new, old)| {
            FieldError::unless_same(&path.child(new.name), &new.entries, &old.entries)
        })
        .collect()
}

struct List<'a> {
    name: &'static str,
    single: Option<&'a str>,
    entries: &'a [String],
}

fn lists(networking: &Networking) -> [List<'_>; 3] {
    [
        List {
            name: "podsCIDRs",
            single: networking.pods.as_deref(),
            entries: &networking.pods_cidrs,
        },
        List {
            name: "nodesCIDRs",
            single: networking.nodes.as_deref(),
            entries: &networking.nodes_cidrs,
        },
        List {
            name: "servicesCIDRs",
            single: networking.services.as_deref(),
            entries: &networking.services_cidrs,
        },
    ]
}

impl List<'_> {
    /// Errors of entries if there are any, otherwise the first error of the list as a whole.
    fn validate(&self, families: FamilyList<'_>, path: &Path) -> Vec<FieldError> {
        let ranges: Vec<Range<'_>> = self
            .entries
            .iter()
            .enumerate()
            .map(|(index, text)| Range::new(text, path.index(index)))
            .collect();
        let entry_errors: Vec<FieldError> = ranges
            .iter()
            .filter_map(|range| range.check_parse().or_else(|| range.check_canonical()))
            .collect();
        if !entry_errors.is_empty() {
            return entry_errors;
        }
        let expected = families.checked().map(Vec::from).unwrap_or_default();
        let actual: Vec<_> = ranges.iter().filter_map(Range::family).collect();
        let detail = if actual.len() > 2 {
            "must have at most two entries"
        } else if self.single != self.entries.first().map(String::as_str) {
            "must start with the value of the single field"
        } else if !expected.starts_with(&actual) {
            "must have one range per family, in the order of the families"
        } else {
            return Vec::new();
        };
        vec![FieldError::invalid(path, self.entries.to_vec(), detail)]
    }
}
