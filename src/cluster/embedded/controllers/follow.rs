//! The loop that feeds changes to a controller.

use std::sync::Arc;

use async_trait::async_trait;

use super::accounts::Accounts;
use super::definitions::Definitions;
use super::garbage::Garbage;
use super::namespaces::Namespaces;
use crate::cluster::embedded::engine::Engine;
use crate::cluster::embedded::store::Change;

/// Changes handed over at once at most.
const BATCH: usize = 1024;

/// Something that follows changes and reacts.
#[async_trait]
pub(super) trait Controller: Send + 'static {
    /// Takes note of changes, in order of commit, and reacts to them.
    async fn react(&mut self, engine: &Engine, changes: &[Arc<Change>]);
}

/// Starts the controllers of an engine on the current tokio runtime.
pub(in crate::cluster::embedded) fn start(engine: &Engine) {
    follow(engine, Garbage::default());
    follow(engine, Namespaces::default());
    follow(engine, Definitions::default());
    follow(engine, Accounts);
}

fn follow(engine: &Engine, mut controller: impl Controller) {
    let (snapshot, mut receiver) = engine.store().subscribe();
    let weak = engine.downgrade();
    let stop = engine.stopping().clone();
    engine.tasks().spawn(async move {
        let mut changes = snapshot;
        loop {
            if !changes.is_empty() {
                let Some(engine) = weak.upgrade() else { return };
                tokio::select! {
                    biased;
                    () = stop.cancelled() => return,
                    () = controller.react(&engine, &changes) => {}
                }
                changes.clear();
            }
            let read = tokio::select! {
                biased;
                () = stop.cancelled() => return,
                read = receiver.recv_many(&mut changes, BATCH) => read,
            };
            if read == 0 {
                return;
            }
        }
    });
}
