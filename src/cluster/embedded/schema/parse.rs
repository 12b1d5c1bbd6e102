//! Compiling an `openAPIV3Schema` and checking that it is structural.
//!
//! The checks and their sentences are those with which upstream refuses a custom resource
//! definition.

use serde_json::{Map, Value};

use super::causes::child;
use super::pattern::Pattern;
use super::structural::{Additional, ListType, MapType, Rules, Structural, ValueType};
use super::validate::validate;
use crate::cluster::embedded::status::Cause;

/// Where a schema stands, which decides what it must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Root,
    Field,
    Item,
    /// Below `allOf`, `anyOf`, `oneOf` or `not`.
    Nested,
    /// Directly in the `anyOf` of an int-or-string, where types are allowed.
    IntOrString,
}

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

/// What a schema below a logical operator must not say.
const NOT_NESTED: [&str; 12] = [
    "additionalProperties",
    "default",
    "description",
    "nullable",
    "title",
    "type",
    "x-kubernetes-embedded-resource",
    "x-kubernetes-int-or-string",
    "x-kubernetes-list-map-keys",
    "x-kubernetes-list-type",
    "x-kubernetes-map-type",
    "x-kubernetes-preserve-unknown-fields",
];

impl Structural {
    /// Compiles the schema of a resource; `path` is where it stands, for the causes.
    pub fn parse(schema: &Value, path: &str) -> Result<Self, Vec<Cause>> {
        let mut parser = Parser { causes: Vec::new() };
        let compiled = parser.schema(schema, path, Level::Root);
        parser.defaults(&compiled, path, true);
        parser.complete(&compiled, path);
        if parser.causes.is_empty() {
            Ok(compiled)
        } else {
            Err(parser.causes)
        }
    }
}

struct Parser {
    causes: Vec<Cause>,
}

impl Parser {
    fn forbid(&mut self, path: &str, keyword: &str, why: &str) {
        self.causes
            .push(Cause::forbidden(child(path, keyword), why));
    }

    fn require(&mut self, path: &str, keyword: &str, why: &str) {
        self.causes.push(Cause::required(child(path, keyword), why));
    }

    fn invalid(&mut self, path: &str, keyword: &str, value: &Value, why: &str) {
        self.causes
            .push(Cause::invalid(child(path, keyword), value, why));
    }

    fn schema(&mut self, schema: &Value, path: &str, level: Level) -> Structural {
        let Some(map) = schema.as_object() else {
            self.causes
                .push(Cause::invalid(path, schema, "must be a schema object"));
            return Structural::default();
        };
        let flag = |keyword: &str| map.get(keyword).and_then(Value::as_bool) == Some(true);
        let mut compiled = Structural {
            nullable: flag("nullable"),
            preserve_unknown: flag("x-kubernetes-preserve-unknown-fields"),
            embedded_resource: flag("x-kubernetes-embedded-resource"),
            int_or_string: flag("x-kubernetes-int-or-string"),
            default: map
                .get("default")
                .filter(|value| !value.is_null())
                .cloned()
                .map(Box::new),
            ..Structural::default()
        };
        self.keywords(map, path, level);
        compiled.value_type = self.value_type(map, path);
        self.level(&compiled, map, path, level);
        self.shape(&mut compiled, map, path, level);
        self.list_and_map_types(&mut compiled, map, path);
        compiled.rules = self.rules(map, path, level, compiled.int_or_string);
        compiled
    }

    fn keywords(&mut self, map: &Map<String, Value>, path: &str, level: Level) {
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
        if matches!(level, Level::Nested | Level::IntOrString) {
            let typed = level == Level::IntOrString;
            for keyword in NOT_NESTED
                .into_iter()
                .filter(|word| !(typed && *word == "type"))
            {
                if map.get(keyword).is_some_and(|value| !is_empty(value)) {
                    self.forbid(path, keyword, "must be empty to be structural");
                }
            }
        }
    }

