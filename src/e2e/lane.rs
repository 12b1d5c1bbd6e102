//! Lanes: which cases a trigger runs, and how strictly.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{need::Need, verdict::FlakyPolicy};
use crate::nearest;

/// A set of cases with a policy. Each lane holds everything that the one before it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lane {
    /// The few cases that are worth running after every build.
    Smoke,
    /// What gates a pull request.
    Presubmit,
    /// What looks for regressions every few hours.
    Periodic,
    /// What takes too long for the day.
    Nightly,
}

/// How a lane treats what goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LanePolicy {
    /// After how many failed cases no further case is started.
    pub fail_fast: Option<usize>,
    /// How often a failed case is tried again.
    pub retries: u32,
    /// Whether a pass on a retry is good enough.
    pub flaky: FlakyPolicy,
    /// What the lane can do without: a case that needs it is skipped where it is missing. Any
    /// other unmet need makes the environment unusable, so that a broken host is never green.
    pub optional: &'static [Need],
}

impl Lane {
    /// All lanes, smallest first.
    pub const ALL: [Self; 4] = [Self::Smoke, Self::Presubmit, Self::Periodic, Self::Nightly];

    /// The policy of the lane.
    pub const fn policy(self) -> LanePolicy {
        /// What an environment without nodes cannot have, and what hosts may lack.
        const WITHOUT_NODES: &[Need] = &[
            Need::RealPods,
            Need::RealPackets,
            Need::EnforcedPolicies,
            Need::RegistryOverIpv6,
            Need::RegistryOverIpv4,
            Need::Kubectl,
            Need::Nodes(u16::MAX),
        ];
        match self {
            Self::Smoke | Self::Presubmit => LanePolicy {
                fail_fast: Some(1),
                retries: 0,
                flaky: FlakyPolicy::Fail,
                optional: WITHOUT_NODES,
            },
            Self::Periodic | Self::Nightly => LanePolicy {
                fail_fast: None,
                retries: 1,
                flaky: FlakyPolicy::Report,
                optional: &[Need::Kubectl],
            },
        }
    }

    /// Whether a case whose smallest lane is `smallest` is in this lane.
    pub fn holds(self, smallest: Self) -> bool {
        smallest <= self
    }
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Smoke => "smoke",
            Self::Presubmit => "presubmit",
            Self::Periodic => "periodic",
            Self::Nightly => "nightly",
        })
    }
}

/// A word that names no lane.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("unknown lane `{word}`{}", nearest::hint(nearest))]
pub struct UnknownLane {
    /// What was written.
    pub word: String,
    /// The lanes that look most like it.
    pub nearest: Vec<String>,
}

impl FromStr for Lane {
    type Err = UnknownLane;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|lane| lane.to_string() == word)
            .ok_or_else(|| UnknownLane {
                word: word.to_owned(),
                nearest: nearest::nearest(word, Self::ALL.iter().map(ToString::to_string)),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lane_holds_the_smaller_ones() {
        assert!(Lane::Periodic.holds(Lane::Smoke));
        assert!(Lane::Smoke.holds(Lane::Smoke));
        assert!(!Lane::Smoke.holds(Lane::Presubmit));
    }

    #[test]
    fn only_gates_fail_fast_and_only_they_refuse_flakes() {
        for lane in Lane::ALL {
            let policy = lane.policy();
            let gate = lane <= Lane::Presubmit;
            assert_eq!(policy.fail_fast.is_some(), gate, "{lane}");
            assert_eq!(policy.flaky == FlakyPolicy::Fail, gate, "{lane}");
            assert_eq!(policy.retries == 0, gate, "{lane}");
        }
    }
}
