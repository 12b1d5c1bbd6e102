//! What can become of a case, and how many of each there were.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The result of a case, or of one attempt at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Every assertion held.
    Passed,
    /// An assertion did not hold, or an action under test was refused.
    Failed,
    /// Something beside the subject of the case went wrong: arranging, or the case itself panicked.
    Error,
    /// Failed at first and passed on a retry. Never counted as passed.
    Flaky,
    /// Not run, for a stated reason.
    Skipped,
    /// Stopped before its end by a signal or by the failure of another case.
    Cancelled,
    /// Did not end in its time.
    TimedOut,
    /// Passed, but left something behind.
    Leaked,
}

impl Outcome {
    /// All outcomes, in the order in which they are counted out.
    pub const ALL: [Self; 8] = [
        Self::Passed,
        Self::Failed,
        Self::Error,
        Self::TimedOut,
        Self::Leaked,
        Self::Flaky,
        Self::Skipped,
        Self::Cancelled,
    ];

    /// Whether a run with this outcome in it cannot be green.
    pub const fn is_failure(self) -> bool {
        matches!(
            self,
            Self::Failed | Self::Error | Self::TimedOut | Self::Leaked
        )
    }

    /// The outcome in words: `timed out`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Error => "error",
            Self::Flaky => "flaky",
            Self::Skipped => "skipped",
            Self::Cancelled => "cancelled",
            Self::TimedOut => "timed out",
            Self::Leaked => "leaked",
        }
    }

    /// The outcome as the first word of a line.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Passed => "PASS",
            Self::Failed => "FAIL",
            Self::Error => "ERROR",
            Self::Flaky => "FLAKY",
            Self::Skipped => "SKIP",
            Self::Cancelled => "CANCEL",
            Self::TimedOut => "TIMEOUT",
            Self::Leaked => "LEAK",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// How many cases ended in which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Tally {
    /// Cases that passed.
    pub passed: usize,
    /// Cases that failed.
    pub failed: usize,
    /// Cases that could not be judged.
    pub error: usize,
    /// Cases that passed on a retry only.
    pub flaky: usize,
    /// Cases that were not run.
    pub skipped: usize,
    /// Cases that were stopped.
    pub cancelled: usize,
    /// Cases that took too long.
    pub timed_out: usize,
    /// Cases that left something behind.
    pub leaked: usize,
}

impl Tally {
    /// Counts one more.
    pub fn add(&mut self, outcome: Outcome) {
        *self.slot(outcome) += 1;
    }

    /// How many ended like that.
    pub fn get(&self, outcome: Outcome) -> usize {
        *self.clone().slot(outcome)
    }

    /// How many there are.
    pub fn total(&self) -> usize {
        Outcome::ALL
            .into_iter()
            .map(|outcome| self.get(outcome))
            .sum()
    }

    /// How many make the run fail.
    pub fn failures(&self) -> usize {
        Outcome::ALL
            .into_iter()
            .filter(|outcome| outcome.is_failure())
            .map(|outcome| self.get(outcome))
            .sum()
    }

    fn slot(&mut self, outcome: Outcome) -> &mut usize {
        match outcome {
            Outcome::Passed => &mut self.passed,
            Outcome::Failed => &mut self.failed,
            Outcome::Error => &mut self.error,
            Outcome::Flaky => &mut self.flaky,
            Outcome::Skipped => &mut self.skipped,
            Outcome::Cancelled => &mut self.cancelled,
            Outcome::TimedOut => &mut self.timed_out,
            Outcome::Leaked => &mut self.leaked,
        }
    }
}

impl FromIterator<Outcome> for Tally {
    fn from_iter<I: IntoIterator<Item = Outcome>>(outcomes: I) -> Self {
        let mut tally = Self::default();
        for outcome in outcomes {
            tally.add(outcome);
        }
        tally
    }
}

impl fmt::Display for Tally {
    /// `12 passed, 1 failed, 3 skipped`; what did not happen is left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut first = true;
        for outcome in Outcome::ALL {
            let count = self.get(outcome);
            if count > 0 {
                let comma = if first { "" } else { ", " };
                write!(f, "{comma}{count} {outcome}")?;
                first = false;
            }
        }
        if first {
            f.write_str("no cases")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_is_counted_exactly_once() {
        let tally: Tally = Outcome::ALL.into_iter().collect();
        assert_eq!(tally.total(), Outcome::ALL.len());
        for outcome in Outcome::ALL {
            assert_eq!(tally.get(outcome), 1, "{outcome}");
        }
        assert_eq!(tally.failures(), 4);
    }

    #[test]
    fn a_tally_names_only_what_happened() {
        let tally: Tally = [Outcome::Skipped, Outcome::Passed, Outcome::Passed]
            .into_iter()
            .collect();
        assert_eq!(tally.to_string(), "2 passed, 1 skipped");
        assert_eq!(Tally::default().to_string(), "no cases");
    }
}
