//! The pulls that a registry counts (Docker Hub, "Pull usage and limits").

use std::time::Duration;

use http::HeaderMap;

/// What a registry grants: only `GET` of a manifest counts, `HEAD` tells without counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PullBudget {
    /// Pulls per window.
    pub limit: u64,
    /// Pulls that are left.
    pub remaining: u64,
    /// The window.
    pub window: Duration,
}

impl PullBudget {
    /// Reads `ratelimit-limit: 100;w=21600` and `ratelimit-remaining: 76;w=21600`; absent means unlimited.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let (limit, window) = parse(headers, "ratelimit-limit")?;
        let (remaining, _) = parse(headers, "ratelimit-remaining")?;
        Some(Self {
            limit,
            remaining,
            window: window.unwrap_or_default(),
        })
    }
}

fn parse(headers: &HeaderMap, name: &str) -> Option<(u64, Option<Duration>)> {
    let mut parts = headers.get(name)?.to_str().ok()?.split(';').map(str::trim);
    let count = parts.next()?.parse().ok()?;
    let window = parts
        .find_map(|part| part.strip_prefix("w="))
        .and_then(|seconds| seconds.parse().ok())
        .map(Duration::from_secs);
    Some((count, window))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_is_told_in_headers() {
        let headers = |limit: &'static str, remaining: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert("ratelimit-limit", limit.parse().unwrap());
            headers.insert("ratelimit-remaining", remaining.parse().unwrap());
            headers
        };
        assert_eq!(
            PullBudget::of(&headers("100;w=21600", "76;w=21600")),
            Some(PullBudget {
                limit: 100,
                remaining: 76,
                window: Duration::from_secs(21600)
            })
        );
        assert_eq!(PullBudget::of(&headers("many", "76")), None);
        assert_eq!(PullBudget::of(&HeaderMap::new()), None);
    }
}
