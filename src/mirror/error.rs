//! Why an image could not be read, built or moved.

use std::{path::PathBuf, time::Duration};

use http::StatusCode;
use thiserror::Error;

use super::{Digest, ReferenceError};
use crate::fsutil::FileError;

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
    /// A file cannot be written.
    #[error(transparent)]
    Write(#[from] FileError),
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
    /// Nothing, or next to nothing, came or went for too long.
    #[error("{registry} did not go on for {} s when asked to {action}", after.as_secs_f32())]
    Stalled {
        /// What was attempted.
        action: String,
        /// The registry.
        registry: String,
        /// How long was waited.
        after: Duration,
    },
    /// The content ended before its size was reached.
    #[error("{registry} sent {got} of {wanted} bytes when asked to {action}")]
    Truncated {
        /// What was attempted.
        action: String,
        /// The registry.
        registry: String,
        /// Bytes that came.
        got: u64,
        /// Bytes that the manifest promises.
        wanted: u64,
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
    /// The registry does not let us in.
    #[error("{registry} does not let us {action}: {reason}")]
    Unauthorized {
        /// What was attempted.
        action: String,
        /// The registry.
        registry: String,
        /// Why not.
        reason: String,
    },
    /// Stored credentials cannot be read.
    #[error("the credentials of {registry} cannot be read: {reason}")]
    Credentials {
        /// The registry.
        registry: String,
        /// What is wrong with them.
        reason: String,
    },
    /// The registry counts pulls, and none is left.
    #[error(
        "no pull is left at {registry}: it grants {limit} in {} h",
        window.as_secs().div_ceil(3600)
    )]
    PullsUsedUp {
        /// The registry.
        registry: String,
        /// How many it grants.
        limit: u64,
        /// In which time.
        window: Duration,
    },
    /// There is no such image.
    #[error("{registry} has no {what}")]
    Missing {
        /// What was asked for.
        what: String,
        /// The registry or the folder.
        registry: String,
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
    /// A manifest cannot be understood, so nobody knows what belongs to it.
    #[error("manifest {what} cannot be copied: {reason}")]
    Manifest {
        /// Which manifest.
        what: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A folder is no OCI layout.
    #[error("{} is no OCI layout: {reason}", folder.display())]
    Layout {
        /// The folder.
        folder: PathBuf,
        /// What is wrong with it.
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
    /// Another part of the same image failed first.
    #[error("not tried, because another part of the image failed")]
    NotTried,
}

impl MirrorError {
    /// The registry that failed, where one did.
    pub fn registry(&self) -> Option<&str> {
        match self {
            Self::Transport { registry, .. }
            | Self::Stalled { registry, .. }
            | Self::Truncated { registry, .. }
            | Self::Refused { registry, .. }
            | Self::Unauthorized { registry, .. }
            | Self::Credentials { registry, .. }
            | Self::PullsUsedUp { registry, .. }
            | Self::Missing { registry, .. }
            | Self::Protocol { registry, .. } => Some(registry),
            _ => None,
        }
    }

    /// Whether nobody answered at all: no name, no route, nobody listening, no common TLS.
    pub fn is_unreachable(&self) -> bool {
        matches!(self, Self::Transport { source, .. } if source.is_connect())
    }

    /// How the registry answered, where it did.
    pub fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Refused { status, .. } => Some(*status),
            _ => None,
        }
    }
}
