//! Where a running attempt writes what it does: to the run, and to its own log.

use std::sync::{Arc, Mutex, MutexGuard};

use jiff::Timestamp;
use tokio::{sync::mpsc, time::Instant};

use super::{
    event::{Phase, What},
    failure::Observation,
};

/// An event that has a time but no place in the stream yet.
#[derive(Clone, Debug)]
pub(super) struct Stamped {
    /// When, by the wall clock.
    pub(super) at: Timestamp,
    /// When, since the start of the run.
    pub(super) elapsed_ms: u64,
    /// What.
    pub(super) what: What,
}

/// Stamps events and hands them to the dispatcher. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Emitter {
    started: Instant,
    sink: mpsc::UnboundedSender<Stamped>,
}

impl Emitter {
    /// Counts time from now.
    pub(super) fn new(sink: mpsc::UnboundedSender<Stamped>) -> Self {
        Self {
            started: Instant::now(),
            sink,
        }
    }

    /// Stamps and sends. Nobody listens any more when a run was left; then nothing happens.
    pub(super) fn emit(&self, what: What) -> Stamped {
        let stamped = Stamped {
            at: Timestamp::now(),
            elapsed_ms: self.elapsed_ms(),
            what,
        };
        drop(self.sink.send(stamped.clone()));
        stamped
    }

    /// Milliseconds since the start of the run.
    pub(super) fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// The record of one attempt.
#[derive(Clone, Debug)]
pub(super) struct Recorder {
    case: String,
    attempt: u32,
    emitter: Emitter,
    log: Arc<Mutex<Log>>,
}

#[derive(Debug, Default)]
struct Log {
    events: Vec<Stamped>,
    steps: u32,
    current: Option<(Phase, String)>,
    waiting_for: Option<String>,
    observations: Vec<Observation>,
}

impl Recorder {
    /// An empty record.
    pub(super) fn new(case: String, attempt: u32, emitter: Emitter) -> Self {
        Self {
            case,
            attempt,
            emitter,
            log: Arc::default(),
        }
    }

    /// The case that is recorded.
    pub(super) fn case(&self) -> &str {
        &self.case
    }

    /// The attempt that is recorded, counted from 1.
    pub(super) fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Writes an event.
    pub(super) fn record(&self, what: What) {
        let stamped = self.emitter.emit(what);
        self.log().events.push(stamped);
    }

    /// Starts a step.
    pub(super) fn step(&self, phase: Phase, title: &str) {
        let step = {
            let mut log = self.log();
            log.steps += 1;
            log.current = Some((phase, title.to_owned()));
            log.waiting_for = None;
            log.observations.clear();
            log.steps
        };
        self.record(What::StepStarted {
            case: self.case.clone(),
            attempt: self.attempt,
            step,
            phase,
            title: title.to_owned(),
        });
    }

    /// Forgets the step: what follows belongs to the case, and is an act unless it says otherwise.
    pub(super) fn leave_step(&self) {
        self.log().current = None;
    }

    /// Starts to wait for something; what was observed before belongs to something else.
    pub(super) fn wait_for(&self, subject: &str) {
        let mut log = self.log();
        log.waiting_for = Some(subject.to_owned());
        log.observations.clear();
    }

    /// Writes down a state unless it is the one that was seen last.
    pub(super) fn observe(&self, subject: &str, state: &str) {
        {
            let mut log = self.log();
            if log
                .observations
                .last()
                .is_some_and(|last| last.state == state)
            {
                return;
            }
            log.observations.push(Observation {
                at: Timestamp::now(),
                state: state.to_owned(),
            });
        }
        self.record(What::Observed {
            case: self.case.clone(),
            attempt: self.attempt,
            subject: subject.to_owned(),
            state: state.to_owned(),
        });
    }

    /// The current step.
    pub(super) fn current(&self) -> Option<(Phase, String)> {
        self.log().current.clone()
    }

    /// What is waited for, if anything.
    pub(super) fn waiting_for(&self) -> Option<String> {
        self.log().waiting_for.clone()
    }

    /// The last distinct states that were seen, oldest first.
    pub(super) fn last_observations(&self, count: usize) -> Vec<Observation> {
        let log = self.log();
        let start = log.observations.len().saturating_sub(count);
        log.observations[start..].to_vec()
    }

    /// Everything that was written so far.
    pub(super) fn events(&self) -> Vec<Stamped> {
        self.log().events.clone()
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().expect("no panic happens under this lock")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_that_does_not_change_is_written_once() {
        let (sink, mut events) = mpsc::unbounded_channel();
        let recorder = Recorder::new("X-01[v6]".to_owned(), 1, Emitter::new(sink));
        recorder.step(Phase::Act, "wait");
        for state in ["a", "a", "b", "b", "a", "c"] {
            recorder.observe("it", state);
        }
        let states = |observations: Vec<Observation>| -> Vec<String> {
            observations.into_iter().map(|seen| seen.state).collect()
        };
        assert_eq!(states(recorder.last_observations(3)), ["b", "a", "c"]);
        assert_eq!(states(recorder.last_observations(9)).len(), 4);
        let mut sent = 0;
        while events.try_recv().is_ok() {
            sent += 1;
        }
        assert_eq!(sent, 5, "one step and four observations");
    }
}
