//! The definition controller: objects go before their definition, and names that become free are
//! given to definitions that wait for them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value;

use super::follow::Controller;
use crate::cluster::embedded::engine::{CLEANUP, Engine, Propagation, definitions};
use crate::cluster::embedded::kinds::ResourceId;
use crate::cluster::embedded::kinds::definition::is_established;
use crate::cluster::embedded::store::{Change, ChangeType, Key, Object};

/// The definition controller.
#[derive(Debug, Default)]
pub(super) struct Definitions {
    /// Resources that go away, with name and uid of their definitions.
    terminating: BTreeMap<ResourceId, (String, String)>,
}

#[async_trait]
impl Controller for Definitions {
    async fn react(&mut self, engine: &Engine, changes: &[Arc<Change>]) {
        let mut due = BTreeSet::new();
        for change in changes {
            if *change.resource == definitions() {
                let resource = resource_of(&change.object);
                if change.change_type == ChangeType::Deleted {
                    self.terminating.remove(&resource);
                    reconsider(engine, &resource.group);
                } else if !change.object.metadata("deletionTimestamp").is_empty() {
                    let uid = change.object.uid().to_owned();
                    self.terminating
                        .insert(resource.clone(), (change.key.name.clone(), uid));
                    due.insert(resource);
                }
            } else if change.change_type == ChangeType::Deleted
                && self.terminating.contains_key(&change.resource)
            {
                due.insert(ResourceId::clone(&change.resource));
            }
        }
        for resource in due {
            if let Some((name, uid)) = self.terminating.get(&resource) {
                sweep(engine, &resource, name, uid).await;
            }
        }
    }
}

fn resource_of(definition: &Object) -> ResourceId {
    let spec = &definition.value()["spec"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    ResourceId::new(text(&spec["group"]), text(&spec["names"]["plural"]))
}

/// Deletes the objects of a definition, and lets the definition go when none is left.
async fn sweep(engine: &Engine, resource: &ResourceId, name: &str, uid: &str) {
    let (objects, _) = engine.store().list(resource, None);
    for object in objects {
        if !object.metadata("deletionTimestamp").is_empty() {
            continue;
        }
        let key = Key::new(object.namespace(), object.name());
        let removed = engine
            .remove(resource, &key, object.uid(), Propagation::Background)
            .await;
        if let Err(error) = removed {
            tracing::warn!(definition = name, %error, "an object stays");
        }
    }
    if !engine.store().is_empty(resource, None) {
        return;
    }
    let adjusted = engine.adjust(&definitions(), &Key::new("", name), uid, |definition| {
        if let Some(finalizers) = definition["metadata"]["finalizers"].as_array_mut() {
            finalizers.retain(|known| known != CLEANUP);
        }
    });
    if let Err(error) = adjusted {
        tracing::warn!(definition = name, %error, "the definition stays");
    }
}

/// Looks again at definitions of a group that are not established.
fn reconsider(engine: &Engine, group: &str) {
    let (all, _) = engine.store().list(&definitions(), None);
    for definition in all {
        let value = definition.value();
        if value["spec"]["group"] != *group || is_established(value) {
            continue;
        }
        if let Err(error) = engine.accept_definition(&definition) {
            tracing::warn!(definition = definition.name(), %error, "names stay refused");
        }
    }
}
