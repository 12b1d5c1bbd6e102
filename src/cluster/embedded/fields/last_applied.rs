//! The way from client-side to server-side apply: the annotation that `kubectl apply` leaves.

use serde_json::Value;

use super::set::FieldSet;
use super::types::FieldType;
use super::walk::fields_of;

/// The manager whose applies look at the annotation.
pub(super) const KUBECTL: &str = "kubectl";

const ANNOTATION: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Returns the fields that a client-side apply set last, when the object remembers them.
pub(super) fn fields(live: &Value, types: FieldType<'_>) -> Option<FieldSet> {
    let text = live
        .get("metadata")?
        .get("annotations")?
        .get(ANNOTATION)?
        .as_str()?;
    let last: Value = serde_json::from_str(text).ok()?;
    Some(fields_of(&last, types))
}

/// Keeps the annotation of `object` true after a server-side apply of `applied`.
pub(super) fn refresh(object: &mut Value, applied: &Value) {
    let annotations = object
        .get_mut("metadata")
        .and_then(|m| m.get_mut("annotations"));
    let Some(annotation) = annotations.and_then(|all| all.get_mut(ANNOTATION)) else {
        return;
    };
    let mut applied = applied.clone();
    if let Some(annotations) = applied
        .get_mut("metadata")
        .and_then(|metadata| metadata.get_mut("annotations"))
        .and_then(Value::as_object_mut)
    {
        annotations.shift_remove(ANNOTATION);
    }
    *annotation = Value::String(applied.to_string());
}
