//! Why an image could not be read, built or moved.

use std::path::PathBuf;

use thiserror::Error;

/// A failure around images.
#[derive(Debug, Error)]
pub enum MirrorError {
    /// A file cannot be read.
    #[error("cannot read {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
}
