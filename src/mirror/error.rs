//! Why an image could not be read, built or moved.

use std::path::PathBuf;

use http::StatusCode;
use thiserror::Error;

use super::{Digest, ReferenceError};

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
    /// A text is no image reference.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
    /// The program is not one that an image can be made of.
    #[error("{} cannot become an image: {reason}", path.display())]
    Program {
        /// The program.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// A shared library of the program is not there.
    #[error("{} needs the shared library `{library}`, which was not found", path.display())]
    Library {
        /// Who needs it.
        path: PathBuf,
        /// Its name.
        library: String,
    },
    /// The registry could not be talked to.
    #[error("cannot {action} at {registry}")]
    Transport {
        /// What was attempted.
        action: String,
        /// The registry.
        registry: String,
        /// What came back.
        #[source]
        source: Box<reqwest::Error>,
    },
    /// The registry refused.
    #[error("{registry} refused to {action}: {status} {body}")]
    Refused {
        /// What was attempted.
        action: String,
        /// The registry.
        registry: String,
        /// How it answered.
        status: StatusCode,
        /// What it said.
        body: String,
    },
    /// The registry broke the protocol.
    #[error("{registry} broke the protocol when asked to {action}: {reason}")]
    Protocol {
        /// What was attempted.
        action: String,
        /// The registry.
        registry: String,
        /// What was wrong.
        reason: String,
    },
    /// Content is not what its digest says.
    #[error("{what} has digest {found}, expected {wanted}")]
    DigestDiffers {
        /// What content.
        what: String,
        /// The digest it has.
        found: Digest,
        /// The digest it should have.
        wanted: Digest,
    },
}
