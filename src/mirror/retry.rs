//! Which answers of a registry are worth another attempt, and when.

use std::time::Duration;

use http::{HeaderMap, StatusCode, header::RETRY_AFTER};

/// Attempts in total.
pub(super) const ATTEMPTS: u32 = 4;
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// A registry that wants a longer pause is not waited for.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Whether an answer may be different next time.
pub(super) fn is_transient(status: StatusCode) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS
        || status == StatusCode::REQUEST_TIMEOUT
        || (status.is_server_error() && status != StatusCode::INSUFFICIENT_STORAGE)
}

/// The pause after `attempt` (counted from one): what the registry asks for, else doubling.
///
/// `None` means that the registry asks for more patience than we have.
pub(super) fn pause(attempt: u32, headers: Option<&HeaderMap>) -> Option<Duration> {
    let asked = headers
        .and_then(|headers| headers.get(RETRY_AFTER))
        .and_then(|value| value.to_str().ok()?.trim().parse::<u64>().ok())
        .map(Duration::from_secs);
    let pause = asked.unwrap_or_else(|| FIRST_PAUSE.saturating_mul(1 << (attempt - 1).min(8)));
    (pause <= LONGEST_PAUSE).then_some(pause)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_and_follow_the_registry() {
        assert_eq!(pause(1, None), Some(Duration::from_millis(200)));
        assert_eq!(pause(3, None), Some(Duration::from_millis(800)));
        let asked = |seconds: &str| HeaderMap::from_iter([(RETRY_AFTER, seconds.parse().unwrap())]);
        assert_eq!(pause(1, Some(&asked("7"))), Some(Duration::from_secs(7)));
        assert_eq!(pause(1, Some(&asked("3600"))), None);
        assert_eq!(
            pause(1, Some(&asked("soon"))),
            Some(Duration::from_millis(200))
        );
    }

    #[test]
    fn a_full_disk_does_not_get_better() {
        assert!(is_transient(StatusCode::BAD_GATEWAY));
        assert!(!is_transient(StatusCode::INSUFFICIENT_STORAGE));
        assert!(!is_transient(StatusCode::NOT_FOUND));
    }
}
