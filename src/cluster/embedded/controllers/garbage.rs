//! The garbage collector: dependents go when their owners are gone.
//!
//! The graph is a prefix of the history, in order of commit, and uids are never used twice; so an
//! owner that is missing from the graph is missing for ever, and no second look is needed.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value;

use super::follow::Controller;
use super::graph::{Graph, Node, Owner};
use crate::cluster::embedded::engine::{Engine, FOREGROUND, ORPHAN, Propagation};
use crate::cluster::embedded::kinds::Registry;
use crate::cluster::embedded::store::{Change, ChangeType};

/// The garbage collector.
#[derive(Debug, Default)]
pub(super) struct Garbage {
    graph: Graph,
}

/// How the owners of an object stand.
#[derive(Debug, Default)]
struct Owners {
    /// Uids of owners that are there.
    solid: Vec<String>,
    /// Uids of owners that wait for their dependents to go.
    waiting: Vec<String>,
    /// Uids of owners that are gone.
    dangling: Vec<String>,
}

#[async_trait]
impl Controller for Garbage {
    async fn react(&mut self, engine: &Engine, changes: &[Arc<Change>]) {
        let mut dependents = BTreeSet::new();
        let mut owners = BTreeSet::new();
        for change in changes
            .iter()
            .filter(|change| change.resource.plural != "events")
        {
            let uid = change.object.uid().to_owned();
            let before = self.graph.apply(change);
            owners.extend(before.into_iter().map(|owner| owner.uid));
            if change.change_type == ChangeType::Deleted {
                dependents.extend(self.graph.dependents(&uid));
            } else {
                dependents.insert(uid.clone());
                owners.insert(uid);
            }
        }
        for uid in owners {
            self.release_owner(engine, &uid).await;
        }
        for uid in dependents {
            self.collect(engine, &uid).await;
        }
    }
}

impl Garbage {
    /// Lets an owner go that waits for its dependents, or sends the dependents away.
    async fn release_owner(&self, engine: &Engine, uid: &str) {
        let Some(node) = self.graph.node(uid) else {
            return;
        };
        if node.waits_under(ORPHAN) {
            for dependent in self.graph.dependents(uid) {
                if let Some(dependent_node) = self.graph.node(&dependent) {
                    forget(engine, dependent_node, &dependent, &[uid.to_owned()]);
                }
            }
            drop_finalizer(engine, node, uid, ORPHAN);
        }
        if node.waits_under(FOREGROUND) {
            let blocking = self.graph.blocking(uid);
            if blocking.is_empty() {
                drop_finalizer(engine, node, uid, FOREGROUND);
            }
            for dependent in blocking {
                self.collect(engine, &dependent).await;
            }
        }
    }

    /// Removes an object that no owner keeps, or its references to owners that are gone.
    async fn collect(&self, engine: &Engine, uid: &str) {
        let Some(node) = self.graph.node(uid).filter(|node| !node.owners.is_empty()) else {
            return;
        };
        let owners = self.owners(engine.registry(), node);
        if owners.dangling.is_empty() && owners.waiting.is_empty() {
            return;
        }
        if !owners.solid.is_empty() {
            let mut gone = owners.dangling;
            gone.extend(owners.waiting);
            forget(engine, node, uid, &gone);
            return;
        }
        if node.deleting {
            return;
        }
        // Below an owner that waits, dependents go before what they own in turn.
        let propagation = if node.finalizers.iter().any(|known| known == ORPHAN) {
            Propagation::Orphan
        } else if !owners.waiting.is_empty() && !self.graph.blocking(uid).is_empty() {
            Propagation::Foreground
        } else {
            Propagation::Background
        };
        let removed = engine
            .remove(&node.resource, &node.key, uid, propagation)
            .await;
        report(removed.err().as_ref(), node);
    }

    fn owners(&self, registry: &Registry, node: &Node) -> Owners {
        let mut owners = Owners::default();
        for owner in &node.owners {
            match self.graph.node(&owner.uid) {
                Some(known) if in_reach(known, node) => {
                    if known.waits_under(FOREGROUND) {
                        owners.waiting.push(owner.uid.clone());
                    } else {
                        owners.solid.push(owner.uid.clone());
                    }
                }
                // A kind that nobody knows may come back; its objects are given the benefit of doubt.
                _ if !is_known(registry, owner) => owners.solid.push(owner.uid.clone()),
                _ => owners.dangling.push(owner.uid.clone()),
            }
        }
        owners
    }
}

/// Owners are in the same namespace or have none.
fn in_reach(owner: &Node, dependent: &Node) -> bool {
    owner.key.namespace.is_empty() || owner.key.namespace == dependent.key.namespace
}

fn is_known(registry: &Registry, owner: &Owner) -> bool {
    let (group, version) = owner
        .api_version
        .split_once('/')
        .unwrap_or(("", &owner.api_version));
    registry.by_kind(group, version, &owner.kind).is_some()
}

/// Strikes references to owners out of an object.
fn forget(engine: &Engine, node: &Node, uid: &str, owners: &[String]) {
    let adjusted = engine.adjust(&node.resource, &node.key, uid, |object| {
        let metadata = &mut object["metadata"];
        if let Some(references) = metadata["ownerReferences"].as_array_mut() {
            references.retain(|reference| !owners.iter().any(|owner| reference["uid"] == **owner));
        }
        drop_if_empty(metadata, "ownerReferences");
    });
    report(adjusted.err().as_ref(), node);
}

fn drop_finalizer(engine: &Engine, node: &Node, uid: &str, finalizer: &str) {
    let adjusted = engine.adjust(&node.resource, &node.key, uid, |object| {
        let metadata = &mut object["metadata"];
        if let Some(finalizers) = metadata["finalizers"].as_array_mut() {
            finalizers.retain(|known| known != finalizer);
        }
        drop_if_empty(metadata, "finalizers");
    });
    report(adjusted.err().as_ref(), node);
}

fn drop_if_empty(metadata: &mut Value, member: &str) {
    let Some(metadata) = metadata.as_object_mut() else {
        return;
    };
    let blank = metadata
        .get(member)
        .is_none_or(|value| value.is_null() || value.as_array().is_some_and(Vec::is_empty));
    if blank {
        metadata.shift_remove(member);
    }
}

fn report(error: Option<&crate::cluster::embedded::status::Status>, node: &Node) {
    if let Some(error) = error {
        tracing::warn!(
            resource = %node.resource.plural,
            namespace = %node.key.namespace,
            name = %node.key.name,
            %error,
            "garbage collection could not finish"
        );
    }
}
