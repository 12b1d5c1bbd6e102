//! Which rule set the API follows, and the feature gates of it.

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The rule set: what GEP-21 says, or what today's Gardener does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ApiProfile {
    /// GEP-21 and the releases that had the gate `IPv6SingleStack` (v1.63 to v1.106).
    #[default]
    Gep21,
    /// Gardener's main branch: no gate, dual-stack, transitions.
    Upstream,
}

impl ApiProfile {
    /// Whether objects may list both families: always today, behind gates at the time of GEP-21.
    pub fn allows_dual_stack(self, gates: &FeatureGates) -> bool {
        let gate = |gate| gates.enabled(gate);
        self == Self::Upstream || gate(FeatureGate::DualStack) || gate(FeatureGate::AutoIPv6)
    }
}

impl fmt::Display for ApiProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gep21 => "gep21",
            Self::Upstream => "upstream",
        })
    }
}

/// A feature gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum FeatureGate {
    /// `ipFamilies: [IPv6]` (GEP-21; without meaning in the upstream profile).
    IPv6SingleStack,
    /// The GEP's dual-stack outlook: `podsCIDRs`, `nodesCIDRs`, `servicesCIDRs`.
    DualStack,
    /// `AUTOv6` tuples of the cloud draft (see [`crate::api::autov6`]). Tuples name both families,
    /// so two families may be listed with it, too.
    AutoIPv6,
}

impl FeatureGate {
    const ALL: [Self; 3] = [Self::IPv6SingleStack, Self::DualStack, Self::AutoIPv6];

    /// Whether the gate is open unless said otherwise. GEP-21 opens `IPv6SingleStack` in the
    /// local environment.
    const fn default_state(self) -> bool {
        matches!(self, Self::IPv6SingleStack)
    }
}

impl fmt::Display for FeatureGate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// The gates that were set; the others have their default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FeatureGates(BTreeMap<FeatureGate, bool>);

/// Why a list of feature gates cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum GateError {
    /// No gate has that name.
    #[error("unknown feature gate `{name}`, known are {known}")]
    Unknown {
        /// What was written.
        name: String,
        /// The names that exist.
        known: String,
    },
    /// Not `NAME=true` or `NAME=false`.
    #[error("`{item}` is not NAME=true or NAME=false")]
    Malformed {
        /// What was written.
        item: String,
    },
}

impl FeatureGates {
    /// Whether a gate is open.
    pub fn enabled(&self, gate: FeatureGate) -> bool {
        self.0.get(&gate).copied().unwrap_or(gate.default_state())
    }

    /// These gates with one of them set.
    #[must_use]
    pub fn with(mut self, gate: FeatureGate, open: bool) -> Self {
        self.0.insert(gate, open);
        self
    }
}

impl FromStr for FeatureGates {
    type Err = GateError;

    /// Reads `NAME=BOOL,…` as Kubernetes components do.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut gates = Self::default();
        for item in text
            .split(',')
            .map(str::trim)
            .filter(|item| !item.is_empty())
        {
            let malformed = || GateError::Malformed {
                item: item.to_owned(),
            };
            let (name, value) = item.split_once('=').ok_or_else(malformed)?;
            let open = value.parse().map_err(|_| malformed())?;
            let gate = FeatureGate::ALL
                .into_iter()
                .find(|gate| gate.to_string() == name)
                .ok_or_else(|| GateError::Unknown {
                    name: name.to_owned(),
                    known: FeatureGate::ALL.map(|gate| gate.to_string()).join(", "),
                })?;
            gates = gates.with(gate, open);
        }
        Ok(gates)
    }
}

impl fmt::Display for FeatureGates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (gate, open)) in self.0.iter().enumerate() {
            let separator = if index > 0 { "," } else { "" };
            write!(f, "{separator}{gate}={open}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gate_of_the_gep_is_open_locally() {
        let gates = FeatureGates::default();
        assert!(gates.enabled(FeatureGate::IPv6SingleStack));
        assert!(!gates.enabled(FeatureGate::DualStack));
    }

    #[test]
    fn the_text_form_round_trips() {
        let gates: FeatureGates = "IPv6SingleStack=false,DualStack=true".parse().unwrap();
        assert_eq!(gates.to_string().parse(), Ok(gates));
    }

    #[test]
    fn an_unknown_gate_is_refused_with_the_known_ones() {
        let error = "IPv7=true".parse::<FeatureGates>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "unknown feature gate `IPv7`, known are IPv6SingleStack, DualStack, AutoIPv6"
        );
    }
}
