//! Ranges that Gardener keeps for itself.

use super::{FieldError, Path, Range, Rules};
use crate::api::reserved::{GEP21, UPSTREAM};

/// The errors of a range that touches reserved ones, one per reserved range.
pub(super) fn validate(range: &Range<'_>, rules: &Rules) -> Vec<FieldError> {
    let reserved: &[&str] = if rules.is_gep21() { &GEP21 } else { &UPSTREAM };
    reserved
        .iter()
        .filter(|text| range.intersects(&Range::new(text, Path::new("reserved"))))
        .map(|text| {
            range.clash(format!(
                "must not overlap with the reserved range {text}; choose another range"
            ))
        })
        .collect()
}
