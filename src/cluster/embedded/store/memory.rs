//! The store: every object of a control plane under one version counter.

use std::collections::{HashMap, VecDeque};
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use serde_json::Value;
use tokio::sync::{mpsc, watch};

use super::log::{Log, LogError};
use super::resource::Resource;
use super::{Action, Change, ChangeType, Commit, Key, Object, Refused};
use crate::cluster::embedded::kinds::ResourceId;

/// Versions start here, so that `1` is always a version of the past.
const FIRST_VERSION: u64 = 100;
/// Changes kept for watchers and for consistent pages, over all resources.
const MOST_CHANGES: usize = 16_384;
/// Rough bytes of JSON kept in those changes.
const MOST_BYTES: usize = 64 << 20;

/// Every object of a control plane; readers get `Arc`s and never wait for more than a commit.
#[derive(Debug)]
pub struct Store {
    state: RwLock<State>,
}

#[derive(Debug)]
struct State {
    version: u64,
    floor: u64,
    resources: HashMap<Arc<ResourceId>, Resource>,
    /// Resource and weight of every kept change, oldest first.
    order: VecDeque<(Arc<ResourceId>, usize)>,
    weight: usize,
    subscribers: Vec<mpsc::UnboundedSender<Arc<Change>>>,
    log: Option<Log>,
}

/// Changes read at once, with the version up to which nothing else happened.
#[derive(Debug)]
pub struct Batch {
    /// The changes in order of commit.
    pub changes: Vec<Arc<Change>>,
    /// The version the reader has seen after them.
    pub version: u64,
}

/// The version asked for has been forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooOld {
    /// The oldest version that can still be read from.
    pub oldest: u64,
}

impl Default for Store {
    fn default() -> Self {
        Self::starting_at(FIRST_VERSION)
    }
}

impl Store {
    /// An empty store whose first write gets the version after `version`.
    pub fn starting_at(version: u64) -> Self {
        Self {
            state: RwLock::new(State {
                version,
                floor: version,
                resources: HashMap::new(),
                order: VecDeque::new(),
                weight: 0,
                subscribers: Vec::new(),
                log: None,
            }),
        }
    }

