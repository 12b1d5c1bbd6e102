//! What is wrong with a file that names images, and where.

use std::fmt;

use thiserror::Error;

use super::FilePlace;
use crate::{
    mirror::{ReferenceError, vector::ConstraintError},
    yaml::YamlError,
};

/// A file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DocumentError {
    /// It is not YAML.
    #[error(transparent)]
    Yaml(#[from] YamlError),
    /// Entries are wrong; all of them are told, in the order of the file.
    #[error("{}", Lines(.0))]
    Faults(Vec<(FilePlace, Fault)>),
}

/// What is wrong at one place.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Fault {
    /// A value of another type is needed.
    #[error("`{field}` must be {wanted}")]
    Type {
        /// The path of the field.
        field: String,
        /// What it must be.
        wanted: &'static str,
    },
    /// Something is missing.
    #[error("`{field}` is missing or empty")]
    Missing {
        /// The path of the field.
        field: String,
    },
    /// There is nothing to pull.
    #[error("`{entry}` needs `repository` (with or without `tag`) or `ref`")]
    NoImage {
        /// The path of the entry.
        entry: String,
    },
    /// Two ways to say the same.
    #[error("`{field}` cannot stand beside `ref`")]
    BesideRef {
        /// The path of the field.
        field: String,
    },
    /// Given, but empty.
    #[error("`{field}` is empty; leave it out")]
    Empty {
        /// The path of the field.
        field: String,
    },
    /// Not a constraint.
    #[error("`{field}`: {source}")]
    Constraint {
        /// The path of the field.
        field: String,
        /// What is wrong with it.
        source: ConstraintError,
    },
    /// Not an image reference.
    #[error("`{field}`: {source}")]
    Reference {
        /// The path of the field.
        field: String,
        /// What is wrong with it.
        source: ReferenceError,
    },
    /// A number where a tag is wanted, which is not what is written.
    #[error("`{field}` is the number {number} to YAML; write it in quotes")]
    Number {
        /// The path of the field.
        field: String,
        /// What is left of the tag.
        number: String,
    },
    /// Nothing tells what kind of file it is.
    #[error(
        "this is no image vector, no list of copies, no manifest and no list of references: {reason}"
    )]
    Unknown {
        /// What was looked for.
        reason: String,
    },
    /// TOML that is none.
    #[error("this is not TOML: {reason}")]
    Toml {
        /// What is wrong with it.
        reason: String,
    },
    /// Not a certificate.
    #[error("`{field}` is not a certificate in PEM form")]
    Certificate {
        /// The path of the field.
        field: String,
    },
    /// A certificate of the past.
    #[error("`{field}`: the certificate expired on {expired}")]
    Expired {
        /// The path of the field.
        field: String,
        /// When.
        expired: String,
    },
    /// The overwrite of a component is no image vector.
    #[error("`{field}` is no image vector: {reason}")]
    Overwrite {
        /// The path of the field.
        field: String,
        /// Why not.
        reason: String,
    },
}

struct Lines<'a>(&'a [(FilePlace, Fault)]);

impl fmt::Display for Lines<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, (place, fault)) in self.0.iter().enumerate() {
            if number > 0 {
                formatter.write_str("\n")?;
            }
            write!(formatter, "{place}: {fault}")?;
        }
        Ok(())
    }
}
