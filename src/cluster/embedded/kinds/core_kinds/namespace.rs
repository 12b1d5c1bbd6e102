//! Namespace: the name label, the `kubernetes` finalizer, the phase.

use serde_json::{Map, Value, json};

use crate::cluster::embedded::kinds::json::{object_at, set_default};
use crate::cluster::embedded::kinds::strategy::Strategy;
use crate::cluster::embedded::schema::meta::NameRule;

/// The rules of Namespace.
pub(in crate::cluster::embedded::kinds) const STRATEGY: Strategy = Strategy {
    name: NameRule::Label,
    selectable: &["name", "status.phase"],
    default,
    prepare,
    ..Strategy::PLAIN
};

/// Lets selectors choose namespaces by name.
const NAME_LABEL: &str = "kubernetes.io/metadata.name";

fn default(object: &mut Value) {
    let Some(metadata) = object_at(object, &["metadata"]) else {
        return;
    };
    let Some(name) = metadata.get("name").cloned().filter(Value::is_string) else {
        return;
    };
    set_default(metadata, "labels", Map::new());
    if let Some(labels) = metadata.get_mut("labels").and_then(Value::as_object_mut) {
        labels.insert(NAME_LABEL.into(), name);
    }
}

fn prepare(object: &mut Value, old: Option<&Value>) {
    match old {
        None => {
            // A user may bring finalizers of its own; the one of the namespace controller is a must.
            let mut finalizers = object["spec"]["finalizers"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            if !finalizers.iter().any(|known| known == "kubernetes") {
                finalizers.push("kubernetes".into());
            }
            object["spec"] = json!({ "finalizers": finalizers });
            object["status"] = json!({ "phase": "Active" });
        }
        Some(old) => {
            // Only the finalize subresource changes these.
            object["spec"] = old["spec"].clone();
        }
    }
}