    fn value_type(&mut self, map: &Map<String, Value>, path: &str) -> Option<ValueType> {
        let value = map.get("type")?;
        let text = value.as_str().unwrap_or_default();
        let known = ValueType::ALL
            .into_iter()
            .find(|known| known.as_str() == text);
        if text == "null" {
            self.forbid(
                path,
                "type",
                "type cannot be set to null, use nullable as an alternative",
            );
        } else if known.is_none() && !text.is_empty() {
            let supported = ValueType::ALL.map(ValueType::as_str);
            self.causes
                .push(Cause::not_supported(child(path, "type"), value, &supported));
        }
        known
    }

    fn level(&mut self, compiled: &Structural, map: &Map<String, Value>, path: &str, level: Level) {
        if matches!(level, Level::Nested | Level::IntOrString) {
            return;
        }
        let text = map.get("type").and_then(Value::as_str).unwrap_or_default();
        let untyped = text.is_empty() && !compiled.int_or_string && !compiled.preserve_unknown;
        match level {
            Level::Root if text.is_empty() => {
                self.require(path, "type", "must not be empty at the root");
            }
            Level::Root if text != "object" => {
                self.invalid(path, "type", &text.into(), "must be object at the root");
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
        if level == Level::Root && compiled.default.is_some() {
            self.forbid(path, "default", "must not be set at the root");
        }
        if compiled.int_or_string && !text.is_empty() {
            let why = "must be empty if x-kubernetes-int-or-string is true";
            self.invalid(path, "type", &text.into(), why);
        }
        if compiled.embedded_resource {
            let why = "must be object if x-kubernetes-embedded-resource is true";
            match text {
                "object" => {}
                "" => self.require(path, "type", why),
                _ => self.invalid(path, "type", &text.into(), why),
            }
            let bare = map.get("properties").is_none_or(is_empty);
            if bare && !compiled.preserve_unknown {
                let why = "must not be empty if x-kubernetes-embedded-resource is true without \
                           x-kubernetes-preserve-unknown-fields";
                self.require(path, "properties", why);
            }
        }
        if (level == Level::Root || compiled.embedded_resource)
            && let Some(metadata) = map.get("properties").and_then(|all| all.get("metadata"))
            && !is_plain_metadata(metadata)
        {
            let why = "must not specify anything other than name and generateName, but metadata is \
                       implicitly specified";
            self.forbid(path, "properties[metadata]", why);
        }
    }

    fn shape(
        &mut self,
        compiled: &mut Structural,
        map: &Map<String, Value>,
        path: &str,
        level: Level,
    ) {
        let nested = matches!(level, Level::Nested | Level::IntOrString);
        let below = |level| if nested { Level::Nested } else { level };
        if let Some(properties) = map.get("properties").and_then(Value::as_object) {
            for (name, schema) in properties {
                let path = child(path, &format!("properties[{name}]"));
                let property = self.schema(schema, &path, below(Level::Field));
                compiled.properties.insert(name.as_str().into(), property);
            }
        }
        match map.get("additionalProperties") {
            None | Some(Value::Null) => {}
            Some(Value::Bool(true)) => compiled.additional = Additional::Any,
            Some(Value::Bool(false)) => {
                let why = "additionalProperties cannot be set to false";
                self.forbid(path, "additionalProperties", why);
            }
            Some(schema) => {
                if !compiled.properties.is_empty() {
                    let why = "additionalProperties and properties are mutual exclusive";
                    self.forbid(path, "additionalProperties", why);
                }
                let path = child(path, "additionalProperties");
                let schema = self.schema(schema, &path, below(Level::Field));
                compiled.additional = Additional::Schema(Box::new(schema));
            }
        }
        match map.get("items") {
            None | Some(Value::Null) => {
                if compiled.value_type == Some(ValueType::Array) && !nested {
                    self.require(path, "items", "must be specified");
                }
            }
            Some(Value::Array(_)) => {
                self.forbid(
                    path,
                    "items",
                    "items must be a schema object and not an array",
                );
            }
            Some(schema) => {
                let schema = self.schema(schema, &child(path, "items"), below(Level::Item));
                compiled.items = Some(Box::new(schema));
            }
        }
    }

    fn list_and_map_types(
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

    fn rules(
        &mut self,
        map: &Map<String, Value>,
        path: &str,
        level: Level,
        int_or_string: bool,
    ) -> Option<Box<Rules>> {
        let number = |keyword: &str| map.get(keyword).and_then(Value::as_f64);
        let count = |keyword: &str| map.get(keyword).and_then(Value::as_u64);
        let flag = |keyword: &str| map.get(keyword).and_then(Value::as_bool) == Some(true);
        let text = |keyword: &str| map.get(keyword).and_then(Value::as_str);
        let list = |keyword: &str| map.get(keyword).and_then(Value::as_array);
        let pattern = text("pattern").filter(|pattern| !pattern.is_empty());
        let pattern = pattern.and_then(|pattern| match Pattern::new(pattern) {
            Ok(pattern) => Some(pattern),
            Err(error) => {
                let why = format!(
                    "must be a valid regular expression, but isn't: {}",
                    one_line(&error)
                );
                self.invalid(path, "pattern", &pattern.into(), &why);
                None
            }
        });
        let required = list("required")
            .into_iter()
            .flatten()
            .filter_map(Value::as_str);
        let mut rules = Rules {
            format: text("format")
                .filter(|format| !format.is_empty())
                .map(ToOwned::to_owned),
            maximum: number("maximum"),
            exclusive_maximum: flag("exclusiveMaximum"),
            minimum: number("minimum"),
            exclusive_minimum: flag("exclusiveMinimum"),
            multiple_of: number("multipleOf"),
            max_length: count("maxLength"),
            min_length: count("minLength"),
            pattern,
            max_items: count("maxItems"),
            min_items: count("minItems"),
            max_properties: count("maxProperties"),
            min_properties: count("minProperties"),
            required: required.map(ToOwned::to_owned).collect(),
            allowed: list("enum").cloned().unwrap_or_default(),
            ..Rules::default()
        };
        let mut branch = |keyword: &str, typed: bool| -> Vec<Structural> {
            let level = if typed {
                Level::IntOrString
            } else {
                Level::Nested
            };
            let schemas = list(keyword).into_iter().flatten().enumerate();
            schemas
                .map(|(index, schema)| {
                    self.schema(schema, &child(path, &format!("{keyword}[{index}]")), level)
                })
                .collect()
        };
        // An int-or-string may spell itself out in `anyOf`, also inside its first `allOf`.
        rules.all_of = branch("allOf", int_or_string);
        rules.any_of = branch("anyOf", int_or_string || level == Level::IntOrString);
        rules.one_of = branch("oneOf", false);
        if let Some(schema) = map.get("not").filter(|schema| !schema.is_null()) {
            rules.not = Some(Box::new(self.schema(
                schema,
                &child(path, "not"),
                Level::Nested,
            )));
        }
        (!rules.is_empty()).then(|| Box::new(rules))
    }

    /// Checks that every default is pruned and valid.
    fn defaults(&mut self, schema: &Structural, path: &str, root: bool) {
        if let Some(default) = &schema.default
            && !root
        {
            let path = child(path, "default");
            let mut pruned = default.as_ref().clone();
            let unknown = schema.prune_value(&mut pruned);
            if !unknown.is_empty() {
                let why = format!("must not have unknown fields: {}", unknown.join(", "));
                self.causes
                    .push(Cause::invalid(path.clone(), default, &why));
            }
            // Defaults inside this one count, as they will be there when it is used.
            schema.apply_defaults(&mut pruned);
            self.causes.extend(validate(schema, &pruned, &path));
        }
        for (name, property) in &schema.properties {
            self.defaults(
                property,
                &child(path, &format!("properties[{name}]")),
                false,
            );
        }
        if let Additional::Schema(additional) = &schema.additional {
            self.defaults(additional, &child(path, "additionalProperties"), false);
        }
        if let Some(items) = &schema.items {
            self.defaults(items, &child(path, "items"), false);
        }
    }

    /// Checks that everything below a logical operator is declared outside it, too.
    fn complete(&mut self, schema: &Structural, path: &str) {
        if let Some(rules) = &schema.rules {
            let branches = [("allOf", &rules.all_of), ("anyOf", &rules.any_of)];
            for (keyword, nested) in branches.into_iter().chain([("oneOf", &rules.one_of)]) {
                for (index, nested) in nested.iter().enumerate() {
                    let place = child(path, &format!("{keyword}[{index}]"));
                    self.declared(schema, path, nested, &place);
                }
            }
            if let Some(nested) = &rules.not {
                self.declared(schema, path, nested, &child(path, "not"));
            }
        }
        for (name, property) in &schema.properties {
            self.complete(property, &child(path, &format!("properties[{name}]")));
        }
        if let Additional::Schema(additional) = &schema.additional {
            self.complete(additional, &child(path, "additionalProperties"));
        }
        if let Some(items) = &schema.items {
            self.complete(items, &child(path, "items"));
        }
    }

    fn declared(&mut self, schema: &Structural, path: &str, nested: &Structural, place: &str) {
        for (name, inner) in &nested.properties {
            let step = format!("properties[{name}]");
            let (path, place) = (child(path, &step), child(place, &step));
            match schema.properties.get(name) {
                Some(outer) => self.declared(outer, &path, inner, &place),
                None => {
                    self.causes.push(Cause::required(
                        path,
                        &format!("because it is defined in {place}"),
                    ));
                }
            }
        }
        if let Some(inner) = &nested.items {
            let (path, place) = (child(path, "items"), child(place, "items"));
            match &schema.items {
                Some(outer) => self.declared(outer, &path, inner, &place),
                None => {
                    self.causes.push(Cause::required(
                        path,
                        &format!("because it is defined in {place}"),
                    ));
                }
            }
        }
        let Some(rules) = &nested.rules else { return };
        let branches = rules
            .all_of
            .iter()
            .chain(&rules.any_of)
            .chain(&rules.one_of);
        for inner in branches.chain(rules.not.as_deref()) {
            self.declared(schema, path, inner, place);
        }
    }
}

impl Rules {
    fn is_empty(&self) -> bool {
        let counts = [
            self.max_length,
            self.min_length,
            self.max_items,
            self.min_items,
            self.max_properties,
            self.min_properties,
        ];
        let branches = [&self.all_of, &self.any_of, &self.one_of];
        self.format.is_none()
            && [self.maximum, self.minimum, self.multiple_of]
                .iter()
                .all(Option::is_none)
            && counts.iter().all(Option::is_none)
            && self.pattern.is_none()
            && self.required.is_empty()
            && self.allowed.is_empty()
            && branches.iter().all(|branch| branch.is_empty())
            && self.not.is_none()
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

/// The regex crate draws its errors over several lines; the last one says what is wrong.
fn one_line(error: &regex::Error) -> String {
    let text = error.to_string();
    let last = text.lines().last().unwrap_or_default();
    last.strip_prefix("error: ").unwrap_or(last).to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn problems(schema: &Value) -> Vec<String> {
        let causes = Structural::parse(schema, "s").err().unwrap_or_default();
        causes
            .iter()
            .map(|cause| format!("{}: {}", cause.field, cause.message))
            .collect()
    }

    fn with_property(schema: &Value) -> Vec<String> {
        problems(&json!({"type": "object", "properties": {"a": schema}}))
    }

    #[test]
    fn the_root_is_a_typed_object() {
        assert_eq!(
            problems(&json!({})),
            ["s.type: Required value: must not be empty at the root"]
        );
        assert_eq!(
            problems(&json!({"type": "string"})),
            ["s.type: Invalid value: \"string\": must be object at the root"]
        );
        assert_eq!(problems(&json!({"type": "object"})), [""; 0]);
    }

    #[test]
    fn fields_and_items_are_typed() {
        assert_eq!(
            with_property(&json!({"properties": {}})),
            ["s.properties[a].type: Required value: must not be empty for specified object fields"]
        );
        assert_eq!(
            with_property(&json!({"type": "array", "items": {}})),
            [
                "s.properties[a].items.type: Required value: must not be empty for specified array \
              items"
            ]
        );
        assert_eq!(
            with_property(&json!({"type": "array"})),
            ["s.properties[a].items: Required value: must be specified"]
        );
        assert_eq!(
            with_property(&json!({"x-kubernetes-int-or-string": true})),
            [""; 0]
        );
        assert_eq!(
            with_property(&json!({"x-kubernetes-preserve-unknown-fields": true})),
            [""; 0]
        );
    }

    #[test]
    fn what_is_not_structural_is_forbidden() {
        for (schema, field) in [
            (json!({"type": "object", "$ref": "x"}), "$ref"),
            (
                json!({"type": "object", "additionalProperties": false}),
                "additionalProperties",
            ),
            (
                json!({"type": "array", "items": {"type": "string"}, "uniqueItems": true}),
                "uniqueItems",
            ),
            (
                json!({"type": "string", "anyOf": [{"type": "string"}]}),
                "anyOf[0].type",
            ),
            (json!({"type": "string", "pattern": "("}), "pattern"),
            (json!({"type": "null"}), "type"),
            (json!({"type": "text"}), "type"),
            (
                json!({"type": "string", "x-kubernetes-list-type": "set"}),
                "type",
            ),
            (
                json!({"type": "object", "x-kubernetes-map-type": "x"}),
                "x-kubernetes-map-type",
            ),
            (json!({"type": "integer", "default": "x"}), "default"),
            (json!({"type": "object", "default": {"b": 1}}), "default"),
            (
                json!({"type": "object", "anyOf": [{"properties": {"b": {}}}]}),
                "properties[b]",
            ),
        ] {
            let problems = with_property(&schema);
            assert!(
                problems
                    .iter()
                    .any(|text| text.starts_with(&format!("s.properties[a].{field}:"))),
                "{schema}: {problems:?}"
            );
        }
    }

    #[test]
    fn list_maps_need_keys_that_are_always_there() {
        let list = |keys: Value, required: Value| {
            with_property(&json!({
                "type": "array", "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": keys,
                "items": {
                    "type": "object", "required": required,
                    "properties": {"n": {"type": "string"}, "d": {"type": "string", "default": "x"}},
                },
            }))
        };
        assert_eq!(list(json!(["n", "d"]), json!(["n"])), [""; 0]);
        assert_eq!(list(json!([]), json!([])).len(), 1);
        assert_eq!(list(json!(["x"]), json!([])).len(), 1);
        assert_eq!(list(json!(["n"]), json!([])).len(), 1);
    }

    #[test]
    fn metadata_may_only_restrict_names() {
        let metadata = |schema: Value| {
            problems(&json!({"type": "object", "properties": {"metadata": schema}}))
        };
        assert_eq!(metadata(json!({"type": "object"})), [""; 0]);
        let names = json!({"name": {"type": "string", "maxLength": 8}});
        assert_eq!(
            metadata(json!({"type": "object", "properties": names})),
            [""; 0]
        );
        let labels = json!({"labels": {"type": "object"}});
        assert_eq!(
            metadata(json!({"type": "object", "properties": labels})).len(),
            1
        );
    }

    #[test]
    fn int_or_string_may_spell_itself_out() {
        let types = json!([{"type": "integer"}, {"type": "string"}]);
        assert_eq!(
            with_property(&json!({"x-kubernetes-int-or-string": true, "anyOf": types})),
            [""; 0]
        );
        assert_eq!(
            with_property(&json!({
                "x-kubernetes-int-or-string": true,
                "allOf": [{"anyOf": types}, {"pattern": "^a"}],
            })),
            [""; 0]
        );
    }
}
