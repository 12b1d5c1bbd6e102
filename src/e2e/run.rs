//! The dispatcher: owns the state of a run, starts cases, numbers events.
//!
//! Workers own nothing but their case. They send events; the dispatcher puts them in order,
//! folds them into the [`Summary`] and passes them on, so that every reader sees the same run.

use std::{
    collections::{BTreeMap, VecDeque},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use thiserror::Error;
use tokio::{
    sync::{mpsc, watch},
    task::{JoinError, JoinSet},
    time::{Instant, Interval, interval_at},
};
use tokio_util::sync::CancellationToken;

use super::{
    case::{Case, Lock},
    catalogue::catalogue,
    collect::{Collector, NamespaceObjects},
    event::{CaseFacts, EnvironmentFacts, Event, Running, SCHEMA, What},
    failure::{Failure, describe},
    interrupt::Interrupt,
    isolation::{Isolation, Namespaces},
    need::Need,
    outcome::Outcome,
    plan::{Planned, Unusable, plan},
    recorder::{Emitter, Stamped},
    seed::Seed,
    select::{NothingSelected, Selection},
    summary::Summary,
    target::Target,
    verdict::{FlakyPolicy, StopSignal, Verdict},
    worker::{Shared, panic_text, run_case},
};

/// How to run.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// The name of the run; made from time and seed without one.
    pub run: Option<String>,
    /// Which cases.
    pub selection: Selection,
    /// Where names come from.
    pub seed: Seed,
    /// How much weight runs at once.
    pub jobs: usize,
    /// After how many failures to stop; the lane decides without one, 0 is never.
    pub fail_fast: Option<usize>,
    /// How often to try again; the lane decides without one.
    pub retries: Option<u32>,
    /// What to make of flakes; the lane decides without one.
    pub flaky: Option<FlakyPolicy>,
    /// What every time limit is multiplied by.
    pub timeout_scale: f64,
    /// Needs that may be unmet besides those of the lane.
    pub optional: Vec<Need>,
    /// What to leave in place.
    pub keep: Keep,
    /// Where files about failures go.
    pub artifacts: Option<PathBuf>,
    /// After how long without a result to say what is running.
    pub heartbeat: Duration,
}

impl Default for RunOptions {
    fn default() -> Self {
        Self {
            run: None,
            selection: Selection::default(),
            seed: Seed::random(),
            jobs: 4,
            fail_fast: None,
            retries: None,
            flaky: None,
            timeout_scale: 1.0,
            optional: Vec::new(),
            keep: Keep::Never,
            artifacts: None,
            heartbeat: Duration::from_secs(60),
        }
    }
}

/// Whose objects are left in place to be looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keep {
    /// Nobody's.
    #[default]
    Never,
    /// Those of attempts that did not pass.
    OnFailure,
    /// All.
    Always,
}

impl Keep {
    pub(super) fn keeps(self, outcome: Outcome) -> bool {
        match self {
            Self::Never => false,
            Self::OnFailure => outcome.is_failure(),
            Self::Always => true,
        }
    }
}

/// What surrounds the cases.
#[derive(Clone)]
pub struct Harness {
    /// Keeps attempts apart.
    pub isolation: Arc<dyn Isolation>,
    /// Look around when an attempt fails.
    pub collectors: Vec<Arc<dyn Collector>>,
}

impl Harness {
    /// Namespaces of the target, and their objects as artifacts.
    pub fn of(target: &Target) -> Self {
        Self {
            isolation: Arc::new(Namespaces::new(target.client.clone())),
            collectors: vec![Arc::new(NamespaceObjects::new(target.client.clone()))],
        }
    }
}

/// Why a run did not start.
#[derive(Debug, Error)]
pub enum RunError {
    /// No case is selected.
    #[error(transparent)]
    NothingSelected(#[from] NothingSelected),
    /// The environment lacks what the lane insists on.
    #[error(transparent)]
    Unusable(#[from] Unusable),
    /// The environment does not answer.
    #[error("environment `{environment}` does not answer: {reason}")]
    Unreachable {
        /// The environment.
        environment: String,
        /// What happened instead.
        reason: String,
    },
}

impl RunError {
    /// What the run came to.
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::NothingSelected(_) => Verdict::NothingSelected,
            Self::Unusable(_) => Verdict::EnvironmentUnusable,
            Self::Unreachable { .. } => Verdict::SetUpFailed,
        }
    }
}

/// Selects cases of the catalogue, plans them and runs them against `target`.
pub async fn run(
    options: &RunOptions,
    target: Target,
    interrupt: &Interrupt,
    events: mpsc::UnboundedSender<Event>,
) -> Result<Summary, RunError> {
    let lane = options.selection.policy_lane();
    let selected = options.selection.choose(catalogue())?;
    let planned = plan(selected, &target, &lane.policy(), &options.optional)?;
    let facts = target
        .facts()
        .await
        .map_err(|error| RunError::Unreachable {
            environment: target.name.clone(),
            reason: describe(&error),
        })?;
    let harness = Harness::of(&target);
    let target = Arc::new(target);
    Ok(run_plan(planned, options, target, facts, harness, interrupt, events).await)
}

