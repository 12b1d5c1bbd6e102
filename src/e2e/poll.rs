//! Waiting, the only way that cases may wait: bounded, observed, and with the last states kept.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

use super::{
    case::TimeoutClass,
    context::Context,
    failure::{CaseResult, Failure, Stop, describe},
};

/// How many distinct states a time-out shows.
const SHOWN_STATES: usize = 3;
/// The first pause between two looks; each is half as long again as the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// How long [`Context::consistently`] looks, before scaling.
const CONSISTENCY_WINDOW: Duration = Duration::from_millis(600);
/// How often [`Context::consistently`] looks at least, however slow the host is.
const FEWEST_LOOKS: u32 = 5;

/// What one look found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look<T> {
    /// It is as it should be.
    Done(T),
    /// Not yet; this is how it is now.
    NotYet(String),
    /// It can never become as it should be.
    Hopeless(String),
}

impl<T> Look<T> {
    /// Done with `value`, or not yet, in the state that `state` describes.
    pub fn when(done: bool, value: T, state: impl FnOnce() -> String) -> Self {
        if done {
            Self::Done(value)
        } else {
            Self::NotYet(state())
        }
    }
}

impl Context {
    /// Looks until it is done, hopeless, or the time of `class` is over.
    ///
    /// An API error is an observation like any other: servers restart and objects come late.
    pub async fn eventually<T, F>(
        &self,
        subject: &str,
        class: TimeoutClass,
        mut look: impl FnMut() -> F + Send,
    ) -> CaseResult<T>
    where
        F: Future<Output = Result<Look<T>, kube::Error>> + Send,
    {
        let limit = self.scaled(class.limit());
        let started = Instant::now();
        // Ending before the case is stopped from outside keeps what was observed.
        let deadline = (started + limit).min(self.poll_deadline());
        let recorder = self.recorder();
        recorder.wait_for(subject);
        let mut pause = FIRST_PAUSE;
        loop {
            let state = match timeout_at(deadline, look()).await {
                Ok(Ok(Look::Done(value))) => return Ok(value),
                Ok(Ok(Look::NotYet(state))) => state,
                Ok(Ok(Look::Hopeless(state))) => {
                    recorder.observe(subject, &state);
                    return Err(self.gave_up(format!("{subject}: this can no longer happen")));
                }
                Ok(Err(error)) => describe(&error),
                Err(_) => "no answer".to_owned(),
            };
            recorder.observe(subject, &state);
            if Instant::now() + pause >= deadline {
                let waited = started.elapsed().as_secs_f64();
                return Err(self.gave_up(format!("{subject}: not within {waited:.1} s")));
            }
            sleep(pause).await;
            pause = (pause * 3 / 2).min(LONGEST_PAUSE);
        }
    }

    /// Looks for a while and fails as soon as it is not [`Look::Done`].
    ///
    /// An API error fails it as well: what cannot be seen is not known to hold.
    pub async fn consistently<F>(
        &self,
        subject: &str,
        mut look: impl FnMut() -> F + Send,
    ) -> CaseResult
    where
        F: Future<Output = Result<Look<()>, kube::Error>> + Send,
    {
        let window = self.scaled(CONSISTENCY_WINDOW);
        let end = (Instant::now() + window).min(self.poll_deadline());
        let recorder = self.recorder();
        recorder.wait_for(subject);
        let mut looks = 0;
        loop {
            looks += 1;
            match look().await? {
                Look::Done(()) => {}
                Look::NotYet(state) | Look::Hopeless(state) => {
                    recorder.observe(subject, &state);
                    return Err(self.gave_up(format!("{subject}: did not stay so")));
                }
            }
            if Instant::now() >= end && looks >= FEWEST_LOOKS {
                return Ok(());
            }
            sleep(window / (2 * FEWEST_LOOKS)).await;
        }
    }

    fn gave_up(&self, message: String) -> Stop {
        Stop::Failed(Box::new(Failure {
            observations: self.recorder().last_observations(SHOWN_STATES),
            ..Failure::new(message)
        }))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::e2e::testing::context;

    fn failure(stop: Stop) -> Failure {
        match stop {
            Stop::Failed(failure) => *failure,
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn looks_until_it_is_done() {
        let looks = AtomicUsize::new(0);
        let found = context()
            .eventually("it", TimeoutClass::Reconcile, || async {
                let look = looks.fetch_add(1, Ordering::Relaxed);
                Ok(Look::when(look == 5, look, || format!("look {look}")))
            })
            .await;
        assert_eq!(found, Ok(5));
    }

    #[tokio::test]
    async fn a_time_out_shows_the_last_three_distinct_states() {
        let looks = AtomicUsize::new(0);
        let stop = context()
            .eventually::<(), _>("it", TimeoutClass::Api, || async {
                let look = looks.fetch_add(1, Ordering::Relaxed);
                Ok(Look::NotYet(format!("state {}", look.min(3))))
            })
            .await
            .unwrap_err();
        let failure = failure(stop);
        assert!(failure.message.starts_with("it: not within"), "{failure}");
        let states: Vec<_> = failure.observations.into_iter().map(|o| o.state).collect();
        assert_eq!(states, ["state 1", "state 2", "state 3"]);
    }

    #[tokio::test]
    async fn a_look_that_hangs_ends_in_time() {
        let stop = context()
            .eventually::<(), _>("it", TimeoutClass::Api, std::future::pending)
            .await
            .unwrap_err();
        assert_eq!(failure(stop).observations[0].state, "no answer");
    }

    #[tokio::test]
    async fn what_is_hopeless_ends_at_once() {
        let stop = context()
            .eventually::<(), _>("it", TimeoutClass::ShootUp, || async {
                Ok(Look::Hopeless("gone".to_owned()))
            })
            .await
            .unwrap_err();
        assert_eq!(failure(stop).observations[0].state, "gone");
    }

    #[tokio::test]
    async fn what_does_not_stay_is_noticed() {
        let looks = AtomicUsize::new(0);
        let look = || async {
            let look = looks.fetch_add(1, Ordering::Relaxed);
            Ok(Look::when(look < 3, (), || "broke".to_owned()))
        };
        let stop = context().consistently("it", look).await.unwrap_err();
        assert_eq!(failure(stop).observations[0].state, "broke");
        let steady = || async { Ok(Look::Done(())) };
        assert_eq!(context().consistently("it", steady).await, Ok(()));
    }
}
