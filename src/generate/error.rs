//! Why a document could not be generated.

use thiserror::Error;

use super::kind::Problem;
use crate::{nearest, yaml::YamlError};

/// A generator's failure.
#[derive(Debug, Error)]
pub enum GenerateError {
    /// A template cannot be read, or cannot be filled from the plan.
    #[error("template {}: {message}", place(template, *position))]
    Template {
        /// Name of the template.
        template: String,
        /// Line and column, counted from 1, where known.
        position: Option<(usize, usize)>,
        /// What is wrong.
        message: String,
    },
    /// A file that replaces no template.
    #[error("there is no template `{name}`{}", nearest::hint(nearest))]
    UnknownTemplate {
        /// The name that the file stands for.
        name: String,
        /// Names that look like it.
        nearest: Vec<String>,
    },
    /// What was rendered cannot be read back.
    #[error("the rendered {document} cannot be read back")]
    ReadBack {
        /// Which document.
        document: &'static str,
        /// What the parser says.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// What was rendered does not say what the plan says.
    #[error("the rendered {document} differs from its plan in {part}")]
    Differs {
        /// Which document.
        document: &'static str,
        /// Which part of it.
        part: String,
    },
    /// kind would refuse the document.
    #[error("kind would refuse the cluster document: {}", list(problems))]
    Refused {
        /// Every problem found.
        problems: Vec<Problem>,
    },
    /// A source document is no YAML.
    #[error("a source document cannot be read")]
    Source {
        /// Where and why.
        #[source]
        source: Box<YamlError>,
    },
    /// A patch has nothing to be applied to.
    #[error("{document} has no {target} to patch")]
    NoTarget {
        /// Which document.
        document: String,
        /// What was looked for.
        target: String,
    },
    /// A plan that makes no sense.
    #[error("{subject}: {reason}")]
    Plan {
        /// What the plan is for.
        subject: String,
        /// Why it cannot be rendered.
        reason: String,
    },
}

impl GenerateError {
    /// A plan that makes no sense.
    pub(super) fn plan(subject: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Plan {
            subject: subject.into(),
            reason: reason.into(),
        }
    }
}

fn place(template: &str, position: Option<(usize, usize)>) -> String {
    match position {
        Some((line, column)) => format!("{template}:{line}:{column}"),
        None => template.to_owned(),
    }
}

fn list(problems: &[Problem]) -> String {
    problems
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("; ")
}