/// Runs a plan. Every case of it has exactly one result in the end, whatever happens.
pub async fn run_plan(
    planned: Vec<Planned>,
    options: &RunOptions,
    target: Arc<Target>,
    facts: EnvironmentFacts,
    harness: Harness,
    interrupt: &Interrupt,
    events: mpsc::UnboundedSender<Event>,
) -> Summary {
    let policy = options.selection.policy_lane().policy();
    let (sink, inbox) = mpsc::unbounded_channel();
    let emitter = Emitter::new(sink);
    let run = options.run.clone().unwrap_or_else(|| {
        let time = jiff::Timestamp::now().strftime("%Y%m%d-%H%M%S");
        format!("{time}-{}", options.seed.suffix(&["run"], 4))
    });
    emitter.emit(What::RunStarted {
        schema: SCHEMA,
        run: run.clone(),
        seed: options.seed,
        lane: options.selection.membership(),
        jobs: options.jobs,
        environment: facts,
        cases: planned.iter().map(CaseFacts::from).collect(),
    });
    let shared = Arc::new(Shared {
        target,
        harness,
        emitter: emitter.clone(),
        run,
        seed: options.seed,
        scale: options.timeout_scale,
        retries: options.retries.unwrap_or(policy.retries),
        keep: options.keep,
        artifacts: options.artifacts.clone(),
        interrupt: interrupt.clone(),
        cancel: interrupt.cancel().child_token(),
    });
    let cancel = shared.cancel.clone();
    let fail_fast = options.fail_fast.or(policy.fail_fast).unwrap_or(0);
    let dispatcher = Dispatcher {
        shared,
        queue: planned.into(),
        capacity: options.jobs.max(1),
        fail_fast,
        flaky: options.flaky.unwrap_or(policy.flaky),
        running: BTreeMap::new(),
        tasks: JoinSet::new(),
        task_cases: BTreeMap::new(),
        inbox,
        emitter,
        events,
        sequence: 0,
        summary: Summary::default(),
        failures: 0,
        cancel,
        signals: interrupt.watch(),
        heartbeat: options.heartbeat,
    };
    dispatcher.run().await
}

impl From<&Planned> for CaseFacts {
    fn from(planned: &Planned) -> Self {
        Self {
            case: planned.name.clone(),
            title: planned.case.title.to_owned(),
            area: planned.case.area.to_string(),
        }
    }
}

/// A case that runs, as the dispatcher sees it.
struct Slot {
    weight: usize,
    serial: bool,
    locks: &'static [Lock],
    step: String,
    since_ms: u64,
}

struct Dispatcher {
    shared: Arc<Shared>,
    queue: VecDeque<Planned>,
    capacity: usize,
    fail_fast: usize,
    flaky: FlakyPolicy,
    running: BTreeMap<String, Slot>,
    tasks: JoinSet<()>,
    task_cases: BTreeMap<tokio::task::Id, String>,
    inbox: mpsc::UnboundedReceiver<Stamped>,
    emitter: Emitter,
    events: mpsc::UnboundedSender<Event>,
    sequence: u64,
    summary: Summary,
    failures: usize,
    cancel: CancellationToken,
    signals: watch::Receiver<Option<(StopSignal, u32)>>,
    heartbeat: Duration,
}

impl Dispatcher {
    async fn run(mut self) -> Summary {
        self.skip();
        let mut heartbeat = interval_at(Instant::now() + self.heartbeat, self.heartbeat);
        let mut left = false;
        loop {
            self.start_what_fits();
            if self.running.is_empty() && self.queue.is_empty() {
                break;
            }
            tokio::select! {
                Some(stamped) = self.inbox.recv() => self.take(stamped, &mut heartbeat),
                Some(joined) = self.tasks.join_next_with_id() => self.joined(joined),
                Ok(()) = self.signals.changed() => {
                    if self.signalled() {
                        left = true;
                        break;
                    }
                }
                _ = heartbeat.tick() => self.say_what_runs(),
            }
        }
        if left {
            self.abandon().await;
        }
        self.finish()
    }

    /// Gives a result to every case that the plan skips.
    fn skip(&mut self) {
        self.queue.retain(|planned| {
            if let Some(skip) = &planned.skip {
                self.emitter.emit(What::CaseFinished {
                    case: planned.name.clone(),
                    outcome: Outcome::Skipped,
                    skip: Some(skip.clone()),
                    failure: None,
                    took_ms: 0,
                });
            }
            planned.skip.is_none()
        });
    }

