//! What was applied last, so that an object is sent again only when it changed or went away.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher as _},
    sync::Mutex,
};

/// Names an object across kinds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ObjectKey {
    /// The kind.
    pub(crate) kind: String,
    /// The namespace; empty for cluster-scoped kinds.
    pub(crate) namespace: String,
    /// The name.
    pub(crate) name: String,
}

/// What is remembered about an applied object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    content: u64,
    version: u64,
}

/// The objects of one namespace, the namespace itself and what is named after it.
type Bucket = HashMap<ObjectKey, Entry>;

/// The memory of all applied objects. Losing it costs requests, never correctness.
#[derive(Debug, Default)]
pub(crate) struct Ledger(Mutex<HashMap<String, Bucket>>);

impl ObjectKey {
    fn bucket(&self) -> &str {
        if self.namespace.is_empty() {
            &self.name
        } else {
            &self.namespace
        }
    }
}

impl Ledger {
    /// The resource version that the same content had when it was applied, if it was.
    pub(crate) fn version_of(&self, key: &ObjectKey, content: &[u8]) -> Option<u64> {
        let entries = self.0.lock().expect("no panic happens under this lock");
        entries
            .get(key.bucket())
            .and_then(|bucket| bucket.get(key))
            .filter(|entry| entry.content == hash(content))
            .map(|entry| entry.version)
    }

    /// Remembers an applied object.
    pub(crate) fn record(&self, key: ObjectKey, content: &[u8], version: u64) {
        let entry = Entry {
            content: hash(content),
            version,
        };
        let mut entries = self.0.lock().expect("no panic happens under this lock");
        let bucket = entries.entry(key.bucket().to_owned()).or_default();
        bucket.insert(key, entry);
    }

    /// Forgets one object, because it went away.
    pub(crate) fn forget(&self, key: &ObjectKey) {
        let mut entries = self.0.lock().expect("no panic happens under this lock");
        if let Some(bucket) = entries.get_mut(key.bucket()) {
            bucket.remove(key);
        }
    }

    /// Forgets everything in a namespace, and what is named after it.
    pub(crate) fn forget_namespace(&self, namespace: &str) {
        let mut entries = self.0.lock().expect("no panic happens under this lock");
        entries.remove(namespace);
    }
}

fn hash(content: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> ObjectKey {
        ObjectKey {
            kind: "Network".to_owned(),
            namespace: "ns".to_owned(),
            name: name.to_owned(),
        }
    }

    #[test]
    fn only_the_same_content_is_known() {
        let ledger = Ledger::default();
        ledger.record(key("a"), b"one", 7);
        assert_eq!(ledger.version_of(&key("a"), b"one"), Some(7));
        assert_eq!(ledger.version_of(&key("a"), b"two"), None);
        ledger.forget(&key("a"));
        assert_eq!(ledger.version_of(&key("a"), b"one"), None);
        ledger.record(key("b"), b"one", 8);
        ledger.forget_namespace("ns");
        assert_eq!(ledger.version_of(&key("b"), b"one"), None);
    }
}
