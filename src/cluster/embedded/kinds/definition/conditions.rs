//! The status of a definition: accepted names and whether it is served.

use serde_json::{Map, Value, json};

use crate::cluster::embedded::kinds::json::text;

/// Names that are taken within one group, by whom they may not be taken again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// Plural, singular and short names.
    pub resources: Vec<String>,
    /// Kinds and kinds of lists.
    pub kinds: Vec<String>,
}

impl Names {
    /// Takes note of the accepted names of another definition.
    pub fn add_accepted(&mut self, definition: &Value) {
        let names = &definition["status"]["acceptedNames"];
        let (resources, kinds) = words(names);
        self.resources.extend(resources);
        self.kinds.extend(kinds);
    }
}

fn words(names: &Value) -> (Vec<String>, Vec<String>) {
    let mut resources = vec![text(names, &["plural"]), text(names, &["singular"])];
    resources.extend(
        names["shortNames"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str),
    );
    let kinds = [text(names, &["kind"]), text(names, &["listKind"])];
    let owned = |words: &[&str]| {
        words
            .iter()
            .filter(|word| !word.is_empty())
            .map(|word| (*word).to_owned())
            .collect()
    };
    (owned(&resources), owned(&kinds))
}

/// Writes conditions and accepted names into a definition, given the names of others in its group.
pub fn accept(definition: &mut Value, taken: &Names, now: &str) {
    let names = definition["spec"]["names"].clone();
    let (resources, kinds) = words(&names);
    let conflict = resources
        .iter()
        .find(|word| taken.resources.contains(word))
        .or_else(|| kinds.iter().find(|word| taken.kinds.contains(word)));
    if let Some(word) = conflict {
        let message = format!("{word:?} is already in use");
        set_condition(
            definition,
            "NamesAccepted",
            "False",
            "NameConflict",
            &message,
            now,
        );
        if !is_established(definition) {
            let message = "not all names are accepted";
            set_condition(
                definition,
                "Established",
                "False",
                "NotAccepted",
                message,
                now,
            );
        }
        return;
    }
    definition["status"]["acceptedNames"] = names;
    let message = "no conflicts found";
    set_condition(
        definition,
        "NamesAccepted",
        "True",
        "NoConflicts",
        message,
        now,
    );
    let message = "the initial names have been accepted";
    set_condition(
        definition,
        "Established",
        "True",
        "InitialNamesAccepted",
        message,
        now,
    );
}

/// Whether the definition is served.
pub fn is_established(definition: &Value) -> bool {
    definition["status"]["conditions"]
        .as_array()
        .into_iter()
        .flatten()
        .any(|condition| condition["type"] == "Established" && condition["status"] == "True")
}

/// Sets one condition; the time moves only when the status does.
pub fn set_condition(
    object: &mut Value,
    condition_type: &str,
    status: &str,
    reason: &str,
    message: &str,
    now: &str,
) {
    if !object["status"].is_object() {
        object["status"] = Value::Object(Map::new());
    }
    if !object["status"]["conditions"].is_array() {
        object["status"]["conditions"] = json!([]);
    }
    let Some(conditions) = object["status"]["conditions"].as_array_mut() else {
        return;
    };
    let known = conditions
        .iter_mut()
        .find(|known| known["type"] == condition_type);
    let time = match &known {
        Some(known) if known["status"] == status => known["lastTransitionTime"].clone(),
        _ => now.into(),
    };
    let condition = json!({
        "type": condition_type,
        "status": status,
        "lastTransitionTime": time,
        "reason": reason,
        "message": message,
    });
    match known {
        Some(known) => *known = condition,
        None => conditions.push(condition),
    }
}
