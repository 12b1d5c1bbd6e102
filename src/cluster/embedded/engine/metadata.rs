//! The members of `metadata` that belong to the server.

use serde_json::{Map, Value};
use uuid::Uuid;

/// Letters of generated names: no vowels, so no words (`util/rand` of upstream).
const ALPHABET: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
/// Letters added to a `generateName`.
const SUFFIX: usize = 5;
/// Longest name that can be made from a `generateName`.
const MOST_GENERATED: usize = 63;

/// The metadata of an object, made when missing.
pub(super) fn metadata(object: &mut Value) -> &mut Map<String, Value> {
    if !object["metadata"].is_object() {
        object["metadata"] = Value::Object(Map::new());
    }
    object["metadata"]
        .as_object_mut()
        .expect("invariant: it was just made an object")
}

/// Resolves `generateName` when there is no name; answers whether it did.
pub(super) fn resolve_name(object: &mut Value) -> bool {
    let metadata = metadata(object);
    let text = |member: &str| {
        metadata
            .get(member)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let base = text("generateName");
    if !text("name").is_empty() || base.is_empty() {
        return false;
    }
    let base: String = base.chars().take(MOST_GENERATED - SUFFIX).collect();
    let name = format!("{base}{}", suffix());
    insert_first(metadata, "name", name.into());
    true
}

fn suffix() -> String {
    let random = Uuid::new_v4();
    let letters = random.as_bytes().iter().take(SUFFIX);
    letters
        .map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()]))
        .collect()
}

/// Keeps `name` at the top, where people look for it.
fn insert_first(metadata: &mut Map<String, Value>, member: &str, value: Value) {
    metadata.shift_remove(member);
    metadata.shift_insert(0, member.to_owned(), value);
}

/// Sets what a new object gets, whatever the client sent.
pub(super) fn begin(object: &mut Value, generation: bool, now: &str) {
    let metadata = metadata(object);
    for member in [
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
        "selfLink",
        "generation",
    ] {
        metadata.shift_remove(member);
    }
    metadata.insert("uid".into(), Uuid::new_v4().to_string().into());
    metadata.insert("creationTimestamp".into(), now.into());
    if generation {
        metadata.insert("generation".into(), 1.into());
    }
}

/// Copies what an update cannot change, as upstream does before it validates.
pub(super) fn carry_over(object: &mut Value, old: &Value) {
    let old = &old["metadata"];
    let metadata = metadata(object);
    for member in ["creationTimestamp", "generation", "resourceVersion"] {
        match old.get(member) {
            Some(value) => metadata.insert(member.to_owned(), value.clone()),
            None => metadata.shift_remove(member),
        };
    }
    metadata.shift_remove("selfLink");
    if metadata
        .get("uid")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .is_empty()
        && let Some(uid) = old.get("uid")
    {
        metadata.insert("uid".into(), uid.clone());
    }
    if let Some(time) = old.get("deletionTimestamp") {
        metadata.insert("deletionTimestamp".into(), time.clone());
        if !metadata.contains_key("deletionGracePeriodSeconds")
            && let Some(grace) = old.get("deletionGracePeriodSeconds")
        {
            metadata.insert("deletionGracePeriodSeconds".into(), grace.clone());
        }
    }
}

/// Adds one to the generation, if the object has one.
pub(super) fn next_generation(object: &mut Value) {
    let metadata = metadata(object);
    if let Some(generation) = metadata.get("generation").and_then(Value::as_i64) {
        metadata.insert("generation".into(), (generation + 1).into());
    }
}

/// Whether two states differ in what counts as specification: all but metadata and status.
pub(super) fn spec_differs(old: &Value, new: &Value, has_status: bool) -> bool {
    let counts = |member: &&String| match member.as_str() {
        "metadata" | "apiVersion" | "kind" => false,
        "status" => !has_status,
        _ => true,
    };
    let (Some(old), Some(new)) = (old.as_object(), new.as_object()) else {
        return old != new;
    };
    let gone = old
        .keys()
        .filter(counts)
        .any(|member| !new.contains_key(member));
    gone || new
        .keys()
        .filter(counts)
        .any(|member| old.get(member) != new.get(member))
}

/// The finalizers of an object.
pub(super) fn finalizers(object: &Value) -> Vec<String> {
    let items = object["metadata"]["finalizers"]
        .as_array()
        .into_iter()
        .flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Replaces the finalizers.
pub(super) fn set_finalizers(object: &mut Value, finalizers: Vec<String>) {
    let metadata = metadata(object);
    if finalizers.is_empty() {
        metadata.shift_remove("finalizers");
    } else {
        metadata.insert("finalizers".into(), finalizers.into());
    }
}

/// Whether the object is being deleted.
pub(super) fn is_deleting(object: &Value) -> bool {
    object["metadata"]
        .get("deletionTimestamp")
        .is_some_and(|time| !time.is_null())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_generated_name_is_the_base_and_five_letters_without_vowels() {
        let mut object = json!({ "metadata": { "generateName": "web-" } });
        assert!(resolve_name(&mut object));
        let name = object["metadata"]["name"].as_str().unwrap();
        assert!(
            regex::Regex::new("^web-[b-df-hj-np-tv-xz2-9]{5}$")
                .unwrap()
                .is_match(name),
            "{name}"
        );
    }

    #[test]
    fn only_changes_outside_of_metadata_and_status_count_as_specification() {
        let old = json!({ "metadata": { "name": "a" }, "spec": { "x": 1 }, "status": { "y": 1 } });
        let mut new = old.clone();
        new["metadata"]["labels"] = json!({ "l": "m" });
        new["status"]["y"] = 2.into();
        assert!(!spec_differs(&old, &new, true));
        assert!(spec_differs(&old, &new, false));
        new["spec"]["x"] = 2.into();
        assert!(spec_differs(&old, &new, true));
    }
}
