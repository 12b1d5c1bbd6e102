//! Telling a slow line from one that drips to keep us waiting.

use std::time::Duration;

/// Bytes per second below which a stream counts as not moving.
const SLOWEST: u64 = 1024;

/// The bytes that came, and the time that was spent waiting for them, since the last look.
#[derive(Debug)]
pub(super) struct Pace {
    patience: Duration,
    waited: Duration,
    bytes: u64,
}

impl Pace {
    /// A stream that is given up when it does not move for `patience`.
    pub(super) fn new(patience: Duration) -> Self {
        Self {
            patience,
            waited: Duration::ZERO,
            bytes: 0,
        }
    }

    /// Notes that `bytes` came after `waited`, and says whether the stream drips.
    pub(super) fn drips(&mut self, bytes: usize, waited: Duration) -> bool {
        self.bytes += bytes as u64;
        self.waited += waited;
        if self.waited < self.patience {
            return false;
        }
        let needed = u128::from(SLOWEST) * self.waited.as_millis() / 1000;
        let drips = u128::from(self.bytes) < needed;
        self.waited = Duration::ZERO;
        self.bytes = 0;
        drips
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_stream_of_single_bytes_is_given_up_and_a_slow_one_is_not() {
        let mut pace = Pace::new(10 * SECOND);
        assert!((0..9).all(|_| !pace.drips(1, SECOND)));
        assert!(pace.drips(1, SECOND));
        let mut pace = Pace::new(10 * SECOND);
        assert!((0..100).all(|_| !pace.drips(2048, SECOND)));
    }

    #[test]
    fn time_in_which_nobody_waited_does_not_count() {
        let mut pace = Pace::new(SECOND);
        assert!((0..1000).all(|_| !pace.drips(1, Duration::ZERO)));
    }
}
