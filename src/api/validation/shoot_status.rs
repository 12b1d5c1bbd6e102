//! Rules of the status of Shoots, the network part.

use super::{FieldError, Path, Range};
use crate::api::core::Shoot;

/// The errors of the actual ranges: each must be a range without host bits, of any family.
pub fn validate(shoot: &Shoot) -> Vec<FieldError> {
    let Some(networking) = shoot
        .status
        .as_ref()
        .and_then(|status| status.networking.as_ref())
    else {
        return Vec::new();
    };
    let path = Path::new("status.networking");
    [
        ("nodes", &networking.nodes),
        ("pods", &networking.pods),
        ("services", &networking.services),
        ("egressCIDRs", &networking.egress_cidrs),
    ]
    .into_iter()
    .flat_map(|(name, list)| {
        let path = path.child(name);
        list.iter().enumerate().filter_map(move |(index, text)| {
            let range = Range::new(text, path.index(index));
            range.check_parse().or_else(|| range.check_canonical())
        })
    })
    .collect()
}
