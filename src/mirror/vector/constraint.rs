//! Version constraints in the grammar of Masterminds/semver 3, which image vectors are written in.
//!
//! They are not Cargo's: a bare full version means exactly that one, a bare partial version means
//! any patch of it, and there are alternatives, hyphen ranges, `!=` and operators written backwards.
//! Where upstream's code and its documentation differ, the code is followed.

use std::{cmp::Ordering, fmt, sync::LazyLock};

use regex::{Captures, Regex};
use thiserror::Error;

use super::AskedVersion;

/// White space, as Go's regular expressions know it.
const BLANK: &str = r"[\t\n\f\r ]";
/// One to three parts, each digits or a wildcard, then pre-release and build. Upstream lets `|` stand
/// among them, which matters only behind a wildcard, where nothing is looked at.
const VERSION: &str = concat!(
    r"v?[0-9xX*|]+(?:\.[0-9xX*|]+){0,2}",
    r"(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?",
    r"(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?",
);
const OPERATOR: &str = r"(?:!=|>=|=>|<=|=<|~>|=|>|<|~|\^|)";

/// A constraint, with the text that it was written as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionConstraint {
    text: String,
    /// One of these must hold; each holds if all of its terms do.
    alternatives: Vec<Vec<Term>>,
}

/// A text that is no constraint.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{text}` is not a version constraint: write one as in `>= 1.31, < 1.34` or `1.33.x`")]
pub struct ConstraintError {
    /// What was written.
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Term {
    operator: Operator,
    bound: AskedVersion,
    pre_release: bool,
    /// Which part is the first that is missing or a wildcard.
    open: Open,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    Nothing,
    Major,
    Minor,
    Patch,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Greater,
    Less,
    AtLeast,
    AtMost,
    Tilde,
    Caret,
}

impl VersionConstraint {
    /// The constraint as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether a version satisfies the constraint.
    pub fn matches(&self, version: AskedVersion) -> bool {
        self.alternatives
            .iter()
            .any(|terms| terms.iter().all(|term| term.holds(version)))
    }

    /// The points that a satisfied constraint is worth: 2 where its text looks exact, else 1.
    pub fn points(&self) -> u8 {
        static EXACT: LazyLock<Regex> =
            LazyLock::new(|| pattern(r"^(?:v?[0-9]+\.[0-9]+\.[0-9]+|=)"));
        if EXACT.is_match(&self.text) { 2 } else { 1 }
    }
}

impl std::str::FromStr for VersionConstraint {
    type Err = ConstraintError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refuse = || ConstraintError {
            text: text.to_owned(),
        };
        let alternatives = without_hyphens(text)
            .split("||")
            .map(|part| terms(part).ok_or_else(refuse))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            text: text.to_owned(),
            alternatives,
        })
    }
}

impl fmt::Display for VersionConstraint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("invariant: the pattern is well-formed")
}

/// `1.31 - 1.33` is `>= 1.31, <= 1.33`.
fn without_hyphens(text: &str) -> String {
    static RANGE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(&format!(
            "{BLANK}*({VERSION}){BLANK}+-{BLANK}+({VERSION}){BLANK}*"
        ))
    });
    let as_bounds = |found: &Captures<'_>| format!(">= {}, <= {} ", &found[1], &found[2]);
    RANGE.replace_all(text, as_bounds).into_owned()
}

/// The terms of one alternative, separated by blanks or commas.
fn terms(text: &str) -> Option<Vec<Term>> {
    static WHOLE: LazyLock<Regex> = LazyLock::new(|| {
        let term = format!("{OPERATOR}{BLANK}*{VERSION}{BLANK}*");
        pattern(&format!(
            "^{BLANK}*{term}(?:(?:{BLANK}+|,{BLANK}*){term})*$"
        ))
    });
    static TERM: LazyLock<Regex> =
        LazyLock::new(|| pattern(&format!("({OPERATOR}){BLANK}*({VERSION})")));
    if !WHOLE.is_match(text) {
        return None;
    }
    TERM.captures_iter(text)
        .map(|found| term(&found[1], &found[2]))
        .collect()
}

