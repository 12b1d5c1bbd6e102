//! Rules of object metadata that hold for every kind.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::names;
use crate::cluster::embedded::status::Cause;

/// Annotations together must not be larger than this.
const ANNOTATIONS_MAX: usize = 256 * 1024;

/// The finalizers that are known without a prefix.
const STANDARD_FINALIZERS: [&str; 3] = ["kubernetes", "orphan", "foregroundDeletion"];

/// What the name of an object of some kind must look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameRule {
    /// An RFC 1123 subdomain: most kinds.
    Subdomain,
    /// An RFC 1123 label: namespaces.
    Label,
    /// An RFC 1035 label: services.
    Label1035,
    /// Any segment of a path: RBAC kinds.
    PathSegment,
}

impl NameRule {
    /// Returns what is wrong with a name.
    pub fn problems(self, name: &str) -> Vec<String> {
        match self {
            Self::Subdomain => names::dns_subdomain_problems(name),
            Self::Label => names::dns_label_problems(name),
            Self::Label1035 => names::dns1035_label_problems(name),
            Self::PathSegment => names::path_segment_problems(name),
        }
    }

    /// Returns what is wrong with a prefix for generated names, which may end in a dash.
    fn prefix_problems(self, prefix: &str) -> Vec<String> {
        match prefix.strip_suffix('-') {
            Some(stem) if self != Self::PathSegment => self.problems(&format!("{stem}a")),
            _ => self.problems(prefix),
        }
    }
}

/// Which rules apply to the metadata of a kind.
#[derive(Debug, Clone, Copy)]
pub struct MetaRules {
    /// The rule for names.
    pub name: NameRule,
    /// Whether objects live in a namespace.
    pub namespaced: bool,
    /// Whether finalizers need a prefix; those of custom resources do not.
    pub qualified_finalizers: bool,
}

