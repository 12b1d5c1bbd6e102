//! Why a repair does not happen.

use std::path::PathBuf;

use thiserror::Error;

use super::{edit::daemon_json::DaemonJsonError, journal::JournalError};
use crate::{doctor::live::engine::EngineError, fsutil::FileError, process::ProcessError};

/// A repair, or the taking back of one, that did not happen.
#[derive(Debug, Error)]
pub enum FixError {
    /// A file cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The journal cannot be read or written, and nothing is changed without it.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// `daemon.json` cannot be merged.
    #[error(transparent)]
    DaemonJson(#[from] DaemonJsonError),
    /// A file that is to be edited is no text.
    #[error("{} is no text", path.display())]
    NoText {
        /// The file.
        path: PathBuf,
    },
    /// A file that is to be edited does not exist.
    #[error("{} does not exist", path.display())]
    NoFile {
        /// The file.
        path: PathBuf,
    },
    /// The kernel does not take a setting.
    #[error("the kernel keeps {key} at {found} instead of {wanted}")]
    SettingKept {
        /// The setting.
        key: String,
        /// What it was set to.
        wanted: String,
        /// What it is.
        found: String,
    },
    /// The engine refuses the configuration that we would write.
    #[error("dockerd refuses the new {}: {reason}", path.display())]
    Refused {
        /// The file.
        path: PathBuf,
        /// What it says.
        reason: String,
    },
    /// A program failed.
    #[error(transparent)]
    Program(#[from] Box<ProcessError>),
    /// The engine does not answer.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The engine answers no.
    #[error("Docker Engine cannot {action}: {reason}")]
    EngineRefused {
        /// What it was asked for.
        action: String,
        /// What it says.
        reason: String,
    },
    /// A network is not ours to remove.
    #[error("Docker network {name} stays: {reason}")]
    NetworkInUse {
        /// Its name.
        name: String,
        /// Why.
        reason: String,
    },
    /// There is no engine to talk to.
    #[error("Docker Engine cannot be reached")]
    NoEngine,
}

impl From<ProcessError> for FixError {
    fn from(error: ProcessError) -> Self {
        Self::Program(Box::new(error))
    }
}
