//! The language of `--filter`.

use std::{fmt, str::FromStr};

use thiserror::Error;

use super::Glob;
use crate::{
    e2e::{
        case::{Area, Case},
        lane::Lane,
        need::Need,
    },
    nearest,
    net::{Families, IpFamily},
};

/// A condition on cases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expression {
    /// Any of the areas.
    Area(Vec<Area>),
    /// Applies in an environment of any of these families.
    Family(Vec<FamilyWord>),
    /// Has any of the needs.
    Needs(Vec<Need>),
    /// Is in any of the lanes.
    Lane(Vec<Lane>),
    /// The ID matches any of the patterns.
    Id(Vec<Glob>),
    /// The inner condition does not hold.
    Not(Box<Self>),
    /// Both hold.
    And(Box<Self>, Box<Self>),
    /// One of them holds.
    Or(Box<Self>, Box<Self>),
}

/// Families as a filter names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FamilyWord {
    /// `v6`: IPv6 only.
    V6,
    /// `v4`: IPv4 only.
    V4,
    /// `dual`: both, in either order.
    Dual,
}

impl FamilyWord {
    const ALL: [(&'static str, Self); 3] =
        [("v6", Self::V6), ("v4", Self::V4), ("dual", Self::Dual)];

    fn applies(self, case: &Case) -> bool {
        let families = match self {
            Self::V6 => Families::single(IpFamily::V6),
            Self::V4 => Families::single(IpFamily::V4),
            // Scopes do not distinguish the order.
            Self::Dual => Families::dual(IpFamily::V6),
        };
        case.scope.admits(families)
    }
}

/// Why a filter cannot be read, with the place.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}\n  {text}\n  {:>indent$}", "^", indent = position + 1)]
pub struct ExpressionError {
    /// The filter.
    pub text: String,
    /// Where the problem is, in characters from 0.
    pub position: usize,
    /// What the problem is.
    pub message: String,
}

const PREDICATES: [&str; 5] = ["area", "family", "needs", "lane", "id"];

impl Expression {
    /// Whether the condition holds for a case.
    pub fn matches(&self, case: &Case) -> bool {
        match self {
            Self::Area(areas) => areas.contains(&case.area),
            Self::Family(words) => words.iter().any(|word| word.applies(case)),
            Self::Needs(wanted) => wanted
                .iter()
                .any(|want| case.needs.iter().any(|need| need.covers(*want))),
            Self::Lane(lanes) => lanes.iter().any(|lane| lane.holds(case.lane)),
            Self::Id(globs) => globs.iter().any(|glob| glob.matches(case.id)),
            Self::Not(inner) => !inner.matches(case),
            Self::And(left, right) => left.matches(case) && right.matches(case),
            Self::Or(left, right) => left.matches(case) || right.matches(case),
        }
    }
}

impl FromStr for Expression {
    type Err = ExpressionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parser = Parser {
            text,
            chars: text.chars().collect(),
            at: 0,
        };
        let expression = parser.any()?;
        match parser.peek() {
            None => Ok(expression),
            Some(')') => Err(parser.error("this `)` closes nothing")),
            Some(_) => Err(parser.error("expected `&`, `|` or the end")),
        }
    }
}

/// Words nest at most this deep, so that no filter can exhaust the stack.
const MAX_DEPTH: usize = 64;

struct Parser<'a> {
    text: &'a str,
    chars: Vec<char>,
    at: usize,
}

impl Parser<'_> {
    fn any(&mut self) -> Result<Expression, ExpressionError> {
        self.any_at(0)
    }

    fn any_at(&mut self, depth: usize) -> Result<Expression, ExpressionError> {
        let mut left = self.all(depth)?;
        while self.take('|') {
            left = Expression::Or(Box::new(left), Box::new(self.all(depth)?));
        }
        Ok(left)
    }

    fn all(&mut self, depth: usize) -> Result<Expression, ExpressionError> {
        let mut left = self.one(depth)?;
        while self.take('&') {
            left = Expression::And(Box::new(left), Box::new(self.one(depth)?));
        }
        Ok(left)
    }

    fn one(&mut self, depth: usize) -> Result<Expression, ExpressionError> {
        if depth > MAX_DEPTH {
            return Err(self.error("the filter nests too deeply"));
        }
        if self.take('!') {
            return Ok(Expression::Not(Box::new(self.one(depth + 1)?)));
        }
        if self.take('(') {
            let inner = self.any_at(depth + 1)?;
            if !self.take(')') {
                return Err(self.error("expected `)`"));
            }
            return Ok(inner);
        }
        self.predicate()
    }

    fn predicate(&mut self) -> Result<Expression, ExpressionError> {
        self.skip_blanks();
        let start = self.at;
        let name = self.word();
        if name.is_empty() {
            return Err(self.error(&format!(
                "expected a condition: {}",
                PREDICATES.map(|name| format!("{name}(…)")).join(", ")
            )));
        }
        if !PREDICATES.contains(&name.as_str()) {
            let near = nearest::nearest(&name, PREDICATES.map(str::to_owned));
            return Err(self.error_at(
                start,
                &format!("unknown condition `{name}`{}", nearest::hint(&near)),
            ));
        }
        if !self.take('(') {
            return Err(self.error(&format!("expected `(` after `{name}`")));
        }
        let mut words = Vec::new();
        loop {
            self.skip_blanks();
            let start = self.at;
            let word = self.word();
            if word.is_empty() {
                return Err(self.error("expected a word"));
            }
            words.push((start, word));
            if self.take(')') {
                break;
            }
            if !self.take(',') {
                return Err(self.error("expected `,` or `)`"));
            }
        }
        Ok(match name.as_str() {
            "area" => Expression::Area(self.read(&words)?),
            "family" => Expression::Family(self.read(&words)?),
            "needs" => Expression::Needs(self.read(&words)?),
            "lane" => Expression::Lane(self.read(&words)?),
            _ => Expression::Id(self.read(&words)?),
        })
    }

    fn read<T>(&self, words: &[(usize, String)]) -> Result<Vec<T>, ExpressionError>
    where
        T: FromStr,
        T::Err: fmt::Display,
    {
        words
            .iter()
            .map(|(start, word)| {
                word.parse()
                    .map_err(|error: T::Err| self.error_at(*start, &error.to_string()))
            })
            .collect()
    }

    fn word(&mut self) -> String {
        let start = self.at;
        while self
            .chars
            .get(self.at)
            .is_some_and(|letter| !letter.is_whitespace() && !"(),&|!".contains(*letter))
        {
            self.at += 1;
        }
        self.chars[start..self.at].iter().collect()
    }

    fn skip_blanks(&mut self) {
        while self.chars.get(self.at).is_some_and(|c| c.is_whitespace()) {
            self.at += 1;
        }
    }

    fn peek(&mut self) -> Option<char> {
        self.skip_blanks();
        self.chars.get(self.at).copied()
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn error(&self, message: &str) -> ExpressionError {
        self.error_at(self.at, message)
    }

    fn error_at(&self, position: usize, message: &str) -> ExpressionError {
        ExpressionError {
            text: self.text.to_owned(),
            position,
            message: message.to_owned(),
        }
    }
}

