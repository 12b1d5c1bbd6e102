//! How an extension object stands, seen from gardenlet.

use kube::{
    ResourceExt as _,
    runtime::reflector::{ObjectRef, Store},
};

use crate::{
    api::OperationState,
    stack::{
        context::resource_version, error::ReconcileError, extension::ExtensionKind,
        names::OPERATION_ANNOTATION,
    },
};

/// What is waited for until an extension is done with an object; `None` once it is.
///
/// `version` is the one that gardenlet's last write produced: whatever the watch has from before
/// says nothing about it.
pub(crate) fn waiting_for<K: ExtensionKind>(
    store: &Store<K>,
    namespace: &str,
    name: &str,
    version: u64,
) -> Result<Option<String>, ReconcileError> {
    let waiting = || Ok(Some(format!("waiting for {} {name}", K::kind(&()))));
    let Some(object) = store.get(&ObjectRef::new(name).within(namespace)) else {
        return waiting();
    };
    let behind = resource_version(&*object) < version
        || object.annotations().contains_key(OPERATION_ANNOTATION);
    let Some(status) = object.extension_status().filter(|_| !behind) else {
        return waiting();
    };
    let current = status.observed_generation == object.meta().generation;
    match status.last_operation.as_ref().filter(|_| current) {
        Some(last) if last.state == OperationState::Succeeded => Ok(None),
        Some(last) if matches!(last.state, OperationState::Error | OperationState::Failed) => {
            let text = format!("{} {name}: {}", K::kind(&()), last.description);
            Err(ReconcileError::configuration(text))
        }
        _ => waiting(),
    }
}

#[cfg(test)]
mod tests {
    use kube::runtime::{reflector, watcher::Event};
    use serde_json::json;

    use super::*;
    use crate::api::extensions::Network;

    fn network(version: &str, generation: i64, status: &serde_json::Value) -> Network {
        serde_json::from_value(json!({
            "metadata": {
                "name": "local", "namespace": "ns",
                "resourceVersion": version, "generation": generation,
            },
            "spec": {"type": "calico"},
            "status": status,
        }))
        .unwrap()
    }

    fn status(state: &str, observed: i64) -> serde_json::Value {
        json!({
            "observedGeneration": observed,
            "lastOperation": {
                "type": "Create", "state": state, "progress": 100, "description": "why",
                "lastUpdateTime": "2026-01-01T00:00:00Z",
            },
        })
    }

    #[test]
    fn only_success_of_this_generation_counts() {
        let cases = [
            (network("9", 1, &status("Succeeded", 1)), Ok(true)),
            (network("8", 1, &status("Succeeded", 1)), Ok(false)),
            (network("9", 2, &status("Succeeded", 1)), Ok(false)),
            (network("9", 1, &status("Processing", 1)), Ok(false)),
            (network("9", 1, &json!({})), Ok(false)),
            (
                network("9", 1, &status("Error", 1)),
                Err("Network local: why".to_owned()),
            ),
        ];
        for (object, expected) in cases {
            let (store, mut writer) = reflector::store();
            writer.apply_watcher_event(&Event::Apply(object.clone()));
            let done = waiting_for(&store, "ns", "local", 9)
                .map(|waiting| waiting.is_none())
                .map_err(|error| error.to_string());
            assert_eq!(done, expected, "{object:?}");
        }
    }
}
