//! A run as one value: the fold of its events. All reports at the end are made from it.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    event::{CaseFacts, EnvironmentFacts, Event, Phase, What},
    failure::{Failure, Skip},
    lane::Lane,
    outcome::{Outcome, Tally},
    seed::Seed,
    verdict::{StopSignal, Verdict},
};

/// Everything that reports show of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Summary {
    /// The version of the event schema that it was made from.
    pub schema: u32,
    /// The name of the run.
    pub run: String,
    /// The seed of its names.
    pub seed: Seed,
    /// The lane, if one was asked for.
    pub lane: Option<Lane>,
    /// Where it ran.
    pub environment: EnvironmentFacts,
    /// When it started.
    pub started: Option<Timestamp>,
    /// How long it took.
    pub took_ms: u64,
    /// What it came to; absent while it runs.
    pub verdict: Option<Verdict>,
    /// The first signal, if there was one.
    pub interrupted: Option<StopSignal>,
    /// How many cases ended how.
    pub tally: Tally,
    /// The cases in the order of the plan.
    pub cases: Vec<CaseRecord>,
    #[serde(skip)]
    index: HashMap<String, usize>,
}

/// What became of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CaseRecord {
    /// Case and variant.
    pub case: String,
    /// What it shows.
    pub title: String,
    /// The area.
    pub area: String,
    /// The result; absent while it runs.
    pub outcome: Option<Outcome>,
    /// Why it was skipped.
    pub skip: Option<Skip>,
    /// Why it did not pass.
    pub failure: Option<Failure>,
    /// How long it took.
    pub took_ms: u64,
    /// The attempts in order.
    pub attempts: Vec<AttemptRecord>,
}

/// What became of an attempt.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct AttemptRecord {
    /// Counted from 1.
    pub attempt: u32,
    /// Its namespace.
    pub namespace: Option<String>,
    /// The result; absent while it runs.
    pub outcome: Option<Outcome>,
    /// Why it did not pass.
    pub failure: Option<Failure>,
    /// What it left behind.
    pub left_behind: Vec<String>,
    /// How long it took.
    pub took_ms: u64,
    /// Its steps in order.
    pub steps: Vec<StepRecord>,
    /// Its log, one line per entry.
    pub log: Vec<String>,
    /// The files that were written for it, below the artifact folder.
    pub artifacts: Vec<String>,
}

/// A step of an attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct StepRecord {
    /// The phase.
    pub phase: Phase,
    /// What was done.
    pub title: String,
    /// When it started, since the start of the run.
    pub started_ms: u64,
    /// How long it took.
    pub took_ms: u64,
}

impl Summary {
    /// Folds a whole stream.
    pub fn of<'a>(events: impl IntoIterator<Item = &'a Event>) -> Self {
        let mut summary = Self::default();
        for event in events {
            summary.apply(event);
        }
        summary
    }

    /// Folds one more event.
    pub fn apply(&mut self, event: &Event) {
        match &event.what {
            What::RunStarted {
                schema,
                run,
                seed,
                lane,
                environment,
                cases,
                ..
            } => {
                self.schema = *schema;
                self.run.clone_from(run);
                self.seed = *seed;
                self.lane = *lane;
                self.environment.clone_from(environment);
                self.started = Some(event.at);
                self.cases = cases.iter().map(CaseRecord::waiting).collect();
                self.index = cases
                    .iter()
                    .enumerate()
                    .map(|(index, facts)| (facts.case.clone(), index))
                    .collect();
            }
            What::Interrupted { signal, count } => {
                if *count == 1 {
                    self.interrupted = Some(*signal);
                }
            }
            What::RunFinished {
                verdict, took_ms, ..
            } => {
                self.verdict = Some(*verdict);
                self.took_ms = *took_ms;
            }
            What::CaseFinished {
                case,
                outcome,
                skip,
                failure,
                took_ms,
            } => {
                self.tally.add(*outcome);
                if let Some(record) = self.case_mut(case) {
                    record.outcome = Some(*outcome);
                    record.skip.clone_from(skip);
                    record.failure.clone_from(failure);
                    record.took_ms = *took_ms;
                }
            }
            What::AttemptStarted {
                case,
                attempt,
                namespace,
            } => {
                if let Some(record) = self.case_mut(case) {
                    record.attempts.push(AttemptRecord {
                        attempt: *attempt,
                        namespace: namespace.clone(),
                        ..AttemptRecord::default()
                    });
                }
            }
            What::CaseStarted { .. } | What::StillRunning { .. } | What::FailedFast { .. } => {}
            what => {
                if let Some(attempt) = what.case().and_then(|case| self.attempt_mut(case)) {
                    attempt.apply(event);
                }
            }
        }
    }

    /// The cases with one of these outcomes, in the order of the plan.
    pub fn with<'a>(&'a self, outcomes: &'a [Outcome]) -> impl Iterator<Item = &'a CaseRecord> {
        self.cases.iter().filter(move |record| {
            record
                .outcome
                .is_some_and(|outcome| outcomes.contains(&outcome))
        })
    }

    fn case_mut(&mut self, case: &str) -> Option<&mut CaseRecord> {
        let index = *self.index.get(case)?;
        self.cases.get_mut(index)
    }

    fn attempt_mut(&mut self, case: &str) -> Option<&mut AttemptRecord> {
        self.case_mut(case)?.attempts.last_mut()
    }
}

