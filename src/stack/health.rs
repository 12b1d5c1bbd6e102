//! `/healthz` and `/readyz` for the kubelet.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use http::Request;
use hyper::body::Incoming;

use super::serving::{Answer, text};

/// Whether the stack does its work. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Readiness(Arc<AtomicBool>);

impl Readiness {
    /// From now on the stack is ready.
    pub(crate) fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Answers a probe.
    pub(crate) fn answer(&self, request: &Request<Incoming>) -> Answer {
        match request.uri().path() {
            "/healthz" | "/livez" => text(200, "ok"),
            "/readyz" if self.0.load(Ordering::Relaxed) => text(200, "ok"),
            "/readyz" => text(503, "not ready"),
            _ => text(404, "not found"),
        }
    }
}
