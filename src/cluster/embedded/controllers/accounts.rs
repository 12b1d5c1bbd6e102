//! Every namespace has a `default` service account and the certificate authority of the cluster.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::{Value, json};

use super::follow::Controller;
use crate::cluster::embedded::engine::Engine;
use crate::cluster::embedded::kinds::ResourceId;
use crate::cluster::embedded::store::{Change, ChangeType, Key};

const ACCOUNT: &str = "default";
const ROOT_CA: &str = "kube-root-ca.crt";

/// The account controller.
#[derive(Debug)]
pub(super) struct Accounts;

#[async_trait]
impl Controller for Accounts {
    async fn react(&mut self, engine: &Engine, changes: &[Arc<Change>]) {
        for change in changes {
            let made = *change.resource == ResourceId::namespaces()
                && change.change_type == ChangeType::Created;
            let lost = change.change_type == ChangeType::Deleted
                && matches!(
                    (change.resource.plural.as_str(), change.key.name.as_str()),
                    ("serviceaccounts", ACCOUNT) | ("configmaps", ROOT_CA)
                );
            if made {
                provide(engine, &change.key.name);
            } else if lost {
                provide(engine, &change.key.namespace);
            }
        }
    }
}

fn provide(engine: &Engine, namespace: &str) {
    let active = engine
        .store()
        .get(&ResourceId::namespaces(), &Key::new("", namespace))
        .is_some_and(|found| found.metadata("deletionTimestamp").is_empty());
    if !active {
        return;
    }
    let ensure = |plural: &str, object: Value| {
        if let Err(error) = engine.ensure("", plural, object) {
            tracing::warn!(namespace, plural, %error, "the namespace stays incomplete");
        }
    };
    let account = json!({ "metadata": { "name": ACCOUNT, "namespace": namespace } });
    ensure("serviceaccounts", account);
    if let Some(root_ca) = &engine.options().root_ca {
        let object = json!({
            "metadata": { "name": ROOT_CA, "namespace": namespace },
            "data": { "ca.crt": root_ca },
        });
        ensure("configmaps", object);
    }
}
