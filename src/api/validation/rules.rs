//! Which of the two rule sets applies, with its feature gates.

use crate::api::gates::{ApiProfile, FeatureGate, FeatureGates};

/// The rule set to validate by.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// GEP-21 or today's Gardener.
    pub profile: ApiProfile,
    /// The feature gates.
    pub gates: FeatureGates,
}

impl Rules {
    /// Whether the rules are those of GEP-21.
    pub fn is_gep21(&self) -> bool {
        self.profile == ApiProfile::Gep21
    }

    /// Whether IPv6 may be the primary family of Shoots and Seeds. Upstream has no gate any more.
    pub fn allows_ipv6(&self) -> bool {
        !self.is_gep21() || self.gates.enabled(FeatureGate::IPv6SingleStack)
    }

    /// Whether two families may be listed.
    pub fn allows_dual_stack(&self) -> bool {
        self.profile.allows_dual_stack(&self.gates)
    }

    /// Whether the dual-stack outlook of GEP-21 is in effect.
    pub fn has_outlook(&self) -> bool {
        self.gates.enabled(FeatureGate::DualStack)
    }

    /// Whether the ranges of a Shoot may be `AUTOv6` tuples.
    pub(crate) fn has_tuples(&self) -> bool {
        self.gates.enabled(FeatureGate::AutoIPv6)
    }
}
