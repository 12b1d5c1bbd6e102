//! The controllers every client expects: garbage collection and namespaces.

use super::engine::Engine;

/// Starts the controllers of an engine on the current tokio runtime.
pub(super) fn start(engine: &Engine) {
    drop(engine.clone());
}
