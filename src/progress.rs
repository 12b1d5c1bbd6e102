//! Progress of long jobs as events: who works reports steps, who watches decides how they look.

use std::{fmt, sync::Arc, time::Duration};

/// One thing that happened in a step. Steps are numbered in the order in which they start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProgressEvent {
    /// A step starts.
    Started {
        /// Number of the step.
        step: u64,
        /// What is being done, as a noun: `docker network kind`.
        title: String,
    },
    /// A step says what it does or waits for.
    Detail {
        /// Number of the step.
        step: u64,
        /// What is going on now.
        text: String,
    },
    /// A step ended well.
    Done {
        /// Number of the step.
        step: u64,
        /// What came of it: `created`, `already there`.
        outcome: String,
        /// How long it took.
        took: Duration,
    },
    /// A step did not reach its end; the error itself travels as a return value.
    Failed {
        /// Number of the step.
        step: u64,
        /// How long it took.
        took: Duration,
    },
    /// Something the user should know that stops nothing.
    Warning {
        /// What it is and what follows from it.
        text: String,
    },
}

/// Receives progress events, from any thread.
pub trait ProgressSink: Send + Sync {
    /// Takes one event.
    fn event(&self, event: ProgressEvent);
}

struct Silent;

impl ProgressSink for Silent {
    fn event(&self, _: ProgressEvent) {}
}

/// Where a job reports its steps. Cheap to clone.
#[derive(Clone)]
pub struct Progress {
    sink: Arc<dyn ProgressSink>,
    next: Arc<std::sync::atomic::AtomicU64>,
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Progress").finish_non_exhaustive()
    }
}

impl Progress {
    /// Reports to `sink`.
    pub fn new(sink: Arc<dyn ProgressSink>) -> Self {
        Self {
            sink,
            next: Arc::default(),
        }
    }

    /// Reports to nobody.
    pub fn silent() -> Self {
        Self::new(Arc::new(Silent))
    }

    /// Starts a step. Dropped without [`Step::done`], it counts as failed.
    pub fn step(&self, title: impl Into<String>) -> Step {
        let step = self.next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        self.sink.event(ProgressEvent::Started {
            step,
            title: title.into(),
        });
        Step {
            sink: Arc::clone(&self.sink),
            number: step,
            started: std::time::Instant::now(),
            open: true,
        }
    }

    /// Says something that stops nothing.
    pub fn warn(&self, text: impl Into<String>) {
        self.sink
            .event(ProgressEvent::Warning { text: text.into() });
    }
}

/// A step that is under way.
#[must_use = "a dropped step counts as failed"]
pub struct Step {
    sink: Arc<dyn ProgressSink>,
    number: u64,
    started: std::time::Instant,
    open: bool,
}

impl Step {
    /// Says what the step does or waits for.
    pub fn detail(&self, text: impl Into<String>) {
        self.sink.event(ProgressEvent::Detail {
            step: self.number,
            text: text.into(),
        });
    }

    /// Ends the step well.
    pub fn done(mut self, outcome: impl Into<String>) {
        self.open = false;
        self.sink.event(ProgressEvent::Done {
            step: self.number,
            outcome: outcome.into(),
            took: self.started.elapsed(),
        });
    }
}

impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Step")
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        if self.open {
            self.sink.event(ProgressEvent::Failed {
                step: self.number,
                took: self.started.elapsed(),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[derive(Default)]
    struct Recorder(Mutex<Vec<String>>);

    impl ProgressSink for Recorder {
        fn event(&self, event: ProgressEvent) {
            let line = match event {
                ProgressEvent::Started { step, title } => format!("{step} starts {title}"),
                ProgressEvent::Detail { step, text } => format!("{step} {text}"),
                ProgressEvent::Done { step, outcome, .. } => format!("{step} done {outcome}"),
                ProgressEvent::Failed { step, .. } => format!("{step} failed"),
                ProgressEvent::Warning { text } => format!("warning {text}"),
            };
            self.0.lock().unwrap().push(line);
        }
    }

    #[test]
    fn a_step_that_is_dropped_counts_as_failed() {
        let recorder = Arc::new(Recorder::default());
        let progress = Progress::new(Arc::<Recorder>::clone(&recorder));
        let network = progress.step("network");
        network.detail("creating");
        network.done("created");
        drop(progress.step("cluster"));
        assert_eq!(
            *recorder.0.lock().unwrap(),
            [
                "0 starts network",
                "0 creating",
                "0 done created",
                "1 starts cluster",
                "1 failed"
            ]
        );
    }
}
