//! Why the store cannot be used.

use std::path::PathBuf;

use thiserror::Error;

use crate::{fsutil::FileError, ipam::engine::EngineError};

/// A store that cannot be used. Nothing in the file was changed.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The file system refuses.
    #[error(transparent)]
    File(#[from] FileError),
    /// The file is something else, or of a later format.
    #[error("{} is no address log that this program can read", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// A line is damaged that is not the last, half-written one.
    #[error("line {line} of the address log {} is damaged: {what}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: u64,
        /// What is wrong with it.
        what: String,
    },
    /// A line is whole and cannot be carried out.
    #[error("line {line} of the address log {} contradicts the lines before it", path.display())]
    Contradiction {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: u64,
        /// Why.
        #[source]
        source: EngineError,
    },
    /// Another process does not let go of the store.
    #[error("{} is in use by another process for more than {seconds} s", path.display())]
    Busy {
        /// The lock.
        path: PathBuf,
        /// How long it was waited for.
        seconds: u64,
    },
}

/// Why a transaction did not happen.
#[derive(Debug, Error)]
pub enum TransactError<E> {
    /// Its steps were refused.
    #[error(transparent)]
    Refused(E),
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}
