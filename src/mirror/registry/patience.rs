//! How long is waited for registries, and how often they are asked again.

use std::time::Duration;

use http::{HeaderMap, StatusCode, header::RETRY_AFTER};
use jiff::{Timestamp, fmt::rfc2822};

/// Time-outs and attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Attempts in total, the first included.
    pub attempts: u32,
    /// Pause before the second attempt; it doubles from then on.
    pub first_pause: Duration,
    /// A registry that asks for a longer pause is not waited for.
    pub longest_pause: Duration,
    /// For a connection.
    pub connect: Duration,
    /// For the beginning of an answer, once everything is sent.
    pub answer: Duration,
    /// For a stream of bytes that does not go on, or drips.
    pub stall: Duration,
    /// For a registry to store a blob that it has all of.
    pub commit: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            attempts: 5,
            first_pause: Duration::from_millis(200),
            longest_pause: Duration::from_secs(60),
            connect: Duration::from_secs(10),
            answer: Duration::from_secs(60),
            stall: Duration::from_secs(30),
            commit: Duration::from_secs(300),
        }
    }
}

impl Patience {
    /// The pause after `attempt` (counted from one): what the registry asks for, else doubling, with jitter so
    /// that many clients do not come back together.
    ///
    /// `None` means that it is not worth waiting: attempts are used up, or the registry asks for more patience.
    pub(super) fn pause(
        &self,
        attempt: u32,
        headers: Option<&HeaderMap>,
        now: Timestamp,
    ) -> Option<Duration> {
        if attempt >= self.attempts {
            return None;
        }
        let pause = match headers.and_then(|headers| retry_after(headers, now)) {
            Some(asked) => asked,
            None => self
                .first_pause
                .saturating_mul(1 << (attempt - 1).min(8))
                .min(self.longest_pause)
                .mul_f64(0.5 + fastrand::f64() / 2.0),
        };
        (pause <= self.longest_pause).then_some(pause)
    }
}

/// Whether an answer may be different next time.
pub(super) fn is_transient(status: StatusCode) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS
        || status == StatusCode::REQUEST_TIMEOUT
        || (status.is_server_error()
            && status != StatusCode::INSUFFICIENT_STORAGE
            && status != StatusCode::NOT_IMPLEMENTED)
}

/// `Retry-After`: seconds or a date (RFC 9110 section 10.2.3); nonsense is no answer.
fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = rfc2822::parse(text).ok()?.timestamp();
    Some(Duration::try_from(date.duration_since(now)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    fn asked(text: &str) -> HeaderMap {
        HeaderMap::from_iter([(RETRY_AFTER, text.parse().unwrap())])
    }

    #[test]
    fn pauses_double_with_jitter_and_end() {
        let patience = Patience::default();
        for (attempt, longest) in [(1, 200), (2, 400), (3, 800), (4, 1600)] {
            let pause = patience.pause(attempt, None, NOW).unwrap();
            let longest = Duration::from_millis(longest);
            assert!(
                pause <= longest && pause >= longest / 2,
                "{attempt}: {pause:?}"
            );
        }
        assert_eq!(patience.pause(5, None, NOW), None);
    }

    #[test]
    fn the_registry_decides_how_long_to_wait_in_seconds_or_by_date() {
        let patience = Patience::default();
        for (text, pause) in [
            ("7", Some(7)),
            ("Thu, 01 Jan 1970 00:00:09 GMT", Some(9)),
            ("Wed, 31 Dec 1969 23:59:59 GMT", Some(0)),
            ("3600", None),
        ] {
            let pause = pause.map(Duration::from_secs);
            assert_eq!(patience.pause(1, Some(&asked(text)), NOW), pause, "{text}");
        }
        assert!(patience.pause(1, Some(&asked("soon")), NOW).unwrap() < Duration::from_secs(1));
    }

    #[test]
    fn a_full_disk_does_not_get_better() {
        assert!(is_transient(StatusCode::BAD_GATEWAY));
        assert!(is_transient(StatusCode::TOO_MANY_REQUESTS));
        assert!(!is_transient(StatusCode::INSUFFICIENT_STORAGE));
        assert!(!is_transient(StatusCode::NOT_FOUND));
    }
}
