//! Why a cluster could not be made, found or removed.

use thiserror::Error;

use super::{
    JournalError, connect::ConnectError, kind::KindError, kubeconfig::KubeconfigError,
    wait::WaitError,
};

/// A backend's failure.
#[derive(Debug, Error)]
pub enum ClusterError {
    /// The journal cannot be read or written.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A kubeconfig cannot be read or written.
    #[error(transparent)]
    Kubeconfig(#[from] KubeconfigError),
    /// No client could be made.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The API server refused a request or could not be asked.
    #[error("the API server did not serve `{request}`")]
    Api {
        /// What was asked for.
        request: String,
        /// What came back.
        #[source]
        source: Box<kube::Error>,
    },
    /// Something did not become ready in time.
    #[error(transparent)]
    Wait(#[from] WaitError),
    /// kind, the container engine or the host stood in the way.
    #[error(transparent)]
    Kind(#[from] Box<KindError>),
    /// The embedded control plane stood in the way.
    #[error("the embedded control plane cannot be used")]
    Embedded {
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl ClusterError {
    /// What the user can do about it.
    pub fn hints(&self) -> Vec<String> {
        match self {
            Self::Kind(error) => error.hints(),
            _ => Vec::new(),
        }
    }
}

impl From<KindError> for ClusterError {
    fn from(error: KindError) -> Self {
        Self::Kind(Box::new(error))
    }
}
