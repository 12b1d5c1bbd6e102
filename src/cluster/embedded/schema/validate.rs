//! Validating a value against a structural schema, in the words of upstream's validator.

use std::collections::BTreeSet;

use serde_json::{Map, Number, Value};

use super::causes::{self, NO_FIELD, child};
use super::lists::counterpart;
use super::structural::{Additional, Rules, Structural, ValueType};
use super::{formats, lists};
use crate::cluster::embedded::status::Cause;

/// Validates a whole resource, or a part of one that stands at `path`.
///
/// Besides the keywords of the schema this checks that sets and keyed lists have no duplicates and
/// that embedded resources have an `apiVersion` and a `kind`.
pub fn validate(schema: &Structural, value: &Value, path: &str) -> Vec<Cause> {
    validate_except(schema, value, None, path)
}

/// Validates like [`validate`], except for parts that are as they were in `old`.
pub(super) fn validate_except(
    schema: &Structural,
    value: &Value,
    old: Option<&Value>,
    path: &str,
) -> Vec<Cause> {
    let mut outcome = Outcome::default();
    outcome.node(schema, value, old, path);
    let mut causes = outcome.causes;
    if old != Some(value) {
        embedded(schema, value, path, &mut causes);
    }
    lists::check(schema, value, old, path, &mut causes);
    causes
}

/// The causes of one validation and how many checks it made.
///
/// Of several failed alternatives upstream reports the one that made most checks.
#[derive(Default)]
struct Outcome {
    causes: Vec<Cause>,
    checks: usize,
}

impl Outcome {
    fn of(schema: &Structural, value: &Value, path: &str) -> Self {
        let mut outcome = Self::default();
        outcome.node(schema, value, None, path);
        outcome
    }

    fn merge(&mut self, other: Self) {
        self.causes.extend(other.causes);
        self.checks += other.checks;
    }

    fn invalid(&mut self, path: &str, value: &Value, why: &str) {
        self.causes.push(Cause::invalid(
            path,
            value,
            &format!("{path} in body {why}"),
        ));
    }

    fn node(&mut self, schema: &Structural, value: &Value, old: Option<&Value>, path: &str) {
        if old == Some(value) {
            return;
        }
        self.value_type(schema, value, path);
        let rules = schema.rules.as_deref();
        if value.is_null() {
            if let Some(rules) = rules
                && !schema.nullable
            {
                self.allowed(rules, value, path);
            }
            return;
        }
        if let Some(rules) = rules {
            self.branches(rules, value, path);
            match value {
                Value::String(text) => {
                    self.text(rules, text, path);
                    self.format(rules, value, text, path);
                }
                Value::Number(number) => self.number(rules, number, value, path),
                _ => {}
            }
        }
        if let Value::Array(list) = value {
            self.list(schema, list, old, path);
        }
        if let Some(rules) = rules {
            self.allowed(rules, value, path);
        }
        if let Value::Object(map) = value {
            let before = self.causes.len();
            self.counts(rules, map.len(), path);
            // Upstream looks no further into a map of the wrong size.
            if self.causes.len() == before {
                self.members(schema, map, old, path);
            }
        }
        self.checks += 1;
    }

    fn value_type(&mut self, schema: &Structural, value: &Value, path: &str) {
        let expected: &[ValueType] = match (&schema.value_type, schema.int_or_string) {
            (_, true) => &[ValueType::Integer, ValueType::String],
            (Some(value_type), false) => std::slice::from_ref(value_type),
            (None, false) => return,
        };
        self.checks += 1;
        let (actual, width) = match value {
            Value::Null if schema.nullable => return,
            Value::Null => ("null", ""),
            Value::Bool(_) => ("boolean", ""),
            Value::Number(number) if number.is_f64() => ("number", "float64"),
            Value::Number(_) => ("integer", "int64"),
            Value::String(_) => ("string", ""),
            Value::Array(_) => ("array", ""),
            Value::Object(_) => ("object", ""),
        };
        let fits = expected.iter().any(|expected| {
            expected.as_str() == actual
                || (*expected == ValueType::Number && actual == "integer")
                || (*expected == ValueType::Integer && is_whole(value))
        });
        if fits {
            return;
        }
        let format = schema
            .rules
            .as_ref()
            .and_then(|rules| rules.format.as_deref());
        let numeric = expected
            .iter()
            .any(|e| matches!(e, ValueType::Integer | ValueType::Number));
        let textual = value.is_string() || value.is_array();
        let (wanted, found) = match format {
            // The format check has the say about texts.
            Some(_) if textual && !numeric => return,
            Some(format) if !textual && !value.is_null() => (format.to_owned(), width),
            _ => (
                expected
                    .iter()
                    .map(|e| e.as_str())
                    .collect::<Vec<_>>()
                    .join(","),
                actual,
            ),
        };
        let why = format!("{path} in body must be of type {wanted}: \"{found}\"");
        self.causes
            .push(causes::type_invalid(path, &found.into(), &why));
    }

