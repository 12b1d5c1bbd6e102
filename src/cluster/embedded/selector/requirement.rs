//! One requirement of a label selector.

use std::collections::BTreeSet;
use std::fmt;

use super::SelectorError;
use crate::cluster::embedded::schema::names;

/// How a requirement compares a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `key=value`, `key==value` and `key in (…)`.
    In,
    /// `key!=value` and `key notin (…)`; an object without the label matches.
    NotIn,
    /// `key`.
    Exists,
    /// `!key`.
    DoesNotExist,
    /// `key>number`.
    GreaterThan,
    /// `key<number`.
    LessThan,
}

/// A label key, an operator and the values it compares with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    key: String,
    operator: Operator,
    values: BTreeSet<String>,
}

impl Requirement {
    /// Checks the number and the syntax of the values and makes a requirement of them.
    pub fn new(
        key: &str,
        operator: Operator,
        values: BTreeSet<String>,
    ) -> Result<Self, SelectorError> {
        let refuse = |detail: String| Err(SelectorError::Requirement { detail });
        if let Some(problem) = names::qualified_name_problems(key).first() {
            return refuse(format!("key: Invalid value: \"{key}\": {problem}"));
        }
        match operator {
            Operator::In | Operator::NotIn if values.is_empty() => {
                return refuse(
                    "values: Invalid value: []: for 'in', 'notin' operators, values set can't be \
                     empty"
                        .to_owned(),
                );
            }
            Operator::Exists | Operator::DoesNotExist if !values.is_empty() => {
                return refuse(
                    "values: Invalid value: values set must be empty for exists and does not exist"
                        .to_owned(),
                );
            }
            Operator::GreaterThan | Operator::LessThan => {
                let number = values.first().filter(|_| values.len() == 1);
                let Some(number) = number else {
                    return refuse(
                        "values: Invalid value: for 'Gt', 'Lt' operators, exactly one value is \
                         required"
                            .to_owned(),
                    );
                };
                if number.parse::<i64>().is_err() {
                    return refuse(format!(
                        "values[0]: Invalid value: \"{number}\": for 'Gt', 'Lt' operators, the \
                         value must be an integer"
                    ));
                }
            }
            _ => {}
        }
        for (index, value) in values.iter().enumerate() {
            if let Some(problem) = names::label_value_problems(value).first() {
                return refuse(format!(
                    "values[{index}][{key}]: Invalid value: \"{value}\": {problem}"
                ));
            }
        }
        Ok(Self {
            key: key.to_owned(),
            operator,
            values,
        })
    }

    /// Returns the label key.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Returns the operator.
    pub fn operator(&self) -> Operator {
        self.operator
    }

    /// Returns the values in order.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.values.iter().map(String::as_str)
    }

    /// Tells whether a label with this value, or its absence, satisfies the requirement.
    pub fn matches(&self, label: Option<&str>) -> bool {
        match self.operator {
            Operator::In => label.is_some_and(|value| self.values.contains(value)),
            Operator::NotIn => label.is_none_or(|value| !self.values.contains(value)),
            Operator::Exists => label.is_some(),
            Operator::DoesNotExist => label.is_none(),
            Operator::GreaterThan => self.compare(label, |label, bound| label > bound),
            Operator::LessThan => self.compare(label, |label, bound| label < bound),
        }
    }

    fn compare(&self, label: Option<&str>, holds: fn(i64, i64) -> bool) -> bool {
        let bound = self.values.first().and_then(|value| value.parse().ok());
        let label = label.and_then(|value| value.parse().ok());
        label
            .zip(bound)
            .is_some_and(|(label, bound)| holds(label, bound))
    }
}

impl fmt::Display for Requirement {
    /// Writes the canonical text, which parses to an equal requirement.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = || self.values().collect::<Vec<_>>().join(",");
        match (self.operator, self.values.len()) {
            (Operator::Exists, _) => f.write_str(&self.key),
            (Operator::DoesNotExist, _) => write!(f, "!{}", self.key),
            (Operator::In, 1) => write!(f, "{}={}", self.key, list()),
            (Operator::NotIn, 1) => write!(f, "{}!={}", self.key, list()),
            (Operator::In, _) => write!(f, "{} in ({})", self.key, list()),
            (Operator::NotIn, _) => write!(f, "{} notin ({})", self.key, list()),
            (Operator::GreaterThan, _) => write!(f, "{}>{}", self.key, list()),
            (Operator::LessThan, _) => write!(f, "{}<{}", self.key, list()),
        }
    }
}
