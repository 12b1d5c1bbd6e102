//! Running the rules of a schema on an object.

use std::cell::LazyCell;

use kube_cel::KubeCelExt as _;
use kube_cel::cel::{self, Context, Program};
use serde_json::Value;

use super::super::causes::child;
use super::super::lists::counterpart;
use super::super::structural::Structural;
use super::rule::{CelRule, Reason};
use super::value::convert;
use crate::cluster::embedded::status::Cause;

/// Rules run on one object before it is refused; the language has no other limit here.
const MAX_RUNS: usize = 100_000;

thread_local! {
    static LIBRARY: LazyCell<Context<'static>> =
        LazyCell::new(|| Context::default().with_all());
}

/// The rules of a schema at work on one object.
#[derive(Default)]
pub(in super::super) struct Evaluation {
    causes: Vec<Cause>,
    runs: usize,
}

impl Evaluation {
    /// Returns a cause for every rule that does not hold.
    ///
    /// Rules about a change are skipped where there is nothing before it. A value that did not
    /// change may break a rule that came later.
    pub(in super::super) fn of(
        schema: &Structural,
        new: &Value,
        old: Option<&Value>,
    ) -> Vec<Cause> {
        let mut evaluation = Self::default();
        evaluation.node(schema, new, old, "", true);
        evaluation.causes
    }

    fn node(
        &mut self,
        schema: &Structural,
        new: &Value,
        old: Option<&Value>,
        path: &str,
        resource: bool,
    ) {
        if !schema.has_rules || new.is_null() {
            return;
        }
        if !schema.cel.is_empty() {
            self.rules(schema, new, old, path, resource);
        }
        match new {
            Value::Object(map) => {
                for (key, value) in map {
                    let property = schema.property(key);
                    let Some(below) = property.or_else(|| schema.additional_schema()) else {
                        continue;
                    };
                    let old = old.and_then(|old| old.get(key));
                    // The keys of a map are written in brackets, those of a struct with a dot.
                    let path = match property {
                        Some(_) => child(path, key),
                        None => format!("{path}[{key}]"),
                    };
                    self.node(below, value, old, &path, below.is_embedded_resource());
                }
            }
            Value::Array(list) => {
                let Some(items) = schema.items() else { return };
                for (index, item) in list.iter().enumerate() {
                    let old = counterpart(schema, item, old);
                    let path = format!("{path}[{index}]");
                    self.node(items, item, old, &path, items.is_embedded_resource());
                }
            }
            _ => {}
        }
    }

    fn rules(
        &mut self,
        schema: &Structural,
        new: &Value,
        old: Option<&Value>,
        path: &str,
        resource: bool,
    ) {
        let convert = |value: &Value| convert(value, Some(schema), resource);
        let unchanged = old == Some(new);
        let type_name = schema
            .value_type()
            .map_or("", |value_type| value_type.as_str());
        let causes = LIBRARY.with(|library| {
            let mut context = library.new_inner_scope();
            context.add_variable_from_value("self", convert(new));
            if let Some(old) = old {
                context.add_variable_from_value("oldSelf", convert(old));
            }
            let mut causes = Vec::new();
            for rule in &schema.cel {
                if rule.is_transition && old.is_none() && !rule.optional_old_self {
                    continue;
                }
                if !rule.is_transition && unchanged {
                    continue;
                }
                self.runs += 1;
                if self.runs > MAX_RUNS {
                    break;
                }
                causes.extend(run(rule, &context, old, new, path, type_name));
            }
            causes
        });
        self.causes.extend(causes);
        if self.runs == MAX_RUNS + 1 {
            let why = "validation failed due to running out of cost budget, no further validation \
                       rules will be run";
            self.causes.push(Cause::invalid(path, &"".into(), why));
            self.runs += 1;
        }
    }
}

