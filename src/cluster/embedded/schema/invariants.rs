//! What a schema must say, and must not, to be structural.

use serde_json::{Map, Value};

use super::causes::child;
use super::parse::{Level, Parser};
use super::structural::{ListType, MapType, Structural, ValueType};
use crate::cluster::embedded::status::Cause;

/// Keywords of JSON schema that structural schemas do not have.
const UNSUPPORTED: [&str; 7] = [
    "$ref",
    "$schema",
    "id",
    "definitions",
    "dependencies",
    "patternProperties",
    "additionalItems",
];

/// What a schema below a logical operator must not say, and how it must be instead.
const NOT_NESTED: [(&str, &str); 14] = [
    ("additionalProperties", "undefined"),
    ("default", "undefined"),
    ("description", "empty"),
    ("externalDocs", "undefined"),
    ("nullable", "false"),
    ("title", "empty"),
    ("type", "empty"),
    ("x-kubernetes-embedded-resource", "false"),
    ("x-kubernetes-int-or-string", "false"),
    ("x-kubernetes-list-map-keys", "empty"),
    ("x-kubernetes-list-type", "undefined"),
    ("x-kubernetes-map-type", "undefined"),
    ("x-kubernetes-preserve-unknown-fields", "false"),
    ("x-kubernetes-validations", "empty"),
];

impl Parser {
    /// Checks which keywords occur.
    pub(super) fn keywords(&mut self, map: &Map<String, Value>, path: &str, level: Level) {
        for keyword in UNSUPPORTED {
            if map.get(keyword).is_some_and(|value| !is_empty(value)) {
                self.forbid(path, keyword, &format!("{keyword} is not supported"));
            }
        }
        if map.get("uniqueItems") == Some(&Value::Bool(true)) {
            let why = "uniqueItems cannot be set to true since the runtime complexity becomes \
                       quadratic";
            self.forbid(path, "uniqueItems", why);
        }
        let preserve = "x-kubernetes-preserve-unknown-fields";
        if let Some(value @ Value::Bool(false)) = map.get(preserve) {
            self.invalid(path, preserve, value, "must be true or undefined");
        }
        if level != Level::Nested {
            return;
        }
        for (keyword, state) in NOT_NESTED {
            if map.get(keyword).is_some_and(|value| !is_empty(value)) {
                self.forbid(path, keyword, &format!("must be {state} to be structural"));
            }
        }
        if map
            .get("properties")
            .is_some_and(|all| all.get("metadata").is_some())
        {
            let why = "must not be specified in a nested context";
            self.forbid(path, "properties[metadata]", why);
        }
    }

    /// Checks what a schema needs at its place.
    pub(super) fn level(
        &mut self,
        compiled: &Structural,
        map: &Map<String, Value>,
        path: &str,
        level: Level,
    ) {
        if level.is_nested() {
            return;
        }
        let text = map.get("type").and_then(Value::as_str).unwrap_or_default();
        let untyped = text.is_empty() && !compiled.int_or_string && !compiled.preserve_unknown;
        let must_be_object = "must be object if x-kubernetes-embedded-resource is true";
        match level {
            _ if compiled.embedded_resource && text.is_empty() => {
                self.require(path, "type", must_be_object);
            }
            _ if compiled.embedded_resource && text != "object" => {
                self.invalid(path, "type", &text.into(), must_be_object);
            }
            Level::Root if untyped => {
                self.require(path, "type", "must not be empty at the root");
            }
            Level::Item if untyped => {
                self.require(path, "type", "must not be empty for specified array items");
            }
            Level::Field if untyped => {
                self.require(
                    path,
                    "type",
                    "must not be empty for specified object fields",
                );
            }
            _ => {}
        }
        if level == Level::Root && !text.is_empty() && text != "object" {
            self.invalid(path, "type", &text.into(), "must be object at the root");
        }
        if level == Level::Root && compiled.default.is_some() {
            self.forbid(path, "default", "must not be set at the root");
        }
        self.extensions(compiled, map, path, level);
        if level == Level::Root || compiled.embedded_resource {
            self.head(map, path, level);
        }
    }

    fn extensions(
        &mut self,
        compiled: &Structural,
        map: &Map<String, Value>,
        path: &str,
        level: Level,
    ) {
        if compiled.int_or_string {
            let others = [
                (
                    "x-kubernetes-preserve-unknown-fields",
                    compiled.preserve_unknown,
                ),
                ("x-kubernetes-embedded-resource", compiled.embedded_resource),
            ];
            for (keyword, _) in others.into_iter().filter(|(_, set)| *set) {
                let why = "must be false if x-kubernetes-int-or-string is true";
                self.invalid(path, keyword, &true.into(), why);
            }
        }
        let additional = map
            .get("additionalProperties")
            .is_some_and(|value| !value.is_null());
        if level == Level::Root && additional {
            self.forbid(path, "additionalProperties", "must not be used at the root");
        }
        if compiled.embedded_resource && additional {
            let why = "must not be used if x-kubernetes-embedded-resource is set";
            self.forbid(path, "additionalProperties", why);
        }
        let bare = map.get("properties").is_none_or(is_empty);
        if compiled.embedded_resource && bare && !compiled.preserve_unknown {
            let why = "must not be empty if x-kubernetes-embedded-resource is true without \
                       x-kubernetes-preserve-unknown-fields";
            self.require(path, "properties", why);
        }
    }

