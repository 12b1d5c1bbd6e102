//! The part of `JSONPath` that printer columns, scale paths and selectable fields use.
//!
//! Fields, quoted fields, indexes, slices, wildcards, recursive descent and filters that compare
//! one path with a literal. A path that matches nothing gives nothing; it is never an error.

use std::fmt;

use serde_json::Value;
use thiserror::Error;

/// A path that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("invalid JSON path {path:?}: {detail}")]
pub struct JsonPathError {
    path: String,
    detail: &'static str,
}

/// A parsed path.
#[derive(Debug, Clone, PartialEq)]
pub struct JsonPath {
    text: String,
    steps: Vec<Step>,
}

#[derive(Debug, Clone, PartialEq)]
enum Step {
    Field(String),
    Index(i64),
    Slice {
        from: Option<i64>,
        to: Option<i64>,
    },
    Wildcard,
    Descent,
    Filter {
        path: Vec<Self>,
        comparison: Option<(Comparison, Value)>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl JsonPath {
    /// Parses a path such as `.status.conditions[?(@.type=="Ready")].status`; braces around it are
    /// accepted.
    pub fn parse(text: &str) -> Result<Self, JsonPathError> {
        let inner = text
            .strip_prefix('{')
            .and_then(|text| text.strip_suffix('}'))
            .unwrap_or(text);
        let inner = inner.strip_prefix('$').unwrap_or(inner);
        let mut parser = Parser { rest: inner };
        let steps = parser.steps(|_| false);
        match steps {
            Ok(steps) => Ok(Self {
                text: text.to_owned(),
                steps,
            }),
            Err(detail) => Err(JsonPathError {
                path: text.to_owned(),
                detail,
            }),
        }
    }

    /// Returns everything the path matches, in document order.
    pub fn find<'a>(&self, root: &'a Value) -> Vec<&'a Value> {
        walk(&self.steps, root)
    }

    /// Returns the first match.
    pub fn first<'a>(&self, root: &'a Value) -> Option<&'a Value> {
        self.find(root).into_iter().next()
    }

    /// Returns the plain field names of the path, when it has nothing else in it.
    pub fn fields(&self) -> Option<Vec<&str>> {
        let name = |step: &'_ Step| matches!(step, Step::Field(_));
        if !self.steps.iter().all(name) {
            return None;
        }
        let names = self.steps.iter().filter_map(|step| match step {
            Step::Field(name) => Some(name.as_str()),
            _ => None,
        });
        Some(names.collect())
    }
}

impl fmt::Display for JsonPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Writes a value as a table cell does: strings bare, lists and objects as JSON, null as nothing.
pub fn printed(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn walk<'a>(steps: &[Step], root: &'a Value) -> Vec<&'a Value> {
    let mut current = vec![root];
    for step in steps {
        let mut next = Vec::new();
        for value in current {
            step.apply(value, &mut next);
        }
        current = next;
    }
    current
}

impl Step {
    fn apply<'a>(&self, value: &'a Value, out: &mut Vec<&'a Value>) {
        match self {
            Self::Field(name) => out.extend(value.get(name)),
            Self::Index(index) => {
                if let Some(list) = value.as_array() {
                    let position = position(*index, list.len());
                    out.extend(position.and_then(|position| list.get(position)));
                }
            }
            Self::Slice { from, to } => {
                if let Some(list) = value.as_array() {
                    let from = from.and_then(|i| position(i, list.len())).unwrap_or(0);
                    let to = to.map_or(Some(list.len()), |i| position(i, list.len()));
                    let to = to.unwrap_or(0).min(list.len());
                    out.extend(list.get(from..to.max(from)).into_iter().flatten());
                }
            }
            Self::Wildcard => children(value, out),
            Self::Descent => descend(value, out),
            Self::Filter { path, comparison } => {
                let mut candidates = Vec::new();
                children(value, &mut candidates);
                out.extend(candidates.into_iter().filter(|candidate| {
                    let found = walk(path, candidate);
                    match comparison {
                        None => !found.is_empty(),
                        Some((comparison, literal)) => {
                            found.iter().any(|value| comparison.holds(value, literal))
                        }
                    }
                }));
            }
        }
    }
}

fn children<'a>(value: &'a Value, out: &mut Vec<&'a Value>) {
    match value {
        Value::Array(list) => out.extend(list),
        Value::Object(map) => out.extend(map.values()),
        _ => {}
    }
}

