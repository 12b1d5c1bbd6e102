//! Rules for lists of IP families.

use super::{FieldError, Path, Rules};
use crate::{
    api::families::{FamilyList, exact},
    net::IpFamily,
};

const KNOWN: [&str; 2] = ["IPv4", "IPv6"];

/// Whether the gate for IPv6 applies: to the core kinds it does, to extension kinds it never did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gated {
    Yes,
    No,
}

/// The errors of a list of families. With any of them, nothing can be said about ranges.
pub(super) fn validate(
    list: &[String],
    path: &Path,
    rules: &Rules,
    gated: Gated,
) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for (index, family) in list.iter().enumerate() {
        if exact(family).is_none() {
            errors.push(FieldError::not_supported(
                &path.index(index),
                family.as_str(),
                &KNOWN,
            ));
        }
        if list[..index].contains(family) {
            errors.push(FieldError::duplicate(&path.index(index), family.as_str()));
        }
    }
    if !errors.is_empty() {
        return errors;
    }
    if list.len() > 1 && !rules.allows_dual_stack() {
        errors.push(FieldError::invalid(
            path,
            list.to_vec(),
            "dual-stack networking is not supported; list one family",
        ));
    }
    let wants_ipv6 = FamilyList(list).primary() == IpFamily::V6;
    if gated == Gated::Yes && wants_ipv6 && !rules.allows_ipv6() {
        errors.push(FieldError::invalid(
            path,
            list.to_vec(),
            "IPv6 single-stack networking is not supported; open the feature gate IPv6SingleStack or \
             list IPv4",
        ));
    }
    errors
}

/// The error of a changed list, by the rules of Shoots and Networks.
///
/// Upstream knows the migration from IPv4 to dual-stack and back; GEP-21 knows no change at all.
pub(super) fn validate_transition(
    new: &[String],
    old: &[String],
    path: &Path,
    rules: &Rules,
) -> Option<FieldError> {
    if rules.is_gep21() {
        return FieldError::unless_same(path, &new, &old);
    }
    let single = ["IPv4"];
    let dual = ["IPv4", "IPv6"];
    let migrates = (old == single && new == dual) || (old == dual && new == single);
    (new != old && !migrates).then(|| {
        let detail = format!(
            "the families cannot change from [{}] to [{}]",
            old.join(", "),
            new.join(", ")
        );
        FieldError::forbidden(path, detail)
    })
}
