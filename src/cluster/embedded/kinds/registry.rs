//! The kinds served right now.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock};

use super::{Kind, ResourceId};

/// The kinds served right now: built-in ones plus those of established definitions.
///
/// Readers get `Arc`s; a change swaps entries and moves the generation on.
#[derive(Debug, Default)]
pub struct Registry {
    state: RwLock<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Keyed by group, plural, version.
    kinds: BTreeMap<(String, String, String), Arc<Kind>>,
    generation: u64,
}

impl Registry {
    /// The kind behind a path.
    pub fn lookup(&self, group: &str, version: &str, plural: &str) -> Option<Arc<Kind>> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let key = (group.to_owned(), plural.to_owned(), version.to_owned());
        state.kinds.get(&key).cloned()
    }

    /// The kind with a group, version and Kind, as owner references name it.
    pub fn by_kind(&self, group: &str, version: &str, kind: &str) -> Option<Arc<Kind>> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        state
            .kinds
            .values()
            .find(|known| known.group == group && known.version == version && known.kind == kind)
            .cloned()
    }

    /// The kind through which the objects of a resource are best handled: the stored form if it is
    /// served, else any.
    pub fn stored(&self, resource: &ResourceId) -> Option<Arc<Kind>> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let mut any = None;
        for kind in state
            .kinds
            .values()
            .filter(|kind| *kind.resource == *resource)
        {
            if kind.group == resource.group && kind.version == kind.storage_version {
                return Some(Arc::clone(kind));
            }
            any = Some(Arc::clone(kind));
        }
        any
    }

    /// One kind for each set of stored objects.
    pub fn resources(&self) -> Vec<Arc<Kind>> {
        let mut seen = BTreeSet::new();
        let kinds = self.kinds();
        let stored = kinds.iter().filter(|kind| kind.verbs.contains(&"list"));
        stored
            .filter(|kind| seen.insert(Arc::clone(&kind.resource)))
            .filter_map(|kind| self.stored(&kind.resource))
            .collect()
    }

    /// Every kind in order of group, plural, version.
    pub fn kinds(&self) -> Vec<Arc<Kind>> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        state.kinds.values().cloned().collect()
    }

    /// Moves on whenever the set of kinds, or one of them, changes.
    pub fn generation(&self) -> u64 {
        self.state
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .generation
    }

    /// Adds one version of one kind.
    pub fn add(&self, kind: Kind) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let key = (
            kind.group.clone(),
            kind.plural.clone(),
            kind.version.clone(),
        );
        state.kinds.insert(key, Arc::new(kind));
        state.generation += 1;
    }

    /// Adds or replaces all versions of one resource; versions not given are no longer served.
    pub fn replace(&self, group: &str, plural: &str, versions: Vec<Kind>) {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        state.kinds.retain(|(known_group, known_plural, _), _| {
            known_group != group || known_plural != plural
        });
        for kind in versions {
            let key = (
                kind.group.clone(),
                kind.plural.clone(),
                kind.version.clone(),
            );
            state.kinds.insert(key, Arc::new(kind));
        }
        state.generation += 1;
    }
}
