//! What a whole run came to, and the exit code that says so.

use serde::{Deserialize, Serialize};

use super::outcome::Tally;

/// A signal that asks a run to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StopSignal {
    /// SIGINT, as sent by Ctrl-C.
    Interrupt,
    /// SIGTERM, as sent by a CI system that runs out of patience.
    Terminate,
}

/// The result of a run. CI alerts on infrastructure (3, 11, 12) and on code (10) separately.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Every case that ran passed.
    Good,
    /// The environment lacks what the lane insists on; nothing was run.
    EnvironmentUnusable,
    /// The selection matches no case; nothing was run.
    NothingSelected,
    /// At least one case failed.
    CasesFailed,
    /// There is no environment to run in; no case was started.
    SetUpFailed,
    /// Every case passed, but something was left behind.
    CleanUpFailed,
    /// The run was stopped by a signal.
    Interrupted(StopSignal),
}

impl Verdict {
    /// The exit code of the process.
    pub const fn code(self) -> u8 {
        match self {
            Self::Good => 0,
            Self::EnvironmentUnusable => 3,
            Self::NothingSelected => 4,
            Self::CasesFailed => 10,
            Self::SetUpFailed => 11,
            Self::CleanUpFailed => 12,
            Self::Interrupted(StopSignal::Interrupt) => 130,
            Self::Interrupted(StopSignal::Terminate) => 143,
        }
    }

    /// Judges a run that reached its end, or was stopped by `signal`.
    pub fn of(tally: &Tally, flaky: FlakyPolicy, signal: Option<StopSignal>) -> Self {
        let flaky_fails = flaky == FlakyPolicy::Fail && tally.flaky > 0;
        if let Some(signal) = signal {
            Self::Interrupted(signal)
        } else if tally.failures() > tally.leaked || flaky_fails {
            Self::CasesFailed
        } else if tally.leaked > 0 {
            Self::CleanUpFailed
        } else {
            Self::Good
        }
    }
}

/// Whether a case that passed on a retry only makes the run fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlakyPolicy {
    /// It does: a gate must not learn to look away.
    Fail,
    /// It does not, but it is reported.
    Report,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(change: impl FnOnce(&mut Tally)) -> Tally {
        let mut tally = Tally {
            passed: 3,
            skipped: 1,
            ..Tally::default()
        };
        change(&mut tally);
        tally
    }

    #[test]
    fn failures_outrank_leaks_and_signals_outrank_both() {
        let judge = |change: fn(&mut Tally)| Verdict::of(&tally(change), FlakyPolicy::Report, None);
        assert_eq!(judge(|_| ()), Verdict::Good);
        assert_eq!(judge(|tally| tally.leaked = 1), Verdict::CleanUpFailed);
        assert_eq!(
            judge(|tally| (tally.leaked, tally.timed_out) = (1, 1)),
            Verdict::CasesFailed
        );
        let stopped = Verdict::of(
            &tally(|tally| tally.failed = 1),
            FlakyPolicy::Report,
            Some(StopSignal::Terminate),
        );
        assert_eq!(stopped.code(), 143);
    }

    #[test]
    fn a_flake_fails_a_run_only_where_the_lane_says_so() {
        let tally = tally(|tally| tally.flaky = 1);
        assert_eq!(
            Verdict::of(&tally, FlakyPolicy::Fail, None),
            Verdict::CasesFailed
        );
        assert_eq!(
            Verdict::of(&tally, FlakyPolicy::Report, None),
            Verdict::Good
        );
    }
}
