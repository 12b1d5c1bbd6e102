//! Defaults of a definition and what only the server sets.

use serde_json::{Value, json};

use super::validate::validate;
use crate::cluster::embedded::kinds::json::{list_at, object_at, set_default, text};
use crate::cluster::embedded::kinds::strategy::Strategy;

/// The rules of `CustomResourceDefinition`.
pub(in crate::cluster::embedded::kinds) const STRATEGY: Strategy = Strategy {
    generation: true,
    unconditional_update: false,
    default,
    prepare,
    validate,
    ..Strategy::PLAIN
};

fn default(object: &mut Value) {
    if let Some(names) = object_at(object, &["spec", "names"]) {
        let kind = text_of(names.get("kind"));
        if !kind.is_empty() {
            set_default(names, "singular", kind.to_lowercase());
            set_default(names, "listKind", format!("{kind}List"));
        }
    }
    if let Some(spec) = object_at(object, &["spec"]) {
        set_default(spec, "conversion", json!({ "strategy": "None" }));
    }
    for version in list_at(object, &["spec", "versions"]) {
        for column in list_at(version, &["additionalPrinterColumns"]) {
            if let Some(column) = column.as_object_mut()
                && column.get("priority") == Some(&json!(0))
            {
                column.shift_remove("priority");
            }
        }
    }
}

fn text_of(value: Option<&Value>) -> String {
    value.and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn prepare(object: &mut Value, old: Option<&Value>) {
    let storage = storage_version(object);
    match old {
        None => {
            object["status"] = json!({
                "conditions": [],
                "acceptedNames": { "plural": "", "kind": "" },
                "storedVersions": [storage],
            });
        }
        Some(_) => {
            // Objects may exist in every version that was ever the storage version.
            if let Some(stored) = object_at(object, &["status"])
                .and_then(|status| status.get_mut("storedVersions"))
                .and_then(Value::as_array_mut)
                && !storage.is_empty()
                && !stored.iter().any(|known| *known == storage)
            {
                stored.push(storage.into());
            }
        }
    }
}

/// The name of the version marked as storage version, or empty.
pub(super) fn storage_version(definition: &Value) -> String {
    let versions = definition["spec"]["versions"]
        .as_array()
        .into_iter()
        .flatten();
    let mut stored = versions.filter(|version| version["storage"] == Value::Bool(true));
    stored
        .next()
        .map(|version| text(version, &["name"]).to_owned())
        .unwrap_or_default()
}