/// Validates the metadata of an object to be written.
pub fn validate(object: &Value, rules: MetaRules) -> Vec<Cause> {
    let empty = Map::new();
    let metadata = object
        .get("metadata")
        .and_then(Value::as_object)
        .unwrap_or(&empty);
    let text = |key: &str| {
        metadata
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let mut causes = Vec::new();
    let mut refuse = |field: &str, value: &str, problems: Vec<String>| {
        let problems = problems.into_iter();
        causes.extend(problems.map(|problem| Cause::invalid(field, &value.into(), &problem)));
    };
    let (name, prefix, namespace) = (text("name"), text("generateName"), text("namespace"));
    if !prefix.is_empty() {
        refuse(
            "metadata.generateName",
            prefix,
            rules.name.prefix_problems(prefix),
        );
    }
    if !name.is_empty() {
        refuse("metadata.name", name, rules.name.problems(name));
    }
    if rules.namespaced && !namespace.is_empty() {
        refuse(
            "metadata.namespace",
            namespace,
            names::dns_label_problems(namespace),
        );
    }
    if name.is_empty() {
        causes.push(Cause::required(
            "metadata.name",
            "name or generateName is required",
        ));
    }
    if rules.namespaced && namespace.is_empty() {
        causes.push(Cause::required("metadata.namespace", ""));
    } else if !rules.namespaced && !namespace.is_empty() {
        causes.push(Cause::forbidden(
            "metadata.namespace",
            "not allowed on this type",
        ));
    }
    if let Some(generation) = metadata.get("generation")
        && generation.as_i64().is_some_and(|generation| generation < 0)
    {
        let why = "must be greater than or equal to 0";
        causes.push(Cause::invalid("metadata.generation", generation, why));
    }
    let member = |key: &str| metadata.get(key).unwrap_or(&Value::Null);
    labels(member("labels"), "metadata.labels", &mut causes);
    annotations(member("annotations"), &mut causes);
    owner_references(member("ownerReferences"), &mut causes);
    finalizers(
        member("finalizers"),
        rules.qualified_finalizers,
        &mut causes,
    );
    managed_fields(member("managedFields"), &mut causes);
    causes
}

/// Validates what must not change between two versions of an object.
pub fn validate_update(old: &Value, new: &Value) -> Vec<Cause> {
    let mut causes = Vec::new();
    let member = |object: &Value, key: &str| {
        object
            .get("metadata")
            .and_then(|metadata| metadata.get(key))
            .cloned()
            .unwrap_or_default()
    };
    for key in [
        "name",
        "namespace",
        "uid",
        "creationTimestamp",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
    ] {
        let (old, new) = (member(old, key), member(new, key));
        if old != new {
            causes.push(Cause::invalid(
                format!("metadata.{key}"),
                &new,
                "field is immutable",
            ));
        }
    }
    let generation = |object: &Value| member(object, "generation").as_i64().unwrap_or_default();
    if generation(new) < generation(old) {
        let why = "must not be decremented";
        causes.push(Cause::invalid(
            "metadata.generation",
            &generation(new).into(),
            why,
        ));
    }
    if !member(old, "deletionTimestamp").is_null() {
        let set = |object: &Value| -> BTreeSet<String> {
            let list = member(object, "finalizers");
            let list = list.as_array().into_iter().flatten();
            list.filter_map(Value::as_str)
                .map(ToOwned::to_owned)
                .collect()
        };
        let added: Vec<String> = set(new).difference(&set(old)).cloned().collect();
        if !added.is_empty() {
            let why = format!(
                "no new finalizers can be added if the object is being deleted, found new \
                 finalizers {}",
                go_strings(&added)
            );
            causes.push(Cause::forbidden("metadata.finalizers", &why));
        }
    }
    causes
}

/// Validates a map of labels that stands at `path`, also in pod templates and selectors.
pub fn labels(labels: &Value, path: &str, causes: &mut Vec<Cause>) {
    for (key, value) in labels.as_object().into_iter().flatten() {
        for problem in names::qualified_name_problems(key) {
            causes.push(Cause::invalid(path, &key.as_str().into(), &problem));
        }
        for problem in names::label_value_problems(value.as_str().unwrap_or_default()) {
            causes.push(Cause::invalid(path, value, &problem));
        }
    }
}

fn annotations(annotations: &Value, causes: &mut Vec<Cause>) {
    let path = "metadata.annotations";
    let mut size = 0;
    for (key, value) in annotations.as_object().into_iter().flatten() {
        size += key.len() + value.as_str().unwrap_or_default().len();
        // The name rules hold, but upper case is fine in the prefix, too.
        for problem in names::qualified_name_problems(&key.to_lowercase()) {
            causes.push(Cause::invalid(path, &key.as_str().into(), &problem));
        }
    }
    if size > ANNOTATIONS_MAX {
        causes.push(Cause::too_long(path, ANNOTATIONS_MAX));
    }
}

fn owner_references(references: &Value, causes: &mut Vec<Cause>) {
    let path = "metadata.ownerReferences";
    let mut controller: Option<String> = None;
    for reference in references.as_array().into_iter().flatten() {
        let text = |key: &str| {
            reference
                .get(key)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let version = text("apiVersion").rsplit('/').next().unwrap_or_default();
        let members = [
            ("apiVersion", version, "version must not be empty"),
            ("kind", text("kind"), "must not be empty"),
            ("name", text("name"), "must not be empty"),
            ("uid", text("uid"), "must not be empty"),
        ];
        for (key, value, why) in members {
            if value.is_empty() {
                causes.push(Cause::invalid(format!("{path}.{key}"), &value.into(), why));
            }
        }
        if (text("apiVersion"), text("kind")) == ("v1", "Event") {
            let why = "/v1, Kind=Event is disallowed from being an owner";
            causes.push(Cause::invalid(path, reference, why));
        }
        if reference.get("controller") == Some(&Value::Bool(true)) {
            let current = format!("{}/{}", text("kind"), text("name"));
            match &controller {
                Some(first) => {
                    let why = format!(
                        "Only one reference can have Controller set to true. Found \"true\" in \
                         references for {first} and {current}"
                    );
                    causes.push(Cause::invalid(path, references, &why));
                }
                None => controller = Some(current),
            }
        }
    }
}

fn finalizers(finalizers: &Value, qualified: bool, causes: &mut Vec<Cause>) {
    let path = "metadata.finalizers";
    let list: Vec<&str> = finalizers
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    for finalizer in &list {
        for problem in names::qualified_name_problems(finalizer) {
            causes.push(Cause::invalid(path, &(*finalizer).into(), &problem));
        }
        if qualified && !finalizer.contains('/') && !STANDARD_FINALIZERS.contains(finalizer) {
            let why = "name is neither a standard finalizer name nor is it fully qualified";
            causes.push(Cause::invalid(path, &(*finalizer).into(), why));
        }
    }
    if list.contains(&"orphan") && list.contains(&"foregroundDeletion") {
        let why = "finalizer foregroundDeletion and orphan cannot be both set";
        causes.push(Cause::invalid(path, finalizers, why));
    }
}

fn managed_fields(entries: &Value, causes: &mut Vec<Cause>) {
    for (index, entry) in entries.as_array().into_iter().flatten().enumerate() {
        let text = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default();
        let path = format!("metadata.managedFields[{index}]");
        let operation = text("operation");
        if !matches!(operation, "Apply" | "Update") {
            let why = "must be `Apply` or `Update`";
            causes.push(Cause::invalid(
                format!("{path}.operation"),
                &operation.into(),
                why,
            ));
        }
        let fields_type = text("fieldsType");
        if !matches!(fields_type, "" | "FieldsV1") {
            let why = "must be `FieldsV1`";
            causes.push(Cause::invalid(
                format!("{path}.fieldsType"),
                &fields_type.into(),
                why,
            ));
        }
        causes.extend(manager_problems(
            text("manager"),
            &format!("{path}.manager"),
        ));
    }
}

/// Validates the name of a field manager that stands at `path`.
pub fn manager_problems(manager: &str, path: &str) -> Vec<Cause> {
    let mut causes = Vec::new();
    if manager.len() > 128 {
        causes.push(Cause::too_long(path, 128));
    }
    if manager.chars().any(char::is_control) {
        let why = "should only contain printable characters";
        causes.push(Cause::invalid(path, &manager.into(), why));
    }
    causes
}

/// Writes strings the way Go's `%#v` does.
fn go_strings(strings: &[String]) -> String {
    let quoted: Vec<String> = strings.iter().map(|text| format!("{text:?}")).collect();
    format!("[]string{{{}}}", quoted.join(", "))
}

/// What a member of the metadata must be.
enum Shape {
    Text,
    Number,
    TextMap,
    TextList,
    List,
}

/// Every member of the metadata.
const MEMBERS: [(&str, Shape); 15] = [
    ("name", Shape::Text),
    ("generateName", Shape::Text),
    ("namespace", Shape::Text),
    ("selfLink", Shape::Text),
    ("uid", Shape::Text),
    ("resourceVersion", Shape::Text),
    ("generation", Shape::Number),
    ("creationTimestamp", Shape::Text),
    ("deletionTimestamp", Shape::Text),
    ("deletionGracePeriodSeconds", Shape::Number),
    ("labels", Shape::TextMap),
    ("annotations", Shape::TextMap),
    ("ownerReferences", Shape::List),
    ("finalizers", Shape::TextList),
    ("managedFields", Shape::List),
];

/// Tells whether the metadata of objects has a member of this name.
pub fn is_member(name: &str) -> bool {
    MEMBERS.iter().any(|(member, _)| *member == name)
}

/// Drops nulls and unknown members from the metadata and returns the paths of the unknown ones.
///
/// A member of the wrong type is an error; the API answers 400 with its text.
pub fn coerce(object: &mut Value) -> Result<Vec<String>, String> {
    let metadata = match object.get_mut("metadata") {
        None => return Ok(Vec::new()),
        Some(Value::Object(metadata)) => metadata,
        Some(value @ Value::Null) => {
            *value = Value::Object(Map::new());
            return Ok(Vec::new());
        }
        Some(other) => return Err(mismatch(other, "", "v1.ObjectMeta")),
    };
    let mut unknown = Vec::new();
    metadata.retain(|key, value| {
        let known = is_member(key);
        if !known {
            unknown.push(format!("metadata.{key}"));
        }
        known && !value.is_null()
    });
    for (key, shape) in &MEMBERS {
        let Some(value) = metadata.get_mut(*key) else {
            continue;
        };
        check(key, shape, value)?;
    }
    Ok(unknown)
}

fn check(key: &str, shape: &Shape, value: &mut Value) -> Result<(), String> {
    match (shape, value) {
        (Shape::Text, Value::String(_)) | (Shape::List, Value::Array(_)) => Ok(()),
        (Shape::Number, value) if value.is_i64() || value.is_u64() => Ok(()),
        (Shape::TextMap, Value::Object(map)) => {
            for value in map.values_mut() {
                // A null entry of a map of strings reads as the empty string.
                if value.is_null() {
                    *value = Value::String(String::new());
                }
            }
            let wrong = map.values().find(|value| !value.is_string());
            wrong.map_or(Ok(()), |value| Err(mismatch(value, key, "string")))
        }
        (Shape::TextList, Value::Array(list)) => {
            let wrong = list.iter().find(|value| !value.is_string());
            wrong.map_or(Ok(()), |value| Err(mismatch(value, key, "string")))
        }
        (Shape::Text, value) => Err(mismatch(value, key, "string")),
        (Shape::Number, value) => Err(mismatch(value, key, "int64")),
        (Shape::TextMap, value) => Err(mismatch(value, key, "map[string]string")),
        (Shape::TextList | Shape::List, value) => Err(mismatch(value, key, "[]string")),
    }
}

fn mismatch(value: &Value, key: &str, wanted: &str) -> String {
    let found = match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let field = if key.is_empty() {
        "metadata".to_owned()
    } else {
        format!("metadata.{key}")
    };
    format!(
        "json: cannot unmarshal {found} into Go struct field ObjectMeta.{field} of type {wanted}"
    )
}

#[cfg(test)]
mod tests;
