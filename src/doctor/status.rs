//! How a check can end.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The outcome of a check. Ordered from harmless to bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// What is needed is there.
    Pass,
    /// Not applicable here, switched off, or its prerequisite failed.
    Skip,
    /// Worth knowing, nothing to do now.
    Info,
    /// It could not be found out.
    Unknown,
    /// It works, with a loss or until something else happens.
    Warn,
    /// It cannot work, or it breaks the host.
    Fail,
    /// The check itself is broken.
    Error,
}

impl Status {
    /// All of them, worst first.
    pub const WORST_FIRST: [Self; 7] = [
        Self::Error,
        Self::Fail,
        Self::Warn,
        Self::Unknown,
        Self::Info,
        Self::Skip,
        Self::Pass,
    ];

    /// The word in reports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Skip => "skip",
            Self::Info => "info",
            Self::Unknown => "unknown",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}
