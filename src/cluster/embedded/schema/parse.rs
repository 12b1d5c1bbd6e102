//! Compiling an `openAPIV3Schema`.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::causes::child;
use super::cel;
use super::pattern::Pattern;
use super::structural::{Additional, Rules, Structural, ValueType};
use crate::cluster::embedded::status::Cause;

/// Where a schema stands, which decides what it must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    /// The schema of a resource.
    Root,
    /// The schema of a member.
    Field,
    /// The schema of list items.
    Item,
    /// Below `allOf`, `anyOf`, `oneOf` or `not`.
    Nested,
    /// An alternative of `anyOf: [{type: integer}, {type: string}]`, which may have a type.
    Typed,
}

impl Level {
    pub(super) fn is_nested(self) -> bool {
        matches!(self, Self::Nested | Self::Typed)
    }
}

impl Structural {
    /// Compiles the schema of a resource; `path` is where it stands, for the causes.
    ///
    /// The checks and their sentences are those with which upstream refuses a custom resource
    /// definition whose schema is not structural.
    pub fn parse(schema: &Value, path: &str) -> Result<Self, Vec<Cause>> {
        let mut parser = Parser { causes: Vec::new() };
        let compiled = parser.schema(schema, path, Level::Root);
        parser.defaults(&compiled, path, true);
        parser.complete(&compiled, path);
        parser.rules_fit(&compiled, path, true, None);
        if parser.causes.is_empty() {
            return Ok(compiled);
        }
        parser
            .causes
            .sort_by_key(|cause| format!("{}: {}", cause.field, cause.message));
        Err(parser.causes)
    }
}

/// Collects causes while a schema is compiled.
pub(super) struct Parser {
    pub(super) causes: Vec<Cause>,
}

impl Parser {
    pub(super) fn forbid(&mut self, path: &str, keyword: &str, why: &str) {
        self.causes
            .push(Cause::forbidden(child(path, keyword), why));
    }

    pub(super) fn require(&mut self, path: &str, keyword: &str, why: &str) {
        self.causes.push(Cause::required(child(path, keyword), why));
    }

    pub(super) fn invalid(&mut self, path: &str, keyword: &str, value: &Value, why: &str) {
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
            value_type: self.value_type(map, path),
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
        self.level(&compiled, map, path, level);
        self.shape(&mut compiled, map, path, level);
        self.list_and_map_types(&mut compiled, map, path);
        compiled.rules = self.rules(map, path);
        if let Some(rules) = map.get("x-kubernetes-validations")
            && !level.is_nested()
        {
            let rules = cel::parse(rules, path, &mut self.causes);
            compiled.cel = rules.into_iter().map(Arc::new).collect();
        }
        let properties = compiled.properties.values();
        let below = properties
            .chain(compiled.additional_schema())
            .chain(compiled.items());
        compiled.has_rules = !compiled.cel.is_empty() || below.into_iter().any(|s| s.has_rules);
        compiled
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

    fn shape(
        &mut self,
        compiled: &mut Structural,
        map: &Map<String, Value>,
        path: &str,
        level: Level,
    ) {
        let nested = level.is_nested();
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

    fn rules(&mut self, map: &Map<String, Value>, path: &str) -> Option<Box<Rules>> {
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
        let mut branch = |keyword: &str, level: Level| -> Vec<Structural> {
            let schemas = list(keyword).into_iter().flatten().enumerate();
            let place = |index| child(path, &format!("{keyword}[{index}]"));
            schemas
                .map(|(index, schema)| self.schema(schema, &place(index), level))
                .collect()
        };
        let spelled = list("anyOf").is_some_and(|schemas| is_int_or_string(schemas));
        rules.all_of = branch("allOf", Level::Nested);
        rules.any_of = branch("anyOf", if spelled { Level::Typed } else { Level::Nested });
        rules.one_of = branch("oneOf", Level::Nested);
        if let Some(schema) = map.get("not").filter(|schema| !schema.is_null()) {
            rules.not = Some(Box::new(self.schema(
                schema,
                &child(path, "not"),
                Level::Nested,
            )));
        }
        (!rules.is_empty()).then(|| Box::new(rules))
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

/// Tells whether these are the alternatives with which an int-or-string spells itself out.
fn is_int_or_string(schemas: &[Value]) -> bool {
    let bare = |schema: &Value, name: &str| {
        schema.as_object().is_some_and(|map| map.len() == 1) && schema["type"] == name
    };
    matches!(schemas, [first, second] if bare(first, "integer") && bare(second, "string"))
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
