//! Assertions: each returns what was expected and what was found instead of panicking.

use std::fmt;

use super::failure::{CaseResult, Failure, Stop};

/// Asserts that `found` equals `expected`.
pub fn equal<T: PartialEq + fmt::Debug>(
    what: impl fmt::Display,
    expected: &T,
    found: &T,
) -> CaseResult {
    if expected == found {
        return Ok(());
    }
    Err(differs(what, format!("{expected:?}"), format!("{found:?}")))
}

/// Asserts a condition; `found` says what was there instead.
pub fn that(
    holds: bool,
    what: impl fmt::Display,
    expected: impl Into<String>,
    found: impl Into<String>,
) -> CaseResult {
    if holds {
        return Ok(());
    }
    Err(differs(what, expected.into(), found.into()))
}

/// Takes a value that should be there.
pub fn present<T>(what: impl fmt::Display, value: Option<T>) -> CaseResult<T> {
    value.ok_or_else(|| Stop::failed(format!("{what} is missing")))
}

/// Asserts that a list has nothing in it; `what` names the entries, as in `leaked objects`.
pub fn none<T: fmt::Debug>(what: impl fmt::Display, found: &[T]) -> CaseResult {
    that(found.is_empty(), what, "none", format!("{found:?}"))
}

fn differs(what: impl fmt::Display, expected: String, found: String) -> Stop {
    Stop::Failed(Box::new(Failure {
        expected: Some(expected),
        found: Some(found),
        ..Failure::new(what.to_string())
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_shows_both_sides() {
        assert_eq!(equal("answer", &42, &42), Ok(()));
        let Err(Stop::Failed(failure)) = equal("clusterIP", &"::1", &"::2") else {
            panic!("no failure");
        };
        assert_eq!(
            failure.to_string(),
            r#"clusterIP; expected "::1", found "::2""#
        );
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(present("it", Some(1)), Ok(1));
        assert_eq!(
            present::<()>("it", None),
            Err(Stop::failed("it is missing"))
        );
    }
}