impl FromStr for FamilyWord {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|(name, _)| *name == word)
            .map(|(_, family)| family)
            .ok_or_else(|| format!("unknown family `{word}`, expected v6, v4 or dual"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::e2e::case::Scope;

    fn catalogue() -> Vec<Case> {
        let case = |id, area| Case::new(id, area, "", |_| async { Ok(()) });
        vec![
            case("SVC-01", Area::Svc).lane(Lane::Smoke),
            case("SVC-02", Area::Svc).needs(&[Need::RealPods]),
            case("API-01", Area::Api).scope(Scope::Only(IpFamily::V4)),
            case("DUA-01", Area::Dual)
                .scope(Scope::DualStack)
                .lane(Lane::Periodic),
        ]
    }

    fn selected(filter: &str) -> Vec<&'static str> {
        let expression: Expression = filter.parse().unwrap();
        catalogue()
            .iter()
            .filter(|case| expression.matches(case))
            .map(|case| case.id)
            .collect()
    }

    #[test]
    fn conditions_combine_with_the_usual_precedence() {
        for (filter, expected) in [
            ("area(svc)", vec!["SVC-01", "SVC-02"]),
            ("area(svc, api)", vec!["SVC-01", "SVC-02", "API-01"]),
            ("!area(svc)", vec!["API-01", "DUA-01"]),
            ("family(v6)", vec!["SVC-01", "SVC-02"]),
            ("family(dual)", vec!["SVC-01", "SVC-02", "DUA-01"]),
            ("needs(real-pods)", vec!["SVC-02"]),
            ("lane(smoke)", vec!["SVC-01"]),
            ("lane(presubmit)", vec!["SVC-01", "SVC-02", "API-01"]),
            ("id(*-01) & area(svc)", vec!["SVC-01"]),
            ("id(SVC-01)|id(API-*)&family(v6)", vec!["SVC-01"]),
            (
                "(id(SVC-01)|id(API-*))&family(v4)",
                vec!["SVC-01", "API-01"],
            ),
            ("! ( area(svc) | area(api) )", vec!["DUA-01"]),
        ] {
            assert_eq!(selected(filter), expected, "{filter}");
        }
    }

    #[test]
    fn mistakes_are_pointed_at() {
        let message = |filter: &str| filter.parse::<Expression>().unwrap_err().to_string();
        assert_eq!(
            message("area(svc) & lame(smoke)"),
            "unknown condition `lame`, did you mean `lane`?\n  area(svc) & lame(smoke)\n              ^"
        );
        assert_eq!(
            message("area(svcs)"),
            "unknown area `svcs`, did you mean `svc`?\n  area(svcs)\n       ^"
        );
        for (filter, start) in [
            ("", "expected a condition: area(…), family(…)"),
            ("area", "expected `(` after `area`"),
            ("area(svc", "expected `,` or `)`"),
            ("area()", "expected a word"),
            ("(area(svc)", "expected `)`"),
            ("area(svc))", "this `)` closes nothing"),
            ("area(svc) area(api)", "expected `&`, `|` or the end"),
            ("family(ipv6)", "unknown family `ipv6`"),
        ] {
            let found = message(filter);
            assert!(found.starts_with(start), "{filter}: {found}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let deep = format!("{}area(svc)", "!".repeat(100_000));
        let error = deep.parse::<Expression>().unwrap_err();
        assert_eq!(error.message, "the filter nests too deeply");
    }

    proptest! {
        #[test]
        fn arbitrary_text_never_panics(text in "[a-z(),&|! *]{0,40}") {
            drop(text.parse::<Expression>());
        }
    }
}
