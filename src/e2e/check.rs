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
    Err(differs(what, show(expected), show(found)))
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

/// A value for people: whether something is optional in a program does not concern them.
fn show(value: &impl fmt::Debug) -> String {
    let text = format!("{value:?}");
    match text
        .strip_prefix("Some(")
        .and_then(|rest| rest.strip_suffix(')'))
    {
        Some(inner) => inner.to_owned(),
        None if text == "None" => "nothing".to_owned(),
        None => text,
    }
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
    fn optional_values_are_shown_as_what_they_are() {
        assert_eq!(show(&Some("x")), r#""x""#);
        assert_eq!(show(&None::<u8>), "nothing");
        assert_eq!(show(&[Some(1)]), "[Some(1)]");
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