fn descend<'a>(value: &'a Value, out: &mut Vec<&'a Value>) {
    out.push(value);
    let mut below = Vec::new();
    children(value, &mut below);
    for child in below {
        descend(child, out);
    }
}

/// Turns an index, negative ones counted from the end, into a position.
fn position(index: i64, length: usize) -> Option<usize> {
    if index >= 0 {
        return usize::try_from(index).ok();
    }
    let back = usize::try_from(index.unsigned_abs()).ok()?;
    length.checked_sub(back)
}

impl Comparison {
    fn holds(self, left: &Value, right: &Value) -> bool {
        use std::cmp::Ordering::{Equal, Greater, Less};
        let order = match (left, right) {
            (Value::Number(left), Value::Number(right)) => left
                .as_f64()
                .zip(right.as_f64())
                .and_then(|(left, right)| left.partial_cmp(&right)),
            (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
            _ if left == right => Some(Equal),
            _ => None,
        };
        match (self, order) {
            (Self::NotEqual, order) => order != Some(Equal),
            (_, None) => false,
            (Self::Equal, Some(order)) => order == Equal,
            (Self::Less, Some(order)) => order == Less,
            (Self::LessOrEqual, Some(order)) => order != Greater,
            (Self::Greater, Some(order)) => order == Greater,
            (Self::GreaterOrEqual, Some(order)) => order != Less,
        }
    }
}

struct Parser<'a> {
    rest: &'a str,
}