    fn branches(&mut self, rules: &Rules, value: &Value, path: &str) {
        let composite =
            |why: String| Cause::invalid(NO_FIELD, &"".into(), &format!("\"{path}\" {why}"));
        if !rules.any_of.is_empty() {
            let mut outcomes = rules
                .any_of
                .iter()
                .map(|schema| Self::of(schema, value, path));
            let mut best: Option<Self> = None;
            let valid = outcomes.find_map(|outcome| {
                if outcome.causes.is_empty() {
                    return Some(outcome);
                }
                best = Some(more_checks(best.take(), outcome));
                None
            });
            if valid.is_none() {
                let why = "must validate at least one schema (anyOf)";
                self.causes.push(composite(why.to_owned()));
            }
            if let Some(outcome) = valid.or(best) {
                self.merge(outcome);
            }
        }
        if !rules.one_of.is_empty() {
            let outcomes = rules
                .one_of
                .iter()
                .map(|schema| Self::of(schema, value, path));
            let (valid, failed): (Vec<_>, Vec<_>) =
                outcomes.partition(|outcome| outcome.causes.is_empty());
            let why = "must validate one and only one schema (oneOf).";
            match valid.len() {
                1 => valid.into_iter().for_each(|outcome| self.merge(outcome)),
                0 => {
                    self.causes
                        .push(composite(format!("{why} Found none valid")));
                    let best = failed
                        .into_iter()
                        .fold(None, |best, outcome| Some(more_checks(best, outcome)));
                    if let Some(outcome) = best {
                        self.merge(outcome);
                    }
                }
                count => {
                    let why = format!("{why} Found {count} valid alternatives");
                    self.causes.push(composite(why));
                }
            }
        }
        let mut failed = 0;
        for schema in &rules.all_of {
            let outcome = Self::of(schema, value, path);
            failed += usize::from(!outcome.causes.is_empty());
            self.merge(outcome);
        }
        if failed > 0 {
            let none = if failed == rules.all_of.len() {
                ". None validated"
            } else {
                ""
            };
            self.causes.push(composite(format!(
                "must validate all the schemas (allOf){none}"
            )));
        }
        if let Some(schema) = &rules.not
            && Self::of(schema, value, path).causes.is_empty()
        {
            self.causes
                .push(composite("must not validate the schema (not)".to_owned()));
        }
    }

    /// Only the first thing that is wrong with a text is reported.
    fn text(&mut self, rules: &Rules, text: &str, path: &str) {
        self.checks += 1;
        let length = text.chars().count() as u64;
        let value = || Value::from(text);
        if let Some(most) = rules.max_length.filter(|most| length > *most) {
            self.causes.push(causes::too_long(path, most));
        } else if let Some(least) = rules.min_length.filter(|least| length < *least) {
            self.invalid(
                path,
                &value(),
                &format!("should be at least {least} chars long"),
            );
        } else if let Some(pattern) = &rules.pattern
            && !pattern.is_match(text)
        {
            self.invalid(
                path,
                &value(),
                &format!("should match '{}'", pattern.as_str()),
            );
        }
    }

    fn format(&mut self, rules: &Rules, value: &Value, text: &str, path: &str) {
        let Some(format) = &rules.format else { return };
        self.checks += 1;
        if !formats::is_valid(format, text) {
            let why = format!("{path} in body must be of type {format}: {text:?}");
            self.causes.push(causes::type_invalid(path, value, &why));
        }
    }

