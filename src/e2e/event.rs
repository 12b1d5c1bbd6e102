//! The one stream of events from which every report follows.
//!
//! An events file holds one [`Event`] per line. [`SCHEMA`] grows when a reader of the old form
//! would misunderstand the new one.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    failure::{Failure, Skip},
    lane::Lane,
    outcome::{Outcome, Tally},
    seed::Seed,
    verdict::{StopSignal, Verdict},
};

/// The version of the event schema.
pub const SCHEMA: u32 = 1;

/// Something that happened in a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Event {
    /// Position in the stream, counted from 0, without gaps.
    pub sequence: u64,
    /// When, by the wall clock.
    pub at: Timestamp,
    /// When, in milliseconds since the start of the run, by a clock that never goes back.
    pub elapsed_ms: u64,
    /// What.
    pub what: What,
}

/// The phase of a case that a step belongs to. It decides who is to blame for a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Preparing: a failure is an error of the environment.
    Arrange,
    /// Doing and asserting: a failure is a failure of the subject.
    Act,
    /// Removing what the case made.
    CleanUp,
}

/// What the events say about the environment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct EnvironmentFacts {
    /// The name of the environment.
    pub name: String,
    /// Its IP families in order, as in `ipv6,ipv4`.
    pub families: String,
    /// The version that the API server reports.
    pub kubernetes: String,
    /// The rules for Gardener objects, as in `gep21`.
    pub profile: String,
    /// What it can do.
    pub abilities: Vec<String>,
}

/// A case of the plan, as reports show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CaseFacts {
    /// Case and variant, as in `SVC-01[v6]`; unique in a run.
    pub case: String,
    /// What the case shows.
    pub title: String,
    /// The area, as in `svc`.
    pub area: String,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "type",
    rename_all = "kebab-case",
    rename_all_fields = "kebab-case"
)]
pub enum What {
    /// A run starts; always the first event.
    RunStarted {
        /// The version of this schema.
        schema: u32,
        /// The name of the run.
        run: String,
        /// The seed of its names.
        seed: Seed,
        /// The lane, if one was asked for.
        lane: Option<Lane>,
        /// How much weight may run at once.
        jobs: usize,
        /// Where it runs.
        environment: EnvironmentFacts,
        /// Every case that will have a result, in the order of the plan.
        cases: Vec<CaseFacts>,
    },
    /// A case starts.
    CaseStarted {
        /// The case.
        case: String,
    },
    /// An attempt at a case starts.
    AttemptStarted {
        /// The case.
        case: String,
        /// Counted from 1.
        attempt: u32,
        /// The namespace that belongs to it.
        namespace: Option<String>,
    },
    /// A step starts; it ends with the next step or with the attempt.
    StepStarted {
        /// The case.
        case: String,
        /// The attempt.
        attempt: u32,
        /// Counted from 1.
        step: u32,
        /// The phase.
        phase: Phase,
        /// What is done, as an imperative.
        title: String,
    },
    /// A poll saw a state that differs from the one before.
    Observed {
        /// The case.
        case: String,
        /// The attempt.
        attempt: u32,
        /// What is waited for.
        subject: String,
        /// What was seen.
        state: String,
    },
    /// A case says something worth keeping.
    Noted {
        /// The case.
        case: String,
        /// The attempt.
        attempt: u32,
        /// What it says.
        text: String,
    },
    /// A file was written for a case.
    ArtifactWritten {
        /// The case.
        case: String,
        /// The attempt.
        attempt: u32,
        /// The path below the artifact folder.
        path: String,
        /// Its size.
        bytes: u64,
    },
    /// Something could not be collected. This never changes the outcome.
    CollectionFailed {
        /// The case.
        case: String,
        /// The attempt.
        attempt: u32,
        /// Who should have collected.
        collector: String,
        /// Why there is nothing.
        reason: String,
    },
    /// An attempt ended, its clean-up included.
    AttemptFinished {
        /// The case.
        case: String,
        /// The attempt.
        attempt: u32,
        /// How.
        outcome: Outcome,
        /// Why, unless it passed.
        failure: Option<Failure>,
        /// What was left behind.
        left_behind: Vec<String>,
        /// How long it took.
        took_ms: u64,
    },
    /// A case has its result; exactly one per case of the plan.
    CaseFinished {
        /// The case.
        case: String,
        /// The result.
        outcome: Outcome,
        /// Why it was skipped.
        skip: Option<Skip>,
        /// Why it did not pass.
        failure: Option<Failure>,
        /// How long it took, all attempts included.
        took_ms: u64,
    },
    /// Nothing ended for a while: what runs, oldest first.
    StillRunning {
        /// The cases.
        cases: Vec<Running>,
    },
    /// A signal arrived.
    Interrupted {
        /// Which.
        signal: StopSignal,
        /// How many there were by now: the first cancels, the second skips clean-up, the third leaves.
        count: u32,
    },
    /// Enough cases failed; no further case starts and those that run are cancelled.
    FailedFast {
        /// How many failed.
        failures: usize,
    },
    /// A run ended; always the last event.
    RunFinished {
        /// How many ended how.
        tally: Tally,
        /// What it came to.
        verdict: Verdict,
        /// How long it took.
        took_ms: u64,
    },
}

/// A case that runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Running {
    /// The case.
    pub case: String,
    /// Its current step.
    pub step: String,
    /// For how long the step has been running.
    pub for_ms: u64,
}

impl What {
    /// The case that the event is about.
    pub fn case(&self) -> Option<&str> {
        match self {
            Self::CaseStarted { case }
            | Self::AttemptStarted { case, .. }
            | Self::StepStarted { case, .. }
            | Self::Observed { case, .. }
            | Self::Noted { case, .. }
            | Self::ArtifactWritten { case, .. }
            | Self::CollectionFailed { case, .. }
            | Self::AttemptFinished { case, .. }
            | Self::CaseFinished { case, .. } => Some(case),
            Self::RunStarted { .. }
            | Self::StillRunning { .. }
            | Self::Interrupted { .. }
            | Self::FailedFast { .. }
            | Self::RunFinished { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_line_and_reads_back() {
        let event = Event {
            sequence: 7,
            at: Timestamp::UNIX_EPOCH,
            elapsed_ms: 12,
            what: What::StepStarted {
                case: "SVC-01[v6]".to_owned(),
                attempt: 1,
                step: 2,
                phase: Phase::Act,
                title: "create\nthe service".to_owned(),
            },
        };
        let line = serde_json::to_string(&event).unwrap();
        assert_eq!(
            line,
            concat!(
                r#"{"sequence":7,"at":"1970-01-01T00:00:00Z","elapsed-ms":12,"what":"#,
                r#"{"type":"step-started","case":"SVC-01[v6]","attempt":1,"step":2,"#,
                r#""phase":"act","title":"create\nthe service"}}"#
            )
        );
        assert_eq!(serde_json::from_str::<Event>(&line).unwrap(), event);
    }
}
