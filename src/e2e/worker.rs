//! Runs one case: attempts, time limit, panics, collection, clean-up.

use std::{path::PathBuf, sync::Arc, time::Duration};

use tokio::{
    task::JoinError,
    time::{Instant, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    case::TimeoutClass,
    collect::{self, Collection},
    context::{Context, Timing},
    event::{Phase, What},
    failure::{CaseResult, Failure, Skip, Stop},
    interrupt::Interrupt,
    isolation::{Leftover, Place},
    outcome::Outcome,
    plan::Planned,
    recorder::{Emitter, Recorder},
    report::FailurePage,
    run::{Harness, Keep},
    seed::Seed,
    target::Target,
};

/// What all workers of a run share.
pub(super) struct Shared {
    pub(super) target: Arc<Target>,
    pub(super) harness: Harness,
    pub(super) emitter: Emitter,
    pub(super) run: String,
    pub(super) seed: Seed,
    pub(super) scale: f64,
    pub(super) retries: u32,
    pub(super) keep: Keep,
    pub(super) artifacts: Option<PathBuf>,
    pub(super) interrupt: Interrupt,
    /// Cancelled by the first signal and by failing fast.
    pub(super) cancel: CancellationToken,
}

/// How an attempt ended.
#[derive(Debug)]
struct End {
    outcome: Outcome,
    skip: Option<Skip>,
    failure: Option<Failure>,
}

impl End {
    fn of(outcome: Outcome, failure: Failure) -> Self {
        Self {
            outcome,
            skip: None,
            failure: Some(failure),
        }
    }

    fn passed() -> Self {
        Self {
            outcome: Outcome::Passed,
            skip: None,
            failure: None,
        }
    }
}

/// Runs a case to its result. The last event is always [`What::CaseFinished`].
pub(super) async fn run_case(shared: Arc<Shared>, planned: Planned) {
    let case = planned.name.clone();
    let started = Instant::now();
    shared
        .emitter
        .emit(What::CaseStarted { case: case.clone() });
    let mut number = 1;
    let mut first_failure = None;
    let mut end = run_attempt(&shared, &planned, number).await;
    while end.outcome.is_failure() && number <= shared.retries && !shared.cancel.is_cancelled() {
        first_failure = first_failure.or(end.failure.take());
        number += 1;
        end = run_attempt(&shared, &planned, number).await;
    }
    if number > 1 && end.outcome == Outcome::Passed {
        end.outcome = Outcome::Flaky;
        end.failure = first_failure;
    }
    shared.emitter.emit(What::CaseFinished {
        case,
        outcome: end.outcome,
        skip: end.skip,
        failure: end.failure,
        took_ms: millis(started.elapsed()),
    });
}

async fn run_attempt(shared: &Shared, planned: &Planned, number: u32) -> End {
    let case = &planned.case;
    let started = Instant::now();
    let place = Place::new(&shared.run, shared.seed, case.id, number, case.namespaced);
    let recorder = Recorder::new(planned.name.clone(), number, shared.emitter.clone());
    recorder.record(What::AttemptStarted {
        case: planned.name.clone(),
        attempt: number,
        namespace: place.namespace.clone(),
    });

    let mut collection = Collection {
        namespaces: place.namespace.iter().cloned().collect(),
        owned: Vec::new(),
    };
    let mut end = if let Err(failure) = prepare(shared, &place, &recorder).await {
        End::of(Outcome::Error, failure)
    } else {
        let context = Context::new(
            Arc::clone(&shared.target),
            place.clone(),
            recorder.clone(),
            Timing::starting_now(case.timeout.limit(), shared.scale),
        );
        let end = perform(shared, planned, &context).await;
        collection.namespaces.extend(context.related());
        collection.owned = context.owned();
        end
    };
    if let Some(failure) = &mut end.failure {
        failure.step = recorder.current().map(|(_, title)| title);
    }

    let folder = shared
        .artifacts
        .as_ref()
        .map(|root| collect::Folder::new(root, &planned.name, number));
    let mut files = Vec::new();
    if let Some(folder) = &folder
        && (end.outcome.is_failure() || end.outcome == Outcome::Cancelled)
    {
        let work = collect::run(&shared.harness.collectors, &collection, folder, &recorder);
        files = unless_hurried(shared, work).await.unwrap_or_default();
    }

    let left_behind = if shared.keep.keeps(end.outcome) {
        Vec::new()
    } else {
        clean(shared, &place, &collection.owned, &recorder).await
    };
    if !left_behind.is_empty() && end.outcome == Outcome::Passed {
        let message = format!("left behind: {}", left_behind.join(", "));
        end = End::of(Outcome::Leaked, Failure::new(message));
    }

    if let Some(folder) = &folder
        && end.outcome.is_failure()
    {
        let page = FailurePage {
            run: &shared.run,
            seed: shared.seed,
            environment: &shared.target.name,
            case: &planned.name,
            id: case.id,
            title: case.title,
            purpose: case.purpose,
            attempt: number,
            outcome: end.outcome,
            failure: end.failure.as_ref(),
            left_behind: &left_behind,
            events: &recorder.events(),
            files: &files,
        };
        collect::write_pages(folder, &page, files.clone(), &recorder);
    }
    recorder.record(What::AttemptFinished {
        case: planned.name.clone(),
        attempt: number,
        outcome: end.outcome,
        failure: end.failure.clone(),
        left_behind,
        took_ms: millis(started.elapsed()),
    });
    end
}

/// Makes the place of an attempt. This is the one thing that even a gate may try twice: it is
/// not what the case is about.
async fn prepare(shared: &Shared, place: &Place, recorder: &Recorder) -> Result<(), Failure> {
    if place.namespace.is_none() {
        return Ok(());
    }
    recorder.step(Phase::Arrange, "make the namespace");
    let limit = TimeoutClass::Api.limit().mul_f64(shared.scale);
    let mut reason = String::new();
    for _ in 0..2 {
        match timeout(limit, shared.harness.isolation.prepare(place)).await {
            Ok(Ok(())) => {
                recorder.leave_step();
                return Ok(());
            }
            Ok(Err(message)) => reason = message,
            Err(_) => reason = format!("no answer within {:.1} s", limit.as_secs_f64()),
        }
        recorder.observe("namespace", &reason);
    }
    Err(Failure::new(reason))
}

/// Runs the function of the case until it ends, its time is over, or the run is cancelled.
async fn perform(shared: &Shared, planned: &Planned, context: &Context) -> End {
    let recorder = context.recorder();
    let limit = planned.case.timeout.limit().mul_f64(shared.scale);
    let deadline = Instant::now() + limit;
    // A task of its own turns a panic into a value.
    let mut task = tokio::spawn(planned.case.start(context.clone()));
    let stopped = tokio::select! {
        result = &mut task => return judge(result, recorder),
        () = shared.cancel.cancelled() => {
            End::of(Outcome::Cancelled, Failure::new("the run was stopped"))
        }
        () = sleep_until(deadline) => {
            let mut message = format!("not done within {:.1} s", limit.as_secs_f64());
            if let Some(subject) = recorder.waiting_for() {
                message = format!("{message}, waiting for: {subject}");
            }
            End::of(Outcome::TimedOut, Failure {
                observations: recorder.last_observations(3),
                ..Failure::new(message)
            })
        }
    };
    task.abort();
    // The task must not act any more when its objects are collected and removed.
    match task.await {
        Ok(result) => judge(Ok(result), recorder),
        Err(error) if error.is_panic() => judge(Err(error), recorder),
        Err(_) => stopped,
    }
}

fn judge(result: Result<CaseResult, JoinError>, recorder: &Recorder) -> End {
    match result {
        Ok(Ok(())) => End::passed(),
        Ok(Err(Stop::Skipped(skip))) => End {
            outcome: Outcome::Skipped,
            skip: Some(skip),
            failure: None,
        },
        Ok(Err(Stop::Broken(failure))) => End::of(Outcome::Error, *failure),
        Ok(Err(Stop::Failed(failure))) => {
            let arranging = matches!(recorder.current(), Some((Phase::Arrange, _)));
            let outcome = if arranging {
                Outcome::Error
            } else {
                Outcome::Failed
            };
            End::of(outcome, *failure)
        }
        Err(error) => End::of(Outcome::Error, Failure::new(panic_text(error))),
    }
}

/// What a worker says about a task that did not end by itself.
pub(super) fn panic_text(error: JoinError) -> String {
    if !error.is_panic() {
        return "was stopped".to_owned();
    }
    let payload = error.into_panic();
    let text = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned());
    text.map_or_else(|| "panicked".to_owned(), |text| format!("panicked: {text}"))
}

/// Removes what the attempt made and returns what stayed. After a second signal nothing is
/// removed, and nothing is called left behind: the user wanted it so.
async fn clean(
    shared: &Shared,
    place: &Place,
    owned: &[Leftover],
    recorder: &Recorder,
) -> Vec<String> {
    if place.namespace.is_none() && owned.is_empty() {
        return Vec::new();
    }
    recorder.step(Phase::CleanUp, "remove what the case made");
    let limit = TimeoutClass::CleanUp.limit().mul_f64(shared.scale);
    let work = shared.harness.isolation.clean(place, owned, limit);
    unless_hurried(shared, work).await.unwrap_or_default()
}

/// Does some work unless the user is in a hurry, or gets into one meanwhile.
async fn unless_hurried<T>(shared: &Shared, work: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        biased;
        () = shared.interrupt.hurry().cancelled() => None,
        result = work => Some(result),
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
