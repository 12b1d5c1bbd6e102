//! Every rule set there is.

use garden6::api::{
    gates::{ApiProfile, FeatureGate, FeatureGates},
    validation::Rules,
};
use proptest::prelude::*;

const GATES: [FeatureGate; 3] = [
    FeatureGate::IPv6SingleStack,
    FeatureGate::DualStack,
    FeatureGate::AutoIPv6,
];

/// Both profiles with all gates open or closed in every combination.
pub(super) fn all() -> Vec<Rules> {
    let profiles = [ApiProfile::Gep21, ApiProfile::Upstream];
    profiles
        .into_iter()
        .flat_map(|profile| {
            (0..1_u8 << GATES.len()).map(move |bits| {
                let gates = GATES.into_iter().enumerate();
                let gates = gates.fold(FeatureGates::default(), |gates, (index, gate)| {
                    gates.with(gate, bits >> index & 1 == 1)
                });
                Rules { profile, gates }
            })
        })
        .collect()
}

/// One of them.
pub(super) fn any() -> impl Strategy<Value = Rules> {
    proptest::sample::select(all())
}