impl Parser<'_> {
    fn eat(&mut self, prefix: &str) -> bool {
        let eaten = self.rest.strip_prefix(prefix);
        self.rest = eaten.unwrap_or(self.rest);
        eaten.is_some()
    }

    /// Reads steps until the end or until `stop` says that something else begins.
    fn steps(&mut self, stop: fn(&str) -> bool) -> Result<Vec<Step>, &'static str> {
        let mut steps = Vec::new();
        while !self.rest.is_empty() && !stop(self.rest) {
            if self.eat("..") {
                steps.push(Step::Descent);
                if !self.rest.starts_with('[') {
                    steps.push(self.field()?);
                }
            } else if self.eat("[") {
                steps.push(self.bracket()?);
            } else if self.eat(".") {
                // A lone dot is the root, and `.[0]` is an index.
                if !self.rest.is_empty() && !self.rest.starts_with('[') && !stop(self.rest) {
                    steps.push(self.field()?);
                }
            } else if steps.is_empty() {
                steps.push(self.field()?);
            } else {
                return Err("expected a dot or a bracket");
            }
        }
        Ok(steps)
    }

    fn field(&mut self) -> Result<Step, &'static str> {
        if self.eat("*") {
            return Ok(Step::Wildcard);
        }
        let mut name = String::new();
        let mut characters = self.rest.char_indices();
        let mut end = self.rest.len();
        while let Some((index, character)) = characters.next() {
            match character {
                '\\' => match characters.next() {
                    Some((_, escaped)) => name.push(escaped),
                    None => return Err("nothing after the backslash"),
                },
                '.' | '[' | ']' | ')' | '=' | '!' | '<' | '>' | ' ' | '{' | '}' => {
                    end = index;
                    break;
                }
                _ => name.push(character),
            }
        }
        self.rest = &self.rest[end..];
        if name.is_empty() {
            Err("a field name is empty")
        } else {
            Ok(Step::Field(name))
        }
    }

    fn bracket(&mut self) -> Result<Step, &'static str> {
        if self.eat("?(") {
            return self.filter();
        }
        for quote in ['\'', '"'] {
            if let Some(rest) = self.rest.strip_prefix(quote) {
                let end = rest.find(quote).ok_or("a quote is not closed")?;
                let name = rest[..end].to_owned();
                self.rest = &rest[end + 1..];
                return self.close(Step::Field(name));
            }
        }
        let end = self.rest.find(']').ok_or("a bracket is not closed")?;
        let (inside, rest) = (&self.rest[..end], &self.rest[end + 1..]);
        self.rest = rest;
        if inside == "*" {
            return Ok(Step::Wildcard);
        }
        let number = |text: &str| {
            text.trim()
                .parse::<i64>()
                .map_err(|_| "an index is no number")
        };
        let Some((from, to)) = inside.split_once(':') else {
            return number(inside).map(Step::Index);
        };
        let bound = |text: &str| {
            if text.trim().is_empty() {
                Ok(None)
            } else {
                number(text).map(Some)
            }
        };
        Ok(Step::Slice {
            from: bound(from)?,
            to: bound(to)?,
        })
    }

    fn close(&mut self, step: Step) -> Result<Step, &'static str> {
        if self.eat("]") {
            Ok(step)
        } else {
            Err("a bracket is not closed")
        }
    }

    fn filter(&mut self) -> Result<Step, &'static str> {
        self.trim();
        if !self.eat("@") {
            return Err("a filter must begin with @");
        }
        let path = self.steps(|rest| rest.starts_with([')', '=', '!', '<', '>', ' ']))?;
        self.trim();
        let comparisons = [
            ("==", Comparison::Equal),
            ("!=", Comparison::NotEqual),
            ("<=", Comparison::LessOrEqual),
            (">=", Comparison::GreaterOrEqual),
            ("<", Comparison::Less),
            (">", Comparison::Greater),
        ];
        let comparison = comparisons.into_iter().find(|(text, _)| self.eat(text));
        let comparison = match comparison {
            None => None,
            Some((_, comparison)) => Some((comparison, self.literal()?)),
        };
        self.trim();
        if !self.eat(")") {
            return Err("a filter is not closed");
        }
        self.close(Step::Filter { path, comparison })
    }

    fn literal(&mut self) -> Result<Value, &'static str> {
        self.trim();
        for quote in ['\'', '"'] {
            if let Some(rest) = self.rest.strip_prefix(quote) {
                let end = rest.find(quote).ok_or("a quote is not closed")?;
                let text = rest[..end].to_owned();
                self.rest = &rest[end + 1..];
                return Ok(Value::String(text));
            }
        }
        let end = self.rest.find(')').ok_or("a filter is not closed")?;
        let text = self.rest[..end].trim();
        let value = serde_json::from_str(text).map_err(|_| "a literal is not understood")?;
        self.rest = &self.rest[end..];
        Ok(value)
    }

    fn trim(&mut self) {
        self.rest = self.rest.trim_start();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn columns_find_what_upstream_finds() {
        let object = json!({
            "metadata": {"labels": {"app.kubernetes.io/name": "web"}},
            "spec": {"replicas": 3, "zones": ["a", "b", "c"]},
            "status": {"conditions": [
                {"type": "Ready", "status": "True", "n": 1},
                {"type": "Other", "status": "False", "n": 5},
            ]},
        });
        let cases = [
            (".spec.replicas", json!([3])),
            ("{.spec.replicas}", json!([3])),
            (".spec.missing.deep", json!([])),
            (".spec.zones[0]", json!(["a"])),
            (".spec.zones[-1]", json!(["c"])),
            (".spec.zones[1:]", json!(["b", "c"])),
            (".spec.zones[:2]", json!(["a", "b"])),
            (".spec.zones[*]", json!(["a", "b", "c"])),
            (".spec.zones[9]", json!([])),
            (r".metadata.labels.app\.kubernetes\.io/name", json!(["web"])),
            (".metadata.labels['app.kubernetes.io/name']", json!(["web"])),
            (
                ".status.conditions[?(@.type==\"Ready\")].status",
                json!(["True"]),
            ),
            (
                ".status.conditions[?(@.type == 'Other')].status",
                json!(["False"]),
            ),
            (".status.conditions[?(@.n>2)].type", json!(["Other"])),
            (".status.conditions[?(@.absent)].type", json!([])),
            ("..type", json!(["Ready", "Other"])),
            ("$.spec.replicas", json!([3])),
        ];
        for (path, expected) in cases {
            let found = JsonPath::parse(path).unwrap();
            let found: Vec<Value> = found.find(&object).into_iter().cloned().collect();
            assert_eq!(Value::Array(found), expected, "{path}");
        }
    }

    #[test]
    fn broken_paths_are_refused() {
        for path in [
            ".a[",
            ".a[x]",
            ".a[?(b)]",
            ".a[?(@.b==)]",
            ".a..",
            ".a['b]",
            ".a[0]b",
        ] {
            JsonPath::parse(path).unwrap_err();
        }
    }

    #[test]
    fn plain_paths_give_their_fields() {
        assert_eq!(
            JsonPath::parse(".spec.tier").unwrap().fields(),
            Some(vec!["spec", "tier"])
        );
        assert_eq!(JsonPath::parse(".spec[0]").unwrap().fields(), None);
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in r#"[.\[\]?()@='"*a-c0-9:\\{}<>! ]{0,30}"#) {
            if let Ok(path) = JsonPath::parse(&text) {
                path.find(&json!({"a": [1, {"b": "c"}], "b": {"a": null}}));
            }
        }
    }
}
