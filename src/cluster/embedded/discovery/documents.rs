//! The documents of one server, made on demand and kept until the kinds change.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use super::aggregated::{self, Part};
use super::cached::Cached;
use super::openapi;
use crate::cluster::embedded::kinds::{Kind, Registry};

/// The documents of one server.
#[derive(Debug, Default)]
pub(crate) struct Documents {
    cache: Mutex<Cache>,
}

#[derive(Debug, Default)]
struct Cache {
    generation: u64,
    documents: HashMap<Key, Arc<Cached>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    AggregatedCore,
    AggregatedGroups,
    OpenApiRoot,
    OpenApi(String, String),
}

impl Documents {
    /// `/api` aggregated.
    pub(crate) fn aggregated_core(&self, registry: &Registry) -> Arc<Cached> {
        self.cached(registry, Key::AggregatedCore, |kinds| {
            Some(aggregated::document(kinds, Part::Core))
        })
        .unwrap_or_else(empty)
    }

    /// `/apis` aggregated.
    pub(crate) fn aggregated_groups(&self, registry: &Registry) -> Arc<Cached> {
        self.cached(registry, Key::AggregatedGroups, |kinds| {
            Some(aggregated::document(kinds, Part::Named))
        })
        .unwrap_or_else(empty)
    }

    /// `/openapi/v3`.
    pub(crate) fn open_api_root(&self, registry: &Registry) -> Arc<Cached> {
        self.cached(registry, Key::OpenApiRoot, |kinds| {
            Some(openapi::root(kinds))
        })
        .unwrap_or_else(empty)
    }

    /// `/openapi/v3/api/v1` and `/openapi/v3/apis/GROUP/VERSION`.
    pub(crate) fn open_api(
        &self,
        registry: &Registry,
        group: &str,
        version: &str,
    ) -> Option<Arc<Cached>> {
        let key = Key::OpenApi(group.to_owned(), version.to_owned());
        self.cached(registry, key, |kinds| {
            openapi::document(kinds, group, version)
        })
    }

    fn cached(
        &self,
        registry: &Registry,
        key: Key,
        make: impl FnOnce(&[Arc<Kind>]) -> Option<Value>,
    ) -> Option<Arc<Cached>> {
        let generation = registry.generation();
        {
            let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
            if cache.generation != generation {
                cache.generation = generation;
                cache.documents.clear();
            }
            if let Some(known) = cache.documents.get(&key) {
                return Some(Arc::clone(known));
            }
        }
        // Made outside the lock: a large document must not hold up the small ones.
        let made = Arc::new(Cached::new(&make(&registry.kinds())?));
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        if cache.generation == generation {
            cache.documents.insert(key, Arc::clone(&made));
        }
        Some(made)
    }
}

fn empty() -> Arc<Cached> {
    Arc::new(Cached::new(&json!({})))
}
