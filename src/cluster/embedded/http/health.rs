//! `/healthz`, `/livez`, `/readyz`.

use super::path::Endpoint;

/// The names of the checks, in the order they are listed.
const CHECKS: &[&str] = &["ping", "log", "store", "shutdown"];

/// A plain-text answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Health {
    pub(crate) code: u16,
    pub(crate) text: String,
}

/// Answers a health request. Only readiness depends on whether the server is stopping.
pub(crate) fn check(
    endpoint: Endpoint,
    check: Option<&str>,
    verbose: bool,
    stopping: bool,
) -> Health {
    let fails = |name: &str| stopping && endpoint == Endpoint::Readyz && name == "shutdown";
    if let Some(name) = check {
        return if !CHECKS.contains(&name) {
            Health {
                code: 404,
                text: "404 page not found\n".to_owned(),
            }
        } else if fails(name) {
            Health {
                code: 500,
                text: "internal server error: the server is stopping".to_owned(),
            }
        } else {
            Health {
                code: 200,
                text: "ok".to_owned(),
            }
        };
    }
    let failed = CHECKS.iter().any(|name| fails(name));
    if !failed && !verbose {
        return Health {
            code: 200,
            text: "ok".to_owned(),
        };
    }
    let lines: String = CHECKS
        .iter()
        .map(|name| {
            if fails(name) {
                format!("[-]{name} failed: the server is stopping\n")
            } else {
                format!("[+]{name} ok\n")
            }
        })
        .collect();
    let title = match endpoint {
        Endpoint::Healthz => "healthz",
        Endpoint::Livez => "livez",
        Endpoint::Readyz => "readyz",
    };
    let outcome = if failed { "failed" } else { "passed" };
    Health {
        code: if failed { 500 } else { 200 },
        text: format!("{lines}{title} check {outcome}\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readiness_fails_while_stopping_and_liveness_does_not() {
        assert_eq!(check(Endpoint::Readyz, None, false, false).text, "ok");
        assert_eq!(check(Endpoint::Readyz, None, false, true).code, 500);
        assert_eq!(check(Endpoint::Livez, None, false, true).code, 200);
        assert_eq!(
            check(Endpoint::Readyz, Some("ping"), false, true).text,
            "ok"
        );
        assert_eq!(
            check(Endpoint::Readyz, Some("nothing"), false, false).code,
            404
        );
    }

    #[test]
    fn a_verbose_answer_lists_every_check() {
        let health = check(Endpoint::Readyz, None, true, false);
        assert!(health.text.starts_with("[+]ping ok\n"), "{}", health.text);
        assert!(
            health.text.ends_with("readyz check passed\n"),
            "{}",
            health.text
        );
    }
}
