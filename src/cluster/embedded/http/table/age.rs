//! Ages as `kubectl` shows them.

use jiff::Timestamp;
use serde_json::Value;

/// Shown for a time that is missing.
pub(super) const UNKNOWN: &str = "<unknown>";
const INVALID: &str = "<invalid>";

/// The time that passed since an RFC 3339 text, such as `5s` or `3d4h`.
pub(super) fn since(moment: Option<&Value>, now: Timestamp) -> String {
    match moment.and_then(Value::as_str).map(str::parse::<Timestamp>) {
        None => UNKNOWN.to_owned(),
        Some(Err(_)) => INVALID.to_owned(),
        Some(Ok(moment)) => human(now.as_second() - moment.as_second()),
    }
}

/// A duration with two significant units at most (`k8s.io/apimachinery/pkg/util/duration`).
pub(super) fn human(seconds: i64) -> String {
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    let pair = |large: i64, large_unit: &str, small: i64, small_unit: &str| {
        if small == 0 {
            format!("{large}{large_unit}")
        } else {
            format!("{large}{large_unit}{small}{small_unit}")
        }
    };
    match seconds {
        ..-1 => INVALID.to_owned(),
        -1 => "0s".to_owned(),
        0..120 => format!("{seconds}s"),
        _ if minutes < 10 => pair(minutes, "m", seconds % 60, "s"),
        _ if minutes < 180 => format!("{minutes}m"),
        _ if hours < 8 => pair(hours, "h", minutes % 60, "m"),
        _ if hours < 48 => format!("{hours}h"),
        _ if days < 8 => pair(days, "d", hours % 24, "h"),
        _ if days < 730 => format!("{days}d"),
        _ if days < 8 * 365 => pair(days / 365, "y", days % 365, "d"),
        _ => format!("{}y", days / 365),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_have_two_units_at_most() {
        const MINUTE: i64 = 60;
        const HOUR: i64 = 60 * MINUTE;
        const DAY: i64 = 24 * HOUR;
        for (seconds, expected) in [
            (-5, "<invalid>"),
            (-1, "0s"),
            (0, "0s"),
            (119, "119s"),
            (2 * MINUTE, "2m"),
            (9 * MINUTE + 59, "9m59s"),
            (10 * MINUTE + 5, "10m"),
            (179 * MINUTE, "179m"),
            (3 * HOUR, "3h"),
            (7 * HOUR + 5 * MINUTE, "7h5m"),
            (47 * HOUR, "47h"),
            (2 * DAY, "2d"),
            (7 * DAY + 23 * HOUR, "7d23h"),
            (8 * DAY + 23 * HOUR, "8d"),
            (729 * DAY, "729d"),
            (731 * DAY, "2y1d"),
            (9 * 365 * DAY, "9y"),
        ] {
            assert_eq!(human(seconds), expected, "{seconds}");
        }
    }

    #[test]
    fn a_missing_or_broken_time_is_told() {
        let now = "2026-01-01T00:00:30Z".parse().unwrap();
        assert_eq!(since(None, now), "<unknown>");
        assert_eq!(since(Some(&"soon".into()), now), "<invalid>");
        assert_eq!(since(Some(&"2026-01-01T00:00:00Z".into()), now), "30s");
    }
}
