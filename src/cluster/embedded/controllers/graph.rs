//! Who owns whom: the objects of a control plane by uid.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use serde_json::Value;

use crate::cluster::embedded::kinds::ResourceId;
use crate::cluster::embedded::store::{Change, ChangeType, Key};

/// One entry of `metadata.ownerReferences`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Owner {
    pub(super) uid: String,
    pub(super) api_version: String,
    pub(super) kind: String,
    /// `blockOwnerDeletion`.
    pub(super) blocks: bool,
}

/// One object.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) resource: Arc<ResourceId>,
    pub(super) key: Key,
    pub(super) owners: Vec<Owner>,
    pub(super) deleting: bool,
    pub(super) finalizers: Vec<String>,
}

impl Node {
    /// Whether the object is being deleted and waits under this finalizer.
    pub(super) fn waits_under(&self, finalizer: &str) -> bool {
        self.deleting && self.finalizers.iter().any(|known| known == finalizer)
    }

    fn of(change: &Change) -> Self {
        let value = change.object.value();
        let metadata = &value["metadata"];
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let owners = metadata["ownerReferences"].as_array().into_iter().flatten();
        let finalizers = metadata["finalizers"].as_array().into_iter().flatten();
        Self {
            resource: Arc::clone(&change.resource),
            key: change.key.clone(),
            owners: owners
                .map(|owner| Owner {
                    uid: text(&owner["uid"]),
                    api_version: text(&owner["apiVersion"]),
                    kind: text(&owner["kind"]),
                    blocks: owner["blockOwnerDeletion"] == Value::Bool(true),
                })
                .collect(),
            deleting: metadata.get("deletionTimestamp").is_some(),
            finalizers: finalizers.map(text).collect(),
        }
    }
}

/// The objects of a control plane by uid, with dependents.
#[derive(Debug, Default)]
pub(super) struct Graph {
    nodes: HashMap<String, Node>,
    dependents: HashMap<String, BTreeSet<String>>,
}

impl Graph {
    pub(super) fn node(&self, uid: &str) -> Option<&Node> {
        self.nodes.get(uid)
    }

    /// Uids of the objects that name this uid as an owner.
    pub(super) fn dependents(&self, uid: &str) -> Vec<String> {
        self.dependents
            .get(uid)
            .into_iter()
            .flatten()
            .cloned()
            .collect()
    }

    /// Uids of the dependents that hold the owner until they are gone.
    pub(super) fn blocking(&self, uid: &str) -> Vec<String> {
        let blocks = |dependent: &String| {
            self.node(dependent).is_some_and(|node| {
                node.owners
                    .iter()
                    .any(|owner| owner.uid == uid && owner.blocks)
            })
        };
        self.dependents(uid).into_iter().filter(blocks).collect()
    }

    /// Takes note of a change; answers the owners that the object had before.
    pub(super) fn apply(&mut self, change: &Change) -> Vec<Owner> {
        let uid = change.object.uid().to_owned();
        let before = self
            .nodes
            .remove(&uid)
            .map(|node| node.owners)
            .unwrap_or_default();
        for owner in &before {
            if let Some(dependents) = self.dependents.get_mut(&owner.uid) {
                dependents.remove(&uid);
                if dependents.is_empty() {
                    self.dependents.remove(&owner.uid);
                }
            }
        }
        if change.change_type != ChangeType::Deleted {
            let node = Node::of(change);
            for owner in &node.owners {
                self.dependents
                    .entry(owner.uid.clone())
                    .or_default()
                    .insert(uid.clone());
            }
            self.nodes.insert(uid, node);
        }
        before
    }
}