fn term(operator: &str, version: &str) -> Option<Term> {
    let version = version.strip_prefix('v').unwrap_or(version);
    let without_build = version.split('+').next().unwrap_or_default();
    let (numbers, pre_release) = match without_build.split_once('-') {
        Some((numbers, pre_release)) => (numbers, Some(pre_release)),
        None => (without_build, None),
    };
    let parts: Vec<&str> = numbers.split('.').collect();
    let is_open = |index: usize| {
        parts
            .get(index)
            .is_none_or(|part| matches!(*part, "x" | "X" | "*"))
    };
    // What follows an open part is not looked at.
    let (open, given) = if is_open(0) {
        (Open::Major, 0)
    } else if is_open(1) {
        (Open::Minor, 1)
    } else if is_open(2) {
        (Open::Patch, 2)
    } else {
        (Open::Nothing, 3)
    };
    let mut bound = [0_u64; 3];
    for (number, part) in bound.iter_mut().zip(&parts[..given]) {
        *number = part.parse().ok()?;
    }
    if !pre_release.is_none_or(is_pre_release) {
        return None;
    }
    Some(Term {
        operator: Operator::of(operator),
        bound: AskedVersion {
            major: bound[0],
            minor: bound[1],
            patch: bound[2],
        },
        pre_release: pre_release.is_some(),
        open,
    })
}

/// Numbers of a pre-release have no leading zero (Semantic Versioning 2.0.0, item 9).
fn is_pre_release(text: &str) -> bool {
    text.split('.').all(|part| {
        let is_number = part.bytes().all(|byte| byte.is_ascii_digit());
        !(is_number && part.len() > 1 && part.starts_with('0'))
    })
}

impl Operator {
    fn of(text: &str) -> Self {
        match text {
            "!=" => Self::NotEqual,
            ">" => Self::Greater,
            "<" => Self::Less,
            ">=" | "=>" => Self::AtLeast,
            "<=" | "=<" => Self::AtMost,
            "~" | "~>" => Self::Tilde,
            "^" => Self::Caret,
            _ => Self::Equal,
        }
    }
}

impl Term {
    fn holds(&self, version: AskedVersion) -> bool {
        let order = self.order(version);
        match self.operator {
            Operator::Equal if self.open == Open::Nothing => order == Ordering::Equal,
            Operator::Equal | Operator::Tilde => self.tilde(version),
            Operator::NotEqual => self.not_equal(version),
            Operator::Greater => match self.open {
                Open::Minor => version.major > self.bound.major,
                Open::Patch => {
                    (version.major, version.minor) > (self.bound.major, self.bound.minor)
                }
                Open::Nothing | Open::Major => order == Ordering::Greater,
            },
            Operator::Less => order == Ordering::Less,
            Operator::AtLeast => order != Ordering::Less,
            Operator::AtMost => self.at_most(version),
            Operator::Caret => self.caret(version),
        }
    }

    fn order(&self, version: AskedVersion) -> Ordering {
        version.against(self.bound, self.pre_release)
    }

    fn not_equal(&self, version: AskedVersion) -> bool {
        let bound = self.bound;
        match self.open {
            Open::Minor => version.major != bound.major,
            // A pre-release in the bound makes every version of the minor a different one.
            Open::Patch => {
                (version.major, version.minor) != (bound.major, bound.minor) || self.pre_release
            }
            Open::Nothing | Open::Major => self.order(version) != Ordering::Equal,
        }
    }

    fn at_most(&self, version: AskedVersion) -> bool {
        let bound = self.bound;
        match self.open {
            Open::Nothing => self.order(version) != Ordering::Greater,
            Open::Minor => version.major <= bound.major,
            // Upstream takes `<= *` for `<= 0.0`.
            Open::Major | Open::Patch => {
                (version.major, version.minor) <= (bound.major, bound.minor)
            }
        }
    }

    fn tilde(&self, version: AskedVersion) -> bool {
        let bound = self.bound;
        if self.order(version) == Ordering::Less {
            return false;
        }
        let is_zero = (bound.major, bound.minor, bound.patch) == (0, 0, 0);
        if is_zero && matches!(self.open, Open::Nothing | Open::Major) {
            return true;
        }
        version.major == bound.major && (version.minor == bound.minor || self.open == Open::Minor)
    }

    fn caret(&self, version: AskedVersion) -> bool {
        let bound = self.bound;
        if self.order(version) == Ordering::Less || version.major != bound.major {
            return false;
        }
        if bound.major > 0 || self.open == Open::Minor {
            return true;
        }
        if bound.minor > 0 || self.open == Open::Patch {
            return version.minor == bound.minor;
        }
        // Upstream takes `^*` for `^0.0.0`, against its documentation.
        (version.minor, version.patch) == (0, bound.patch)
    }
}

#[cfg(test)]
mod tests;
