//! How much is asked of one registry at a time, for all images together.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit},
    time::{Instant, sleep_until},
};

/// Streams of large blobs at a time. More of them only share the same line.
pub(super) const STREAMS: usize = 6;
/// Small blobs at a time.
const SMALL_BLOBS: usize = 16;
/// Short requests at a time; they never queue behind blobs.
const REQUESTS: usize = 16;

/// The limits of one registry.
#[derive(Debug)]
pub(super) struct HostLimits {
    requests: Semaphore,
    reading: Arc<Semaphore>,
    writing: Arc<Semaphore>,
    small: Arc<Semaphore>,
    /// Nothing is asked before, because the registry said so.
    not_before: Mutex<Option<Instant>>,
}

impl HostLimits {
    pub(super) fn new(streams: usize) -> Self {
        Self {
            requests: Semaphore::new(REQUESTS),
            reading: Arc::new(Semaphore::new(streams.max(1) + SMALL_BLOBS)),
            writing: Arc::new(Semaphore::new(streams.max(1))),
            small: Arc::new(Semaphore::new(SMALL_BLOBS)),
            not_before: Mutex::default(),
        }
    }

    /// Waits for a place among the short requests.
    pub(super) async fn request(&self) -> SemaphorePermit<'_> {
        let permit = self.requests.acquire().await;
        self.held_back().await;
        permit.expect("invariant: the semaphore is never closed")
    }

    /// Waits for a place among the blobs that are read. Who writes one too has its place there first, so nobody
    /// waits in a circle.
    pub(super) async fn reading(&self) -> OwnedSemaphorePermit {
        place(&self.reading).await
    }

    /// Waits for a place among the large blobs that are written.
    pub(super) async fn writing(&self) -> OwnedSemaphorePermit {
        place(&self.writing).await
    }

    /// Waits for a place among the small blobs that are written: they are held in memory, and wait for answers
    /// rather than for the line.
    pub(super) async fn small(&self) -> OwnedSemaphorePermit {
        place(&self.small).await
    }

    /// Waits until the registry may be asked again.
    pub(super) async fn held_back(&self) {
        loop {
            let until = *self
                .not_before
                .lock()
                .expect("no panic happens under this lock");
            match until {
                Some(until) if until > Instant::now() => sleep_until(until).await,
                _ => return,
            }
        }
    }

    /// Holds back every request to the registry: it has had too many.
    pub(super) fn hold_back(&self, pause: Duration) {
        let until = Instant::now() + pause;
        let mut not_before = self
            .not_before
            .lock()
            .expect("no panic happens under this lock");
        *not_before = Some(not_before.map_or(until, |before| before.max(until)));
    }
}

async fn place(semaphore: &Arc<Semaphore>) -> OwnedSemaphorePermit {
    let permit = Arc::clone(semaphore).acquire_owned().await;
    permit.expect("invariant: the semaphore is never closed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn one_refusal_holds_back_every_request() {
        let limits = HostLimits::new(1);
        limits.hold_back(Duration::from_secs(30));
        limits.hold_back(Duration::from_secs(5));
        let started = Instant::now();
        drop(limits.request().await);
        assert!(started.elapsed() >= Duration::from_secs(30));
        let started = Instant::now();
        drop(limits.request().await);
        assert_eq!(started.elapsed(), Duration::ZERO);
    }
}
