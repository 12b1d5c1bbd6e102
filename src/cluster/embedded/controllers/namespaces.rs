//! The namespace controller: content goes first, then the namespace.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value;

use super::follow::Controller;
use crate::cluster::embedded::engine::{Engine, Propagation};
use crate::cluster::embedded::kinds::ResourceId;
use crate::cluster::embedded::kinds::definition::set_condition;
use crate::cluster::embedded::store::{Change, ChangeType, Key};

/// The finalizer in `spec.finalizers` that is this controller's.
const FINALIZER: &str = "kubernetes";

/// The namespace controller.
#[derive(Debug, Default)]
pub(super) struct Namespaces {
    /// Namespaces that go away, with their uids.
    terminating: BTreeMap<String, String>,
}

/// What is left in a namespace.
#[derive(Debug, Default)]
struct Remaining {
    /// Count by resource.
    resources: BTreeMap<String, usize>,
    /// Count by finalizer.
    finalizers: BTreeMap<String, usize>,
}

#[async_trait]
impl Controller for Namespaces {
    async fn react(&mut self, engine: &Engine, changes: &[Arc<Change>]) {
        let namespaces = ResourceId::namespaces();
        let mut due = BTreeSet::new();
        for change in changes {
            if *change.resource == namespaces {
                let name = change.key.name.clone();
                if change.change_type == ChangeType::Deleted {
                    self.terminating.remove(&name);
                } else if !change.object.metadata("deletionTimestamp").is_empty() {
                    let uid = change.object.uid().to_owned();
                    if self.terminating.insert(name.clone(), uid).is_none() {
                        due.insert(name);
                    }
                }
            } else if change.change_type != ChangeType::Created
                && self.terminating.contains_key(&change.key.namespace)
            {
                due.insert(change.key.namespace.clone());
            }
        }
        for name in due {
            if let Some(uid) = self.terminating.get(&name) {
                sweep(engine, &name, uid).await;
            }
        }
    }
}

/// Deletes what is in a namespace, and lets the namespace go when nothing is left.
async fn sweep(engine: &Engine, namespace: &str, uid: &str) {
    let kinds = engine.registry().resources();
    for kind in kinds.iter().filter(|kind| kind.is_namespaced()) {
        let (objects, _) = engine.store().list(&kind.resource, Some(namespace));
        for object in objects {
            if !object.metadata("deletionTimestamp").is_empty() {
                continue;
            }
            let key = Key::new(namespace, object.name());
            let removed = engine
                .remove(&kind.resource, &key, object.uid(), Propagation::Background)
                .await;
            if let Err(error) = removed {
                tracing::warn!(namespace, resource = %kind.plural, %error, "content stays");
            }
        }
    }
    let mut remaining = Remaining::default();
    for kind in kinds.iter().filter(|kind| kind.is_namespaced()) {
        let (objects, _) = engine.store().list(&kind.resource, Some(namespace));
        for object in objects {
            let resource = format!("{}.{}", kind.plural, kind.group);
            *remaining.resources.entry(resource).or_default() += 1;
            let finalizers = object.value()["metadata"]["finalizers"].as_array();
            for finalizer in finalizers.into_iter().flatten().filter_map(Value::as_str) {
                *remaining
                    .finalizers
                    .entry(finalizer.to_owned())
                    .or_default() += 1;
            }
        }
    }
    let now = engine.now();
    let key = Key::new("", namespace);
    let adjusted = engine.adjust(&ResourceId::namespaces(), &key, uid, |object| {
        remaining.describe(object, &now);
        if remaining.resources.is_empty()
            && let Some(finalizers) = object["spec"]["finalizers"].as_array_mut()
        {
            finalizers.retain(|known| known != FINALIZER);
        }
    });
    if let Err(error) = adjusted {
        tracing::warn!(namespace, %error, "the namespace stays");
    }
}

impl Remaining {
    /// Writes the conditions by which upstream explains why a namespace is still there.
    fn describe(&self, namespace: &mut Value, now: &str) {
        let mut set = |condition: &str, status: &str, reason: &str, message: &str| {
            set_condition(namespace, condition, status, reason, message, now);
        };
        set(
            "NamespaceDeletionDiscoveryFailure",
            "False",
            "ResourcesDiscovered",
            "All resources successfully discovered",
        );
        set(
            "NamespaceDeletionGroupVersionParsingFailure",
            "False",
            "ParsedGroupVersions",
            "All legacy kube types successfully parsed",
        );
        set(
            "NamespaceDeletionContentFailure",
            "False",
            "ContentDeleted",
            "All content successfully deleted, may be waiting on finalization",
        );
        let list = |counts: &BTreeMap<String, usize>, word: &str| {
            let parts = counts
                .iter()
                .map(|(name, count)| format!("{name} {word} {count}"));
            let parts: Vec<String> = parts
                .map(|part| format!("{part} resource instances"))
                .collect();
            parts.join(", ")
        };
        if self.resources.is_empty() {
            let message = "All content successfully removed";
            set(
                "NamespaceContentRemaining",
                "False",
                "ContentRemoved",
                message,
            );
        } else {
            let what = list(&self.resources, "has");
            let message = format!("Some resources are remaining: {what}");
            set(
                "NamespaceContentRemaining",
                "True",
                "SomeResourcesRemain",
                &message,
            );
        }
        if self.finalizers.is_empty() {
            let message = "All content-preserving finalizers finished";
            set(
                "NamespaceFinalizersRemaining",
                "False",
                "ContentHasNoFinalizers",
                message,
            );
        } else {
            let what = list(&self.finalizers, "in");
            let message = format!("Some content in the namespace has finalizers remaining: {what}");
            set(
                "NamespaceFinalizersRemaining",
                "True",
                "SomeFinalizersRemain",
                &message,
            );
        }
    }
}
