//! Ranges that Gardener keeps for itself.

use super::{FieldError, Path, Range, Rules};

/// The VPN between Seed and Shoot, and the ranges that it maps clashing IPv4 networks to.
const UPSTREAM: [&str; 6] = [
    "fd8f:6d53:b97a:1::/96",
    "240.0.0.0/8",
    "241.0.0.0/8",
    "242.0.0.0/8",
    "243.0.0.0/8",
    "244.0.0.0/8",
];

/// The VPN of the time of GEP-21, one range per family.
const GEP21: [&str; 2] = ["192.168.123.0/24", "fd8f:6d53:b97a:1::/120"];

/// The errors of a range that touches reserved ones, one per reserved range.
pub(super) fn validate(range: &Range<'_>, rules: &Rules) -> Vec<FieldError> {
    let reserved: &[&str] = if rules.is_gep21() { &GEP21 } else { &UPSTREAM };
    reserved
        .iter()
        .filter(|text| range.intersects(&Range::new(text, Path::new("reserved"))))
        .map(|text| {
            range.invalid(format!(
                "must not overlap with the reserved range {text}; choose another range"
            ))
        })
        .collect()
}