impl CaseRecord {
    fn waiting(facts: &CaseFacts) -> Self {
        Self {
            case: facts.case.clone(),
            title: facts.title.clone(),
            area: facts.area.clone(),
            outcome: None,
            skip: None,
            failure: None,
            took_ms: 0,
            attempts: Vec::new(),
        }
    }

    /// The ID without the variant.
    pub fn id(&self) -> &str {
        self.case.split('[').next().unwrap_or(&self.case)
    }

    /// The page to read first when the case did not pass, below the artifact folder.
    pub fn failure_page(&self) -> Option<&str> {
        self.attempts
            .iter()
            .flat_map(|attempt| &attempt.artifacts)
            .find(|path| path.ends_with("/failure.md"))
            .map(String::as_str)
    }
}

impl AttemptRecord {
    fn apply(&mut self, event: &Event) {
        let elapsed_ms = event.elapsed_ms;
        if let Some(line) = log_line(elapsed_ms, &event.what) {
            self.log.push(line);
        }
        match &event.what {
            What::StepStarted { phase, title, .. } => {
                self.end_step(elapsed_ms);
                self.steps.push(StepRecord {
                    phase: *phase,
                    title: title.clone(),
                    started_ms: elapsed_ms,
                    took_ms: 0,
                });
            }
            What::ArtifactWritten { path, .. } => self.artifacts.push(path.clone()),
            What::AttemptFinished {
                outcome,
                failure,
                left_behind,
                took_ms,
                ..
            } => {
                self.end_step(elapsed_ms);
                self.outcome = Some(*outcome);
                self.failure.clone_from(failure);
                self.left_behind.clone_from(left_behind);
                self.took_ms = *took_ms;
            }
            _ => {}
        }
    }

    fn end_step(&mut self, elapsed_ms: u64) {
        if let Some(step) = self.steps.last_mut() {
            step.took_ms = elapsed_ms.saturating_sub(step.started_ms);
        }
    }
}

/// An event as a line of the log of its case. Lines of files that were written are left out.
pub(super) fn log_line(elapsed_ms: u64, what: &What) -> Option<String> {
    let text = match what {
        What::StepStarted {
            step, phase, title, ..
        } => match phase {
            Phase::Arrange => format!("step {step} (arrange): {title}"),
            Phase::Act => format!("step {step}: {title}"),
            Phase::CleanUp => format!("step {step} (clean up): {title}"),
        },
        What::Observed { subject, state, .. } => format!("  {subject}: {state}"),
        What::Noted { text, .. } => format!("  {text}"),
        What::CollectionFailed {
            collector, reason, ..
        } => format!("  nothing collected by {collector}: {reason}"),
        What::AttemptFinished {
            outcome,
            failure,
            left_behind,
            ..
        } => {
            let mut text = outcome.to_string();
            if let Some(failure) = failure {
                text = format!("{text}: {failure}");
            }
            if !left_behind.is_empty() {
                text = format!("{text}; left behind: {}", left_behind.join(", "));
            }
            text
        }
        _ => return None,
    };
    Some(format!(
        "{:>5}.{:03} {text}",
        elapsed_ms / 1000,
        elapsed_ms % 1000
    ))
}