    fn number(&mut self, rules: &Rules, number: &Number, value: &Value, path: &str) {
        self.checks += 1;
        let actual = number.as_f64().unwrap_or_default();
        if let Some(factor) = rules.multiple_of
            && (actual / factor).fract() != 0.0
        {
            self.invalid(path, value, &format!("should be a multiple of {factor}"));
        }
        if let Some(least) = rules.minimum {
            if rules.exclusive_minimum && actual <= least {
                self.invalid(path, value, &format!("should be greater than {least}"));
            } else if actual < least {
                self.invalid(
                    path,
                    value,
                    &format!("should be greater than or equal to {least}"),
                );
            }
        }
        if let Some(most) = rules.maximum {
            if rules.exclusive_maximum && actual >= most {
                self.invalid(path, value, &format!("should be less than {most}"));
            } else if actual > most {
                self.invalid(
                    path,
                    value,
                    &format!("should be less than or equal to {most}"),
                );
            }
        }
    }

    fn list(&mut self, schema: &Structural, list: &[Value], old: Option<&Value>, path: &str) {
        self.checks += 1;
        if let Some(items) = &schema.items {
            for (index, item) in list.iter().enumerate() {
                let old = counterpart(schema, item, old);
                self.node(items, item, old, &format!("{path}[{index}]"));
            }
        }
        let Some(rules) = &schema.rules else { return };
        let length = list.len() as u64;
        if let Some(least) = rules.min_items.filter(|least| length < *least) {
            self.invalid(
                path,
                &length.into(),
                &format!("should have at least {least} items"),
            );
        }
        if let Some(most) = rules.max_items.filter(|most| length > *most) {
            self.causes.push(causes::too_many(path, list.len(), most));
        }
    }

    fn allowed(&mut self, rules: &Rules, value: &Value, path: &str) {
        self.checks += 1;
        if !rules.allowed.is_empty() && !rules.allowed.contains(value) {
            self.causes
                .push(causes::not_supported(path, value, &rules.allowed));
        }
    }

    fn counts(&mut self, rules: Option<&Rules>, length: usize, path: &str) {
        let Some(rules) = rules else { return };
        let count = length as u64;
        if let Some(least) = rules.min_properties.filter(|least| count < *least) {
            self.invalid(
                path,
                &count.into(),
                &format!("should have at least {least} properties"),
            );
        } else if let Some(most) = rules.max_properties.filter(|most| count > *most) {
            self.causes.push(causes::too_many(path, length, most));
        }
    }

    fn members(
        &mut self,
        schema: &Structural,
        map: &Map<String, Value>,
        old: Option<&Value>,
        path: &str,
    ) {
        self.checks += 1;
        for (key, value) in map {
            let declared = schema.properties.get(key.as_str());
            let below = declared.or(match &schema.additional {
                Additional::Schema(additional) => Some(additional.as_ref()),
                Additional::Any | Additional::Unspecified => None,
            });
            if let Some(below) = below {
                let old = old.and_then(|old| old.get(key));
                self.node(below, value, old, &child(path, key));
            }
        }
        let required = schema
            .rules
            .as_ref()
            .map_or(&[][..], |rules| &rules.required);
        for name in required
            .iter()
            .filter(|name| !map.contains_key(name.as_str()))
        {
            self.causes.push(Cause::required(child(path, name), ""));
        }
    }
}

fn more_checks(best: Option<Outcome>, outcome: Outcome) -> Outcome {
    match best {
        Some(best) if best.checks >= outcome.checks => best,
        _ => outcome,
    }
}

fn is_whole(value: &Value) -> bool {
    value.as_f64().is_some_and(|number| number.fract() == 0.0)
}

/// Checks that every embedded resource says what it is.
fn embedded(schema: &Structural, value: &Value, path: &str, causes: &mut Vec<Cause>) {
    match value {
        Value::Object(map) => {
            if schema.embedded_resource {
                for name in BTreeSet::from(["apiVersion", "kind"]) {
                    if map
                        .get(name)
                        .and_then(Value::as_str)
                        .is_none_or(str::is_empty)
                    {
                        causes.push(Cause::required(child(path, name), "must not be empty"));
                    }
                }
            }
            for (key, value) in map {
                let declared = schema.properties.get(key.as_str());
                if let Some(below) = declared.or_else(|| schema.additional_schema()) {
                    embedded(below, value, &child(path, key), causes);
                }
            }
        }
        Value::Array(list) => {
            let Some(items) = &schema.items else { return };
            for (index, item) in list.iter().enumerate() {
                embedded(items, item, &format!("{path}[{index}]"), causes);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests;
