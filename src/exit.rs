//! Exit codes: what scripts and CI jobs may rely on.

use std::process::ExitCode;

use crate::e2e::{StopSignal, Verdict};

/// How a command ended. The numbers are a contract and never change their meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All good.
    Success = 0,
    /// Findings, or an internal error, as documented per command.
    Failure = 1,
    /// The command line or a file that it names cannot be understood.
    Usage = 2,
    /// The environment cannot be used: a tool, a kernel feature or the cluster itself is missing.
    Environment = 3,
    /// Nothing was selected.
    NothingSelected = 4,
    /// Worse than the baseline.
    Regression = 6,
    /// Cases failed.
    CasesFailed = 10,
    /// Set-up failed before the first case.
    SetUpFailed = 11,
    /// Clean-up failed.
    CleanUpFailed = 12,
    /// Interrupted (SIGINT).
    Interrupted = 130,
    /// Terminated (SIGTERM).
    Terminated = 143,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl From<Verdict> for Exit {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Good => Self::Success,
            Verdict::EnvironmentUnusable => Self::Environment,
            Verdict::NothingSelected => Self::NothingSelected,
            Verdict::CasesFailed => Self::CasesFailed,
            Verdict::SetUpFailed => Self::SetUpFailed,
            Verdict::CleanUpFailed => Self::CleanUpFailed,
            Verdict::Interrupted(StopSignal::Interrupt) => Self::Interrupted,
            Verdict::Interrupted(StopSignal::Terminate) => Self::Terminated,
        }
    }
}
