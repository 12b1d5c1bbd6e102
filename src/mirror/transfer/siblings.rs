//! Repositories of one target that may share blobs: what an earlier run brought to one of them need not be sent to
//! another.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use futures_util::future::join_all;

use super::Store;
use crate::mirror::Descriptor;

/// Repositories that are asked for one blob.
const ASKED: usize = 64;
/// A smaller blob is sent sooner than looked for.
const WORTH_ASKING: u64 = 64 * 1024;

/// The repositories of a run by target registry.
#[derive(Debug)]
pub(super) struct Siblings {
    repositories: Mutex<BTreeMap<String, BTreeSet<String>>>,
    /// Whether anything was there before. On a first run nobody has anything, so nobody is asked.
    is_rerun: AtomicBool,
}

impl Siblings {
    /// No repositories yet.
    pub(super) fn new(is_rerun: bool) -> Self {
        Self {
            repositories: Mutex::default(),
            is_rerun: AtomicBool::new(is_rerun),
        }
    }

    /// A repository that images of this run go to.
    pub(super) fn add(&self, store: &Store) {
        let mut repositories = self
            .repositories
            .lock()
            .expect("no panic happens under this lock");
        let of_registry = repositories.entry(store.key()).or_default();
        of_registry.insert(store.repository().to_owned());
    }

    /// Something was there before this run.
    pub(super) fn found_something(&self) {
        self.is_rerun.store(true, Ordering::Relaxed);
    }

    /// Whether nothing was there before this run, as far as it knows by now.
    pub(super) fn are_new(&self) -> bool {
        !self.is_rerun.load(Ordering::Relaxed)
    }

    /// A repository of the same registry that has a blob.
    pub(super) async fn holder(&self, store: &Store, blob: &Descriptor) -> Option<String> {
        let client = store.client()?;
        if blob.size < WORTH_ASKING || self.are_new() {
            return None;
        }
        let others: Vec<String> = {
            let repositories = self
                .repositories
                .lock()
                .expect("no panic happens under this lock");
            let of_registry = repositories.get(&store.key())?;
            let others = of_registry
                .iter()
                .filter(|name| *name != store.repository());
            others.take(ASKED).cloned().collect()
        };
        let looks = others.into_iter().map(async |name| {
            // Where we may not look, we need not mount from.
            let has = client.has_blob(&name, &blob.digest).await.unwrap_or(false);
            has.then_some(name)
        });
        join_all(looks).await.into_iter().flatten().next()
    }
}
