//! What can go wrong in the stack.

use std::{net::SocketAddr, time::Duration};

use thiserror::Error;

/// Why the stack cannot start, or stopped.
#[derive(Debug, Error)]
pub enum StackError {
    /// A request to the cluster failed.
    #[error("cannot {action}")]
    Api {
        /// What was tried.
        action: String,
        /// What the client says.
        #[source]
        source: Box<kube::Error>,
    },
    /// An address is taken or not ours.
    #[error("cannot listen on {address} for {purpose}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What it is for.
        purpose: &'static str,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// Requests to the cluster cannot even be made.
    #[error("there is no way to the cluster from here")]
    NoCluster(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The certificates of the webhook cannot be made.
    #[error("the webhook cannot be set up")]
    Webhook(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Something did not happen in time.
    #[error("{what} after {seconds} s: {last}")]
    TimedOut {
        /// What did not happen.
        what: String,
        /// How long it was waited for.
        seconds: u64,
        /// What was seen last.
        last: String,
    },
    /// A controller ended by itself.
    #[error("the controller `{name}` ended unexpectedly")]
    ControllerEnded {
        /// The name of the controller.
        name: &'static str,
        /// Why, if it panicked.
        #[source]
        source: Option<tokio::task::JoinError>,
    },
}

impl StackError {
    /// Names what was tried when a request failed.
    pub(crate) fn api(action: impl Into<String>) -> impl FnOnce(kube::Error) -> Self {
        let action = action.into();
        move |source| Self::Api {
            action,
            source: Box::new(source),
        }
    }
}

/// Why one object could not be reconciled.
#[derive(Debug, Error)]
pub(crate) enum ReconcileError {
    /// A request to the cluster failed.
    #[error("cannot {action}: {source}")]
    Api {
        /// What was tried.
        action: String,
        /// What the client says.
        #[source]
        source: Box<kube::Error>,
    },
    /// The object asks for something impossible; only a change of it helps.
    #[error("{description}")]
    Configuration {
        /// What is impossible, and where.
        description: String,
    },
    /// A cloud has nothing left, or does not answer; later it may.
    #[error("{description}")]
    Cloud {
        /// What it lacks.
        description: String,
        /// Gardener's code for it.
        code: &'static str,
    },
    /// An object with immutable fields makes room for its successor.
    #[error("{what} is being replaced")]
    Replacing {
        /// The object.
        what: String,
    },
}

impl ReconcileError {
    /// Names what was tried when a request failed.
    pub(crate) fn api(action: impl Into<String>) -> impl FnOnce(kube::Error) -> Self {
        let action = action.into();
        move |source| Self::Api {
            action,
            source: Box::new(source),
        }
    }

    /// The object asks for something impossible.
    pub(crate) fn configuration(description: impl Into<String>) -> Self {
        Self::Configuration {
            description: description.into(),
        }
    }

    /// A cloud has nothing left.
    pub(crate) const fn depleted(description: String) -> Self {
        Self::Cloud {
            description,
            code: "ERR_INFRA_RESOURCES_DEPLETED",
        }
    }

    /// A cloud does not answer as it should.
    pub(crate) const fn unavailable(description: String) -> Self {
        Self::Cloud {
            description,
            code: "ERR_RETRYABLE_INFRA_DEPENDENCIES",
        }
    }

    /// Gardener's codes of well-known errors.
    pub(crate) fn codes(&self) -> Vec<String> {
        match self {
            Self::Configuration { .. } => vec!["ERR_CONFIGURATION_PROBLEM".to_owned()],
            Self::Cloud { code, .. } => vec![(*code).to_owned()],
            Self::Api { .. } | Self::Replacing { .. } => Vec::new(),
        }
    }

    /// Whether the API server understood the request and refused it for good.
    pub(crate) fn is_refusal(&self) -> bool {
        let refused = |error: &kube::Error| matches!(error, kube::Error::Api(status) if matches!(status.code, 400 | 403 | 422));
        matches!(self, Self::Api { source, .. } if refused(source))
    }

    /// How long to wait before the next try.
    pub(crate) fn retry_after(&self) -> Duration {
        match self {
            // Somebody else was faster; their change is on its way.
            Self::Api { source, .. } if is_conflict(source) => Duration::from_millis(100),
            Self::Replacing { .. } => Duration::from_millis(100),
            // Somebody may give something back at any time.
            Self::Cloud { .. } => Duration::from_secs(1),
            Self::Api { .. } | Self::Configuration { .. } => Duration::from_secs(5),
        }
    }
}

fn is_conflict(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if status.code == 409)
}