    /// Checks what a resource says about the members that every resource has.
    fn head(&mut self, map: &Map<String, Value>, path: &str, level: Level) {
        let Some(properties) = map.get("properties") else {
            return;
        };
        let head = [
            ("apiVersion", "string"),
            ("kind", "string"),
            ("metadata", "object"),
        ];
        for (name, expected) in head {
            let Some(property) = properties.get(name) else {
                continue;
            };
            let found = property.get("type").cloned().unwrap_or_else(|| "".into());
            if found != expected {
                let field = format!("properties[{name}].type");
                self.invalid(path, &field, &found, &format!("must be {expected}"));
            }
        }
        if level == Level::Root
            && let Some(metadata) = properties.get("metadata")
            && !is_plain_metadata(metadata)
        {
            let why = "must not specify anything other than name and generateName, but metadata is \
                       implicitly specified";
            self.forbid(path, "properties[metadata]", why);
        }
    }

    pub(super) fn list_and_map_types(
        &mut self,
        compiled: &mut Structural,
        map: &Map<String, Value>,
        path: &str,
    ) {
        let text = |keyword: &str| map.get(keyword).and_then(Value::as_str);
        let list = "x-kubernetes-list-type";
        if let Some(list_type) = text(list)
            && compiled.value_type != Some(ValueType::Array)
        {
            let value = map.get("type").cloned().unwrap_or_else(|| "".into());
            self.invalid(
                path,
                "type",
                &value,
                &format!("must be array if {list} is specified"),
            );
            if !["atomic", "set", "map"].contains(&list_type) {
                self.unknown_word(path, list, list_type, &["atomic", "map", "set"]);
            }
        } else {
            match text(list) {
                None | Some("atomic") => {}
                Some("set") => compiled.list_type = ListType::Set,
                Some("map") => compiled.list_type = self.map_keys(compiled, map, path),
                Some(other) => self.unknown_word(path, list, other, &["atomic", "map", "set"]),
            }
        }
        let keys = "x-kubernetes-list-map-keys";
        if map.get(keys).is_some_and(|value| !is_empty(value)) && text(list) != Some("map") {
            self.require(path, list, &format!("must be map if {keys} is non-empty"));
        }
        match text("x-kubernetes-map-type") {
            None | Some("granular") => {}
            Some("atomic") => compiled.map_type = MapType::Atomic,
            Some(other) => {
                self.unknown_word(
                    path,
                    "x-kubernetes-map-type",
                    other,
                    &["atomic", "granular"],
                );
            }
        }
    }

    fn unknown_word(&mut self, path: &str, keyword: &str, word: &str, known: &[&str]) {
        self.causes.push(Cause::not_supported(
            child(path, keyword),
            &word.into(),
            known,
        ));
    }

    fn map_keys(
        &mut self,
        compiled: &Structural,
        map: &Map<String, Value>,
        path: &str,
    ) -> ListType {
        let keyword = "x-kubernetes-list-map-keys";
        let value = map.get(keyword).cloned().unwrap_or_default();
        let names = value
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str);
        let keys: Vec<String> = names.map(ToOwned::to_owned).collect();
        if keys.is_empty() {
            self.require(
                path,
                keyword,
                "must not be empty if x-kubernetes-list-type is map",
            );
        }
        let Some(items) = &compiled.items else {
            return ListType::Map(keys);
        };
        if items.value_type != Some(ValueType::Object) {
            let why = "must be object if parent array's x-kubernetes-list-type is map";
            let found = items.value_type.map_or("", ValueType::as_str);
            self.invalid(path, "items.type", &found.into(), why);
        }
        let required = items
            .rules
            .as_ref()
            .map_or(&[][..], |rules| &rules.required);
        for key in &keys {
            let Some(property) = items.properties.get(key.as_str()) else {
                let why = "entries must all be names of item properties";
                self.invalid(path, keyword, &value, why);
                continue;
            };
            if property.default.is_none() && !required.contains(key) {
                let field = format!("items.properties[{key}].default");
                let why = format!(
                    "this property is in {keyword}, so it must have a default or be a required \
                     property"
                );
                self.require(path, &field, &why);
            }
        }
        ListType::Map(keys)
    }
}

/// Tells whether a keyword says nothing.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}

fn is_plain_metadata(schema: &Value) -> bool {
    schema.as_object().is_some_and(|map| {
        map.iter().all(|(keyword, value)| match keyword.as_str() {
            "type" => value == "object",
            "description" | "title" => true,
            "properties" => value.as_object().is_some_and(|properties| {
                properties
                    .keys()
                    .all(|name| matches!(name.as_str(), "name" | "generateName"))
            }),
            _ => false,
        })
    })
}
