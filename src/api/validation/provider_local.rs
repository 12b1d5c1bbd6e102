//! Rules that the local provider adds for Shoots.

use super::{FieldError, Path, Range, Rules};
use crate::{
    api::{autov6::notation, core::Shoot},
    net::{Cidr, IpFamily},
};

/// The part of kind's pod range from which machine pods get their addresses, per family.
const NODE_RANGES: [&str; 2] = ["10.0.0.0/16", "fd00:10:1:100::/56"];

/// The errors of the node range of a Shoot that the local provider has to realise.
///
/// Machines are pods of the kind cluster today, so their addresses come from its pod range. At
/// the time of GEP-21 the range was free to choose, and the GEP's own manifests do so.
pub fn validate(new: &Shoot, old: Option<&Shoot>, rules: &Rules) -> Vec<FieldError> {
    let unchanged = old.is_some_and(|old| nodes(old) == nodes(new));
    let deleting = new.metadata.deletion_timestamp.is_some();
    if rules.is_gep21() || deleting || unchanged || new.spec.is_workerless() {
        return Vec::new();
    }
    let path = Path::new("spec.networking.nodes");
    let Some(text) = nodes(new) else {
        return vec![FieldError::required(
            &path,
            "the local provider needs a range",
        )];
    };
    let ranges = if rules.has_tuples() {
        notation::spelled_out(text)
    } else {
        vec![text]
    };
    ranges
        .into_iter()
        .map(|text| Range::new(text, path.clone()))
        .filter_map(|range| range.check_parse().or_else(|| outside(&range)))
        .collect()
}

fn outside(range: &Range<'_>) -> Option<FieldError> {
    let network = range.network()?;
    let allowed = allowed(network.family());
    (!allowed.contains_cidr(network)).then(|| range.invalid(format!("must be inside {allowed}")))
}

/// The range in which the nodes of local Shoots of a family must lie.
pub fn allowed(family: IpFamily) -> Cidr {
    let [ipv4, ipv6] = NODE_RANGES;
    match family {
        IpFamily::V4 => ipv4,
        IpFamily::V6 => ipv6,
    }
    .parse()
    .expect("the constants are canonical ranges")
}

fn nodes(shoot: &Shoot) -> Option<&str> {
    shoot.spec.networking.as_ref()?.nodes.as_deref()
}
