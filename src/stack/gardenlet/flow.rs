//! How far the work on a Shoot got. Pure.

use crate::stack::error::ReconcileError;

/// How one task stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Not looked at yet, because a task before it is not done.
    Blocked,
    /// Under way; what it waits for.
    Waiting(String),
    /// Failed; why, and Gardener's codes for it.
    Failed {
        description: String,
        codes: Vec<String>,
    },
    /// Done.
    Done,
}

/// The tasks of one operation, in order.
#[derive(Clone, Debug)]
pub(crate) struct Flow {
    tasks: Vec<(&'static str, State)>,
}

impl Flow {
    /// An operation of which nothing is done.
    pub(crate) fn new(tasks: &[&'static str]) -> Self {
        let tasks = tasks.iter().map(|task| (*task, State::Blocked)).collect();
        Self { tasks }
    }

    /// Takes the outcome of a task: done, or what it waits for.
    pub(crate) fn record(
        &mut self,
        task: &'static str,
        outcome: Result<Option<String>, ReconcileError>,
    ) {
        let state = match outcome {
            Ok(None) => State::Done,
            Ok(Some(reason)) => State::Waiting(reason),
            Err(error) => State::Failed {
                description: error.to_string(),
                codes: error.codes(),
            },
        };
        if let Some((_, slot)) = self.tasks.iter_mut().find(|(name, _)| *name == task) {
            *slot = state;
        }
    }

    /// Whether all of these tasks are done. Tasks that the flow lacks count as done.
    pub(crate) fn are_done(&self, tasks: &[&str]) -> bool {
        self.tasks
            .iter()
            .filter(|(name, _)| tasks.contains(name))
            .all(|(_, state)| *state == State::Done)
    }

    /// Whether everything is done.
    pub(crate) fn is_done(&self) -> bool {
        self.tasks.iter().all(|(_, state)| *state == State::Done)
    }

    /// The state of a task.
    pub(crate) fn state(&self, task: &str) -> Option<&State> {
        self.tasks
            .iter()
            .find(|(name, _)| *name == task)
            .map(|(_, state)| state)
    }

    /// Progress in percent; 100 only when everything is done.
    pub(crate) fn percent(&self) -> i32 {
        let done = self
            .tasks
            .iter()
            .filter(|(_, state)| *state == State::Done)
            .count();
        let percent = (done * 100).checked_div(self.tasks.len()).unwrap_or(100);
        i32::try_from(percent).unwrap_or(100)
    }

    /// What is waited for, as a sentence for people.
    pub(crate) fn description(&self) -> String {
        let waiting: Vec<&str> = self
            .tasks
            .iter()
            .filter_map(|(_, state)| match state {
                State::Waiting(reason) => Some(reason.as_str()),
                _ => None,
            })
            .collect();
        waiting.join(", ")
    }

    /// The failures: task, description, codes.
    pub(crate) fn failures(&self) -> impl Iterator<Item = (&'static str, &str, &[String])> {
        self.tasks.iter().filter_map(|(task, state)| match state {
            State::Failed { description, codes } => {
                Some((*task, description.as_str(), codes.as_slice()))
            }
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_counts_what_is_done() {
        let mut flow = Flow::new(&["a", "b", "c"]);
        assert_eq!(flow.percent(), 0);
        flow.record("a", Ok(None));
        flow.record("b", Ok(Some("waiting for b".to_owned())));
        assert_eq!((flow.percent(), flow.is_done()), (33, false));
        assert!(flow.are_done(&["a", "not there"]));
        assert!(!flow.are_done(&["a", "b"]));
        assert_eq!(flow.description(), "waiting for b");
        flow.record("b", Ok(None));
        flow.record("c", Err(ReconcileError::configuration("no")));
        let failures: Vec<_> = flow
            .failures()
            .map(|(task, what, _)| (task, what))
            .collect();
        assert_eq!(failures, [("c", "no")]);
        flow.record("c", Ok(None));
        assert_eq!((flow.percent(), flow.is_done()), (100, true));
    }
}
