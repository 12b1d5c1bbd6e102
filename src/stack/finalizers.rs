//! Adding and removing finalizers without treading on those of others. Pure.

use kube::Resource;
use serde_json::{Value, json};

/// The patch that adds a finalizer; `None` if it is there.
pub(crate) fn added<K: Resource>(object: &K, finalizer: &str) -> Option<Value> {
    let present = finalizers(object);
    let mut list = present.to_vec();
    (!present.iter().any(|name| name == finalizer)).then(|| {
        list.push(finalizer.to_owned());
        patch(object, &list)
    })
}

/// The patch that removes a finalizer; `None` if it is not there.
pub(crate) fn removed<K: Resource>(object: &K, finalizer: &str) -> Option<Value> {
    let present = finalizers(object);
    present.iter().any(|name| name == finalizer).then(|| {
        let list: Vec<String> = present
            .iter()
            .filter(|name| *name != finalizer)
            .cloned()
            .collect();
        patch(object, &list)
    })
}

fn finalizers<K: Resource>(object: &K) -> &[String] {
    object.meta().finalizers.as_deref().unwrap_or_default()
}

/// A merge patch replaces the whole list, so it only holds for the version that was looked at.
fn patch<K: Resource>(object: &K, list: &[String]) -> Value {
    json!({"metadata": {
        "finalizers": list,
        "resourceVersion": object.meta().resource_version,
    }})
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::ConfigMap;

    use super::*;

    fn object(finalizers: &[&str]) -> ConfigMap {
        let mut object = ConfigMap::default();
        object.metadata.resource_version = Some("7".to_owned());
        let list = finalizers.iter().map(|&name| name.to_owned()).collect();
        object.metadata.finalizers = Some(list);
        object
    }

    #[test]
    fn finalizers_of_others_stay() {
        let patch = added(&object(&["other"]), "mine").unwrap();
        assert_eq!(
            patch,
            json!({"metadata": {"finalizers": ["other", "mine"], "resourceVersion": "7"}})
        );
        assert_eq!(added(&object(&["mine"]), "mine"), None);
        let patch = removed(&object(&["mine", "other"]), "mine").unwrap();
        assert_eq!(patch["metadata"]["finalizers"], json!(["other"]));
        assert_eq!(removed(&object(&["other"]), "mine"), None);
    }
}
