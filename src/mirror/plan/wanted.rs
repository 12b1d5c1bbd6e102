//! An image that somebody wants, and who that is.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::mirror::ImageRef;

/// Where an image is named: a line of a file, or an object of a cluster.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// The file, or what else was read.
    pub file: String,
    /// The line, counted from 1, where there are lines.
    pub line: Option<usize>,
    /// Who wants it, in the words of the file: `image alpine`, `Deployment kube-system/coredns`.
    pub what: String,
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(formatter, ":{line}")?;
        }
        if !self.what.is_empty() {
            write!(formatter, ": {}", self.what)?;
        }
        Ok(())
    }
}

impl Serialize for Origin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// An image that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Where it comes from.
    pub source: ImageRef,
    /// Where its copy belongs, if a copy list says so.
    pub destination: Option<ImageRef>,
    /// Who wants it.
    pub origin: Origin,
}
