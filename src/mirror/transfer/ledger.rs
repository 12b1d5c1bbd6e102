//! What is known to be at a target: a blob is moved once per run, whoever needs it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use tokio::sync::Mutex as AsyncMutex;

use crate::mirror::Digest;

/// The repositories of one registry that have one blob.
pub(super) type Holders = Arc<AsyncMutex<Vec<String>>>;

/// Blobs by registry. Who moves a blob holds its entry, so that others wait and then find it.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    entries: Mutex<HashMap<(String, Digest), Holders>>,
}

impl Ledger {
    pub(super) fn entry(&self, registry: &str, digest: &Digest) -> Holders {
        let mut entries = self
            .entries
            .lock()
            .expect("no panic happens under this lock");
        let key = (registry.to_owned(), digest.clone());
        Arc::clone(entries.entry(key).or_default())
    }

    /// Forgets a registry, which turned out not to have what it said.
    pub(super) fn forget(&self, registry: &str) {
        let mut entries = self
            .entries
            .lock()
            .expect("no panic happens under this lock");
        entries.retain(|(of, _), _| of != registry);
    }
}