fn run(
    rule: &CelRule,
    context: &Context<'_>,
    old: Option<&Value>,
    new: &Value,
    path: &str,
    type_name: &str,
) -> Option<Cause> {
    let mut inner = context.new_inner_scope();
    if rule.optional_old_self && old.is_none() {
        // Upstream makes this an optional value; the language has none here, so null stands in.
        inner.add_variable_from_value("oldSelf", cel::Value::Null);
    }
    let why = match rule.program.execute(&inner) {
        Ok(cel::Value::Bool(true)) => return None,
        Ok(cel::Value::Bool(false)) => message(rule, &inner),
        Ok(_) => format!("rule did not evaluate to a boolean: {}", rule.label()),
        Err(error) => {
            let why = format!("{error} evaluating rule: {}", rule.label());
            return Some(Cause::invalid(path, &type_name.into(), &why));
        }
    };
    let field = field_path(path, &rule.field_path);
    Some(match rule.reason {
        Reason::Invalid => Cause::invalid(field, &type_name.into(), &why),
        Reason::Forbidden => Cause::forbidden(field, &why),
        Reason::Required => Cause::required(field, &why),
        Reason::Duplicate => Cause::duplicate(field, new),
    })
}

/// The message of a failed rule: computed if that works, else fixed, else the rule itself.
fn message(rule: &CelRule, context: &Context<'_>) -> String {
    let computed =
        rule.message_expression
            .as_ref()
            .and_then(|expression: &Program| match expression.execute(context) {
                Ok(cel::Value::String(text)) => {
                    let usable = !text.trim().is_empty() && !text.contains('\n');
                    usable.then(|| text.trim().to_owned())
                }
                _ => None,
            });
    computed.unwrap_or_else(|| {
        if rule.message.is_empty() {
            format!("failed rule: {}", rule.text)
        } else {
            rule.message.clone()
        }
    })
}

