//! Why a document could not be generated.

use thiserror::Error;

use super::kind::Problem;
use crate::yaml::YamlError;

/// A generator's failure.
#[derive(Debug, Error)]
pub enum GenerateError {
    /// A template of the program cannot be filled from the plan.
    #[error("template `{template}` cannot be rendered")]
    Template {
        /// Name of the template.
        template: &'static str,
        /// What handlebars says.
        #[source]
        source: Box<handlebars::RenderError>,
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

fn list(problems: &[Problem]) -> String {
    problems
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("; ")
}