    /// A store that keeps its objects in a log, with those that are there already. Its history
    /// starts now.
    pub fn open(path: &Path) -> Result<Self, LogError> {
        let (log, restored) = Log::open(path)?;
        let store = Self::starting_at(restored.version.max(FIRST_VERSION));
        let mut state = store.write();
        state.log = Some(log);
        for (resource, objects) in restored.objects {
            let known = state.resource(&Arc::new(resource));
            let objects = objects
                .into_iter()
                .map(|(key, (version, value))| (key, Arc::new(Object::new(value, version))));
            known.objects.extend(objects);
        }
        drop(state);
        Ok(store)
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The version of the latest write.
    pub fn version(&self) -> u64 {
        self.read().version
    }

    /// One object.
    pub fn get(&self, resource: &ResourceId, key: &Key) -> Option<Arc<Object>> {
        self.read()
            .resources
            .get(resource)?
            .objects
            .get(key)
            .cloned()
    }

    /// How many objects a resource has.
    pub fn count(&self, resource: &ResourceId) -> usize {
        self.read()
            .resources
            .get(resource)
            .map_or(0, |known| known.objects.len())
    }

    /// Whether a namespace, or the whole resource, has any object.
    pub fn is_empty(&self, resource: &ResourceId, namespace: Option<&str>) -> bool {
        let state = self.read();
        let known = state.resources.get(resource);
        known.is_none_or(|known| known.select(namespace).next().is_none())
    }

    /// The objects of a namespace, or all, and the version they are from.
    pub fn list(&self, resource: &ResourceId, namespace: Option<&str>) -> (Vec<Arc<Object>>, u64) {
        let state = self.read();
        let objects = state
            .resources
            .get(resource)
            .map_or_else(Vec::new, |known| {
                known
                    .select(namespace)
                    .map(|(_, object)| Arc::clone(object))
                    .collect()
            });
        (objects, state.version)
    }

    /// The objects as they were at `version`.
    pub fn list_at(
        &self,
        resource: &ResourceId,
        namespace: Option<&str>,
        version: u64,
    ) -> Result<Vec<Arc<Object>>, TooOld> {
        let state = self.read();
        let Some(known) = state.resources.get(resource) else {
            return check_floor(version, state.floor).map(|()| Vec::new());
        };
        check_floor(version, known.floor)?;
        Ok(known.select_at(namespace, version))
    }

    /// Up to `most` changes after `version`.
    pub fn changes_after(
        &self,
        resource: &ResourceId,
        version: u64,
        most: usize,
    ) -> Result<Batch, TooOld> {
        let state = self.read();
        let Some(known) = state.resources.get(resource) else {
            check_floor(version, state.floor)?;
            return Ok(Batch {
                changes: Vec::new(),
                version: state.version.max(version),
            });
        };
        check_floor(version, known.floor)?;
        let changes: Vec<Arc<Change>> = known.after(version).take(most).cloned().collect();
        let complete = changes.len() < most;
        let seen = match changes.last() {
            Some(last) if !complete => last.version,
            _ => state.version.max(version),
        };
        Ok(Batch {
            changes,
            version: seen,
        })
    }

    /// A channel that says when something happened to a resource.
    pub fn wake_on(&self, resource: &Arc<ResourceId>) -> watch::Receiver<u64> {
        self.write().resource(resource).moved.subscribe()
    }

    /// Wakes the watchers of a resource although nothing was written.
    pub fn nudge(&self, resource: &ResourceId) {
        if let Some(known) = self.read().resources.get(resource) {
            known.moved.send_modify(|_| {});
        }
    }

    /// Everything there is, and a channel with every change after that.
    pub fn subscribe(&self) -> (Vec<Arc<Change>>, mpsc::UnboundedReceiver<Arc<Change>>) {
        let mut state = self.write();
        let (sender, receiver) = mpsc::unbounded_channel();
        let mut snapshot: Vec<Arc<Change>> = Vec::new();
        for (resource, known) in &state.resources {
            snapshot.extend(known.objects.iter().map(|(key, object)| {
                Arc::new(Change {
                    version: object.version(),
                    resource: Arc::clone(resource),
                    key: key.clone(),
                    change_type: ChangeType::Created,
                    object: Arc::clone(object),
                    previous: None,
                })
            }));
        }
        snapshot.sort_by_key(|change| change.version);
        state.subscribers.push(sender);
        (snapshot, receiver)
    }

    /// Makes one write, unless its condition fails.
    pub fn commit(&self, commit: Commit) -> Result<Arc<Object>, Refused> {
        let weight = weight(&commit.value);
        let mut state = self.write();
        if let Some(namespace) = &commit.inside {
            state.check_namespace(namespace)?;
        }
        let version = state.version + 1;
        let known = state.resource(&commit.resource);
        let previous = known.objects.get(&commit.key).cloned();
        if previous.as_ref().map(|object| object.version()) != commit.expected {
            return Err(Refused::Raced);
        }
        let change_type = match (commit.action, &previous) {
            (Action::Delete, _) => ChangeType::Deleted,
            (Action::Put, None) => ChangeType::Created,
            (Action::Put, Some(_)) => ChangeType::Updated,
        };
        let object = Arc::new(Object::new(stamped(commit.value, version), version));
        let change = Arc::new(Change {
            version,
            resource: Arc::clone(&commit.resource),
            key: commit.key,
            change_type,
            object: Arc::clone(&object),
            previous,
        });
        if let Some(log) = &mut state.log {
            let written = log.append(&change);
            written.map_err(|error| Refused::Log {
                message: error.to_string(),
            })?;
        }
        state.resource(&commit.resource).apply(Arc::clone(&change));
        state.version = version;
        state.remember(commit.resource, weight);
        state
            .subscribers
            .retain(|subscriber| subscriber.send(Arc::clone(&change)).is_ok());
        Ok(object)
    }
}

impl State {
    fn resource(&mut self, resource: &Arc<ResourceId>) -> &mut Resource {
        let floor = self.floor;
        self.resources
            .entry(Arc::clone(resource))
            .or_insert_with(|| Resource::new(floor))
    }

    fn check_namespace(&self, namespace: &str) -> Result<(), Refused> {
        let found = self
            .resources
            .get(&ResourceId::namespaces())
            .and_then(|known| known.objects.get(&Key::new("", namespace)));
        let Some(object) = found else {
            return Err(Refused::NamespaceMissing {
                namespace: namespace.to_owned(),
            });
        };
        if object.metadata("deletionTimestamp").is_empty() {
            Ok(())
        } else {
            Err(Refused::NamespaceTerminating {
                namespace: namespace.to_owned(),
            })
        }
    }

    /// Counts a change and forgets the oldest ones beyond the limits.
    fn remember(&mut self, resource: Arc<ResourceId>, weight: usize) {
        self.order.push_back((resource, weight));
        self.weight += weight;
        while self.order.len() > MOST_CHANGES || self.weight > MOST_BYTES {
            let Some((oldest, weight)) = self.order.pop_front() else {
                break;
            };
            self.weight -= weight;
            if let Some(known) = self.resources.get_mut(&oldest)
                && let Some(change) = known.changes.pop_front()
            {
                known.floor = change.version;
            }
        }
    }
}

fn check_floor(version: u64, oldest: u64) -> Result<(), TooOld> {
    if version < oldest {
        Err(TooOld { oldest })
    } else {
        Ok(())
    }
}

/// Sets `metadata.resourceVersion`.
fn stamped(mut value: Value, version: u64) -> Value {
    if let Some(metadata) = value.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.insert("resourceVersion".into(), version.to_string().into());
    }
    value
}

/// Roughly the number of bytes of the JSON text.
pub(in crate::cluster::embedded) fn weight(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 8,
        Value::String(text) => text.len() + 3,
        Value::Array(items) => 2 + items.iter().map(weight).sum::<usize>(),
        Value::Object(members) => {
            2 + members
                .iter()
                .map(|(key, value)| key.len() + 4 + weight(value))
                .sum::<usize>()
        }
    }
}