/// Appends the `fieldPath` of a rule, which is written like a simple JSON path.
fn field_path(path: &str, field: &str) -> String {
    let field = field.replace("['", "[").replace("']", "]");
    if path.is_empty() {
        field.trim_start_matches('.').to_owned()
    } else {
        format!("{path}{field}")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn causes(schema: &Value, new: &Value, old: Option<&Value>) -> Vec<String> {
        let schema = Structural::parse(schema, "").unwrap();
        let causes = Evaluation::of(&schema, new, old).into_iter();
        causes
            .map(|cause| format!("{}: {}", cause.field, cause.message))
            .collect()
    }

    fn schema(rules: &Value) -> Value {
        json!({"type": "object", "properties": {"spec": {
            "type": "object", "x-kubernetes-validations": rules,
            "properties": {
                "replicas": {"type": "integer"},
                "minReplicas": {"type": "integer"},
                "ratio": {"type": "number"},
                "my_field": {"type": "string"},
                "until": {"type": "string", "format": "date-time"},
                "cidrs": {"type": "array", "items": {"type": "string"}},
                "namespace": {"type": "string"},
                "labels": {"type": "object", "additionalProperties": {
                    "type": "string", "x-kubernetes-validations": [{"rule": "self != 'bad'"}],
                }},
                "seedName": {"type": "string", "x-kubernetes-validations": [
                    {"rule": "self == oldSelf", "message": "seedName is immutable"},
                ]},
                "workers": {
                    "type": "array", "x-kubernetes-list-type": "map",
                    "x-kubernetes-list-map-keys": ["name"],
                    "items": {
                        "type": "object", "required": ["name"],
                        "x-kubernetes-validations": [{"rule": "self.size >= oldSelf.size"}],
                        "properties": {"name": {"type": "string"}, "size": {"type": "integer"}},
                    },
                },
            },
        }}})
    }

    #[test]
    fn failures_read_as_upstream_writes_them() {
        let rule = json!([{
            "rule": "!has(self.minReplicas) || self.replicas >= self.minReplicas",
            "message": "replicas must not be below minReplicas",
        }]);
        let schema = schema(&rule);
        let good = json!({"spec": {"replicas": 3, "minReplicas": 1}});
        assert_eq!(causes(&schema, &good, None), [""; 0]);
        assert_eq!(
            causes(&schema, &json!({"spec": {"replicas": 3}}), None),
            [""; 0]
        );
        let bad = json!({"spec": {"replicas": 1, "minReplicas": 3}});
        assert_eq!(
            causes(&schema, &bad, None),
            ["spec: Invalid value: \"object\": replicas must not be below minReplicas"]
        );
        // What did not change may stay as it is.
        assert_eq!(causes(&schema, &bad, Some(&bad)), [""; 0]);
    }

    #[test]
    fn rules_see_values_by_their_type() {
        for (rule, spec) in [
            ("self.my_field == 'x'", json!({"my_field": "x"})),
            ("self.__namespace__ == 'n'", json!({"namespace": "n"})),
            ("self.ratio > 0.5", json!({"ratio": 1})),
            (
                "self.until > timestamp('2026-01-01T00:00:00Z')",
                json!({"until": "2026-11-20T00:00:00Z"}),
            ),
            (
                "self.cidrs.all(c, isCIDR(c))",
                json!({"cidrs": ["fd00::/8"]}),
            ),
            ("self.labels['a-b'] == 'c'", json!({"labels": {"a-b": "c"}})),
            ("self.cidrs.size() == 0", json!({"cidrs": []})),
        ] {
            let schema = schema(&json!([{"rule": rule}]));
            assert_eq!(
                causes(&schema, &json!({"spec": spec}), None),
                [""; 0],
                "{rule}"
            );
        }
        let wrong = schema(&json!([{"rule": "self.replicas > 1"}]));
        let found = causes(&wrong, &json!({"spec": {}}), None);
        assert!(
            found[0].ends_with("evaluating rule: self.replicas > 1"),
            "{found:?}"
        );
        let first = schema(&json!([{"rule": "false"}]));
        assert_eq!(
            causes(&first, &json!({"spec": {"labels": {"x": "bad"}}}), None),
            [
                "spec: Invalid value: \"object\": failed rule: false",
                "spec.labels[x]: Invalid value: \"string\": failed rule: self != 'bad'",
            ]
        );
    }

    #[test]
    fn rules_about_a_change_need_something_before_it() {
        let schema = schema(&json!([]));
        let one = json!({"spec": {"seedName": "a", "workers": [{"name": "w", "size": 2}]}});
        let two = json!({"spec": {"seedName": "b", "workers": [
            {"name": "v", "size": 0}, {"name": "w", "size": 1},
        ]}});
        assert_eq!(causes(&schema, &one, None), [""; 0]);
        assert_eq!(causes(&schema, &one, Some(&json!({"spec": {}}))), [""; 0]);
        assert_eq!(
            causes(&schema, &two, Some(&one)),
            [
                "spec.seedName: Invalid value: \"string\": seedName is immutable",
                "spec.workers[1]: Invalid value: \"object\": failed rule: self.size >= oldSelf.size",
            ]
        );
    }

    #[test]
    fn reasons_paths_and_computed_messages_count() {
        let rules = json!([
            {"rule": "false", "reason": "FieldValueForbidden", "fieldPath": ".replicas",
                "messageExpression": "'no ' + string(self.replicas)"},
            {"rule": "false", "reason": "FieldValueRequired", "fieldPath": ".labels['x']",
                "message": "fixed", "messageExpression": "self.nothing"},
        ]);
        assert_eq!(
            causes(&schema(&rules), &json!({"spec": {"replicas": 2}}), None),
            [
                "spec.replicas: Forbidden: no 2",
                "spec.labels[x]: Required value: fixed"
            ]
        );
    }

    #[test]
    fn broken_rules_are_refused_with_the_schema() {
        let rules = json!([
            {"rule": "self.a +"}, {"message": "x"}, {"rule": "true", "reason": "Other"},
        ]);
        let causes = Structural::parse(&schema(&rules), "s").unwrap_err();
        let fields: Vec<&str> = causes.iter().map(|cause| cause.field.as_str()).collect();
        let at = |rest: &str| format!("s.properties[spec].x-kubernetes-validations{rest}");
        assert_eq!(fields, [at("[0].rule"), at("[1].rule"), at("[2].reason")]);
    }
}
