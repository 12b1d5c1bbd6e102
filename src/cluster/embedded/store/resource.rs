//! The objects of one resource and its recent changes.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound;
use std::sync::Arc;

use tokio::sync::watch;

use super::{Change, ChangeType, Key, Object};

/// The objects of one resource and its recent changes, oldest first.
#[derive(Debug)]
pub(super) struct Resource {
    pub(super) objects: BTreeMap<Key, Arc<Object>>,
    pub(super) changes: VecDeque<Arc<Change>>,
    /// Changes up to this version are forgotten.
    pub(super) floor: u64,
    /// Says that something happened.
    pub(super) moved: watch::Sender<u64>,
}

impl Resource {
    pub(super) fn new(floor: u64) -> Self {
        Self {
            objects: BTreeMap::new(),
            changes: VecDeque::new(),
            floor,
            moved: watch::Sender::new(floor),
        }
    }

    /// The objects of one namespace, or all, in order.
    pub(super) fn select<'a>(
        &'a self,
        namespace: Option<&'a str>,
    ) -> impl Iterator<Item = (&'a Key, &'a Arc<Object>)> {
        let start = Key::new(namespace.unwrap_or_default(), "");
        self.objects
            .range((Bound::Included(start), Bound::Unbounded))
            .take_while(move |(key, _)| namespace.is_none_or(|wanted| key.namespace == wanted))
    }

    /// The changes after a version.
    pub(super) fn after(&self, version: u64) -> impl Iterator<Item = &Arc<Change>> {
        let first = self
            .changes
            .partition_point(|change| change.version <= version);
        self.changes.range(first..)
    }

    /// The objects as they were at an earlier version: newer changes are undone, newest first.
    pub(super) fn select_at(&self, namespace: Option<&str>, version: u64) -> Vec<Arc<Object>> {
        let mut objects: BTreeMap<&Key, &Arc<Object>> = self.select(namespace).collect();
        let newer: Vec<&Arc<Change>> = self.after(version).collect();
        for change in newer.into_iter().rev() {
            if namespace.is_some_and(|wanted| change.key.namespace != wanted) {
                continue;
            }
            match &change.previous {
                Some(previous) => objects.insert(&change.key, previous),
                None => objects.remove(&change.key),
            };
        }
        objects.into_values().cloned().collect()
    }

    pub(super) fn apply(&mut self, change: Arc<Change>) {
        match change.change_type {
            ChangeType::Deleted => {
                self.objects.remove(&change.key);
            }
            ChangeType::Created | ChangeType::Updated => {
                self.objects
                    .insert(change.key.clone(), Arc::clone(&change.object));
            }
        }
        let version = change.version;
        self.changes.push_back(change);
        self.moved.send_replace(version);
    }
}