    fn start_what_fits(&mut self) {
        if self.cancel.is_cancelled() {
            self.cancel_queue("the run was stopped before it started");
            return;
        }
        while let Some(index) = self.queue.iter().position(|next| self.fits(&next.case)) {
            let Some(planned) = self.queue.remove(index) else {
                return;
            };
            let case = &planned.case;
            self.running.insert(
                planned.name.clone(),
                Slot {
                    weight: case.weight.min(self.capacity),
                    serial: case.serial,
                    locks: case.locks,
                    step: "starting".to_owned(),
                    since_ms: self.emitter.elapsed_ms(),
                },
            );
            let name = planned.name.clone();
            let handle = self
                .tasks
                .spawn(run_case(Arc::clone(&self.shared), planned));
            self.task_cases.insert(handle.id(), name);
        }
    }

    fn fits(&self, case: &Case) -> bool {
        let mut slots = self.running.values();
        if self.running.is_empty() {
            return true;
        }
        let used: usize = self.running.values().map(|slot| slot.weight).sum();
        !case.serial
            && used + case.weight.min(self.capacity) <= self.capacity
            && !slots
                .any(|slot| slot.serial || slot.locks.iter().any(|lock| case.locks.contains(lock)))
    }

    fn cancel_queue(&mut self, reason: &str) {
        for planned in self.queue.drain(..) {
            self.emitter.emit(What::CaseFinished {
                case: planned.name,
                outcome: Outcome::Cancelled,
                skip: None,
                failure: Some(Failure::new(reason)),
                took_ms: 0,
            });
        }
    }

    /// Puts an event into the stream and acts on it.
    fn take(&mut self, stamped: Stamped, heartbeat: &mut Interval) {
        match &stamped.what {
            What::StepStarted { case, title, .. } => {
                if let Some(slot) = self.running.get_mut(case) {
                    slot.step.clone_from(title);
                    slot.since_ms = stamped.elapsed_ms;
                }
            }
            What::CaseFinished { case, outcome, .. } => {
                heartbeat.reset();
                self.running.remove(case);
                if outcome.is_failure() {
                    self.failures += 1;
                    if self.failures == self.fail_fast && !self.cancel.is_cancelled() {
                        self.emitter.emit(What::FailedFast {
                            failures: self.failures,
                        });
                        self.cancel.cancel();
                    }
                }
            }
            _ => {}
        }
        self.publish(stamped);
    }

    fn publish(&mut self, stamped: Stamped) {
        let event = Event {
            sequence: self.sequence,
            at: stamped.at,
            elapsed_ms: stamped.elapsed_ms,
            what: stamped.what,
        };
        self.sequence += 1;
        self.summary.apply(&event);
        // A reader that went away does not stop the run.
        drop(self.events.send(event));
    }

    /// A worker that ended in a panic has not said so itself.
    fn joined(&mut self, joined: Result<(tokio::task::Id, ()), JoinError>) {
        let error = match joined {
            Ok((id, ())) => {
                self.task_cases.remove(&id);
                return;
            }
            Err(error) => error,
        };
        if let Some(case) = self.task_cases.remove(&error.id()) {
            self.emitter.emit(What::CaseFinished {
                case,
                outcome: Outcome::Error,
                skip: None,
                failure: Some(Failure::new(format!("the runner {}", panic_text(error)))),
                took_ms: 0,
            });
        }
    }

    /// Takes note of a signal; true when it is time to leave.
    fn signalled(&mut self) -> bool {
        let Some((signal, count)) = *self.signals.borrow_and_update() else {
            return false;
        };
        self.emitter.emit(What::Interrupted { signal, count });
        count >= 3
    }

    /// Stops the workers where they are and gives their cases a result.
    async fn abandon(&mut self) {
        self.tasks.shutdown().await;
        self.cancel_queue("the run was left");
        // What the workers still said comes first; a case that ended must not end twice.
        while let Ok(stamped) = self.inbox.try_recv() {
            if let What::CaseFinished { case, .. } = &stamped.what {
                self.running.remove(case);
            }
            self.publish(stamped);
        }
        for case in std::mem::take(&mut self.running).into_keys() {
            self.emitter.emit(What::CaseFinished {
                case,
                outcome: Outcome::Cancelled,
                skip: None,
                failure: Some(Failure::new("the run was left")),
                took_ms: 0,
            });
        }
    }

    fn say_what_runs(&self) {
        let now = self.emitter.elapsed_ms();
        let mut slots: Vec<(&String, &Slot)> = self.running.iter().collect();
        slots.sort_by_key(|(_, slot)| slot.since_ms);
        self.emitter.emit(What::StillRunning {
            cases: slots
                .into_iter()
                .map(|(case, slot)| Running {
                    case: case.clone(),
                    step: slot.step.clone(),
                    for_ms: now.saturating_sub(slot.since_ms),
                })
                .collect(),
        });
    }

    fn finish(mut self) -> Summary {
        while let Ok(stamped) = self.inbox.try_recv() {
            self.publish(stamped);
        }
        let signal = self.shared.interrupt.received().map(|(signal, _)| signal);
        let last = self.emitter.emit(What::RunFinished {
            tally: self.summary.tally,
            verdict: Verdict::of(&self.summary.tally, self.flaky, signal),
            took_ms: self.emitter.elapsed_ms(),
        });
        self.publish(last);
        self.summary
    }
}
