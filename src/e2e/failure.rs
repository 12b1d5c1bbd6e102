//! Why a case stopped before its end.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A state that a poll saw, and when it saw it first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Observation {
    /// When.
    pub at: Timestamp,
    /// What.
    pub state: String,
}

/// What is known about a failure.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Failure {
    /// What is wrong, in one line if possible.
    pub message: String,
    /// What should have been there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// What was there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
    /// The step in which it happened; filled in by the runner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// What polling saw before it gave up, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub observations: Vec<Observation>,
}

impl Failure {
    /// A failure that is only a message.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            ..Self::default()
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some(expected) = &self.expected {
            write!(f, "; expected {expected}")?;
        }
        if let Some(found) = &self.found {
            write!(f, ", found {found}")?;
        }
        Ok(())
    }
}

/// Why a case was not run, or not to its end, without anything being wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Skip {
    /// The kind of reason.
    pub code: SkipCode,
    /// The reason in words.
    pub text: String,
}

/// Kinds of reasons for a skip. Reports group by them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SkipCode {
    /// The case says nothing about the IP families of the environment.
    Family,
    /// The environment lacks a capability, and the lane can do without it.
    Need,
    /// The case found out by itself that it does not apply.
    NotApplicable,
}

impl fmt::Display for SkipCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Family => "family",
            Self::Need => "need",
            Self::NotApplicable => "not-applicable",
        })
    }
}

/// What a case returns instead of reaching its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The subject of the case misbehaves. While the case is still arranging, this is an error.
    Failed(Box<Failure>),
    /// The case cannot judge its subject, in whatever step.
    Broken(Box<Failure>),
    /// The case does not apply here.
    Skipped(Skip),
}

impl Stop {
    /// A misbehaviour that is only a message.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::Failed(Box::new(Failure::new(message)))
    }

    /// An obstacle that is only a message.
    pub fn broken(message: impl Into<String>) -> Self {
        Self::Broken(Box::new(Failure::new(message)))
    }

    /// A case that finds out by itself that it does not apply.
    pub fn not_applicable(text: impl Into<String>) -> Self {
        Self::Skipped(Skip {
            code: SkipCode::NotApplicable,
            text: text.into(),
        })
    }
}

impl From<kube::Error> for Stop {
    fn from(error: kube::Error) -> Self {
        Self::failed(describe(&error))
    }
}

impl From<serde_json::Error> for Stop {
    fn from(error: serde_json::Error) -> Self {
        Self::broken(format!("an object of the case cannot be read: {error}"))
    }
}

/// What a case function returns.
pub type CaseResult<T = ()> = Result<T, Stop>;

/// A kube error with its chain of causes in one line.
pub(super) fn describe(error: &kube::Error) -> String {
    if let kube::Error::Api(status) = error {
        return format!(
            "the API server answered {} {}: {}",
            status.code, status.reason, status.message
        );
    }
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}
