//! Why a file cannot be rewritten.

use thiserror::Error;

use crate::mirror::{
    document::{DocumentError, FilePlace},
    inventory::FileKind,
    plan::PlanError,
};

/// Why a file cannot be rewritten.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RewriteError {
    /// The file cannot be used.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// A copy cannot be placed.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// Files of this kind say where images come from, or hold other files.
    #[error("{file} is of the kind `{kind}`, in which no image is to be replaced")]
    Kind {
        /// The file.
        file: String,
        /// What it is.
        kind: FileKind,
    },
    /// A value does not stand where it is used, or is broken into lines.
    #[error(
        "{place}: `{path}` takes its value from an alias, a merge or several lines; write it out in one line"
    )]
    Elsewhere {
        /// Where it is used.
        place: FilePlace,
        /// The path of the field.
        path: String,
    },
    /// A value that is no image would change as well.
    #[error(
        "{place}: `{path}` shares the text of an image through an alias and would change as well"
    )]
    Shared {
        /// Where it is used.
        place: FilePlace,
        /// The path of the field.
        path: String,
    },
    /// Two entries that become one as soon as anything is overwritten.
    #[error("{second}: this entry has the key of {first}; any overwrite folds the two into one")]
    Folded {
        /// The first entry.
        first: FilePlace,
        /// The other.
        second: FilePlace,
    },
    /// The result does not say what it should, which is a defect.
    #[error("{file}: what was rewritten does not read back as it should: {reason}")]
    ReadBack {
        /// The file.
        file: String,
        /// What is different.
        reason: String,
    },
}
