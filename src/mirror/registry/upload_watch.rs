//! Watching a streamed upload from outside: whether it moves, and what the source said when it ended early.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicU8, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use tokio::time::{Instant, sleep};

use super::Patience;
use crate::mirror::MirrorError;

const SENDING: u8 = 0;
const READING: u8 = 1;
const ENDED: u8 = 2;

/// The state of one streamed upload.
#[derive(Debug)]
pub(super) struct UploadWatch {
    /// Who is waited for: the target, the source, or the target's answer.
    phase: AtomicU8,
    since: Mutex<Instant>,
    error: Mutex<Option<MirrorError>>,
}

impl UploadWatch {
    pub(super) fn new() -> Self {
        Self {
            phase: AtomicU8::new(SENDING),
            since: Mutex::new(Instant::now()),
            error: Mutex::default(),
        }
    }

    /// Gets the next chunk from the source; nothing at its end, or when it failed.
    pub(super) async fn fetch(
        &self,
        next: impl Future<Output = Result<Option<Bytes>, MirrorError>>,
    ) -> Option<Bytes> {
        self.enter(READING);
        match next.await {
            Ok(Some(chunk)) => {
                self.enter(SENDING);
                Some(chunk)
            }
            Ok(None) => {
                self.enter(ENDED);
                None
            }
            Err(error) => {
                self.enter(ENDED);
                *self.error.lock().expect("no panic happens under this lock") = Some(error);
                None
            }
        }
    }

    /// Ends when the target takes nothing any more, or does not answer after the end. A source that is slow is
    /// not its fault, and watches itself.
    pub(super) async fn stalls(&self, patience: &Patience) -> Duration {
        loop {
            let limit = match self.phase.load(Ordering::Acquire) {
                ENDED => patience.commit,
                _ => patience.stall,
            };
            let quiet = self
                .since
                .lock()
                .expect("no panic happens under this lock")
                .elapsed();
            if self.phase.load(Ordering::Acquire) != READING && quiet >= limit {
                return limit;
            }
            sleep(limit.saturating_sub(quiet).max(limit / 10)).await;
        }
    }

    pub(super) fn failed(&self) -> bool {
        self.error
            .lock()
            .expect("no panic happens under this lock")
            .is_some()
    }

    pub(super) fn take_error(&self) -> Option<MirrorError> {
        self.error
            .lock()
            .expect("no panic happens under this lock")
            .take()
    }

    fn enter(&self, phase: u8) {
        *self.since.lock().expect("no panic happens under this lock") = Instant::now();
        self.phase.store(phase, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_target_that_takes_nothing_is_noticed_and_a_slow_source_is_not_blamed_on_it() {
        let patience = Patience::default();
        let watch = UploadWatch::new();
        let begun = Instant::now();
        assert_eq!(watch.stalls(&patience).await, patience.stall);
        assert!(begun.elapsed() < patience.stall * 2);
        let slow = async {
            sleep(patience.stall * 3).await;
            Ok(Some(Bytes::from_static(b"x")))
        };
        let watched = async {
            tokio::select! {
                _ = watch.stalls(&patience) => None,
                chunk = watch.fetch(slow) => chunk,
            }
        };
        watch.enter(READING);
        assert_eq!(watched.await, Some(Bytes::from_static(b"x")));
    }

    #[tokio::test(start_paused = true)]
    async fn storing_what_was_sent_may_take_longer_than_sending() {
        let patience = Patience::default();
        let watch = UploadWatch::new();
        assert_eq!(watch.fetch(async { Ok(None) }).await, None);
        assert_eq!(watch.stalls(&patience).await, patience.commit);
    }
}
