//! What a rule answers, and why it may have no answer.

use super::{Scope, Status};

/// What a rule found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    /// How bad it is, before the ceiling of the check is applied.
    pub(super) status: Status,
    /// One sentence with the values at hand.
    pub(super) summary: String,
    /// The value that was found.
    pub(super) observed: Option<String>,
    /// The value that is wanted.
    pub(super) expected: Option<String>,
    /// Commands that repair exactly this, instead of those of the catalogue.
    pub(super) commands: Vec<String>,
}

/// The answer of a rule.
pub(super) type Verdict = Result<Finding, Gap>;

/// Why a rule has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Gap {
    /// The check does not apply after all, or its prerequisite failed.
    Skip(String),
    /// Evidence exists that cannot be read.
    Unknown(String),
    /// The snapshot has no answer to a question that the check asks: a defect of the check, or a
    /// snapshot that is older than the check.
    NotRecorded {
        /// Whose fact.
        scope: Scope,
        /// Which fact.
        key: String,
    },
}

impl Finding {
    fn new(status: Status, summary: impl Into<String>) -> Self {
        Self {
            status,
            summary: summary.into(),
            observed: None,
            expected: None,
            commands: Vec::new(),
        }
    }

    /// The same with the value that was found and the one that is wanted.
    #[must_use]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "numbers and texts alike, written without a reference where a check is"
    )]
    pub(super) fn values(mut self, observed: impl ToString, expected: impl ToString) -> Self {
        self.observed = Some(observed.to_string());
        self.expected = Some(expected.to_string());
        self
    }

    /// The same with a command that repairs it.
    #[must_use]
    pub(super) fn command(mut self, command: impl Into<String>) -> Self {
        self.commands.push(command.into());
        self
    }
}

macro_rules! outcome {
    ($name:ident, $status:ident, $doc:literal) => {
        #[doc = $doc]
        pub(super) fn $name(summary: impl Into<String>) -> Finding {
            Finding::new(Status::$status, summary)
        }
    };
}

outcome!(pass, Pass, "What is needed is there.");
outcome!(info, Info, "Worth knowing.");
outcome!(warn, Warn, "A loss, or about to break.");
outcome!(fail, Fail, "It cannot work.");

/// The check does not apply after all.
pub(super) fn skip(reason: impl Into<String>) -> Verdict {
    Err(Gap::Skip(reason.into()))
}

/// The evidence says nothing.
pub(super) fn unknown(reason: impl Into<String>) -> Gap {
    Gap::Unknown(reason.into())
}

/// The worst of several findings, the first among equals; `pass` where there are none.
pub(super) fn worst(findings: Vec<Finding>, otherwise: Finding) -> Finding {
    let mut worst = otherwise;
    for finding in findings {
        if finding.status > worst.status {
            worst = finding;
        }
    }
    worst
}
