//! A light type check of rules, when their schema is defined.
//!
//! Upstream compiles rules against the types of the schema. This check finds what people get wrong:
//! members that the schema does not declare, variables that do not exist, operators between
//! values that never fit, and rules that are no condition. Whatever it cannot tell it lets pass.

use kube_cel::cel::common::ast::{CallExpr, ComprehensionExpr, Expr, LiteralValue, operators};

use super::super::structural::{Structural, ValueType};
use super::rule::CelRule;
use super::value::escape;

/// Names that stand for types or for libraries of functions.
const WORDS: [&str; 23] = [
    "base64",
    "bool",
    "bytes",
    "cel",
    "double",
    "duration",
    "dyn",
    "format",
    "int",
    "jsonpatch",
    "list",
    "map",
    "math",
    "net",
    "null_type",
    "optional",
    "optional_type",
    "sets",
    "string",
    "strings",
    "timestamp",
    "type",
    "uint",
];

/// What is known about the value of an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    Bool,
    Bytes,
    Double,
    Int,
    Null,
    String,
    /// A list or a map made in the rule.
    Collection,
    /// Anything.
    Any,
}

/// A value of the object or one that the rule computes.
#[derive(Clone, Copy)]
enum Known<'a> {
    Node {
        schema: &'a Structural,
        resource: bool,
    },
    Metadata,
    Of(Type),
}

const ANY: Known<'_> = Known::Of(Type::Any);

/// Returns what is wrong with a rule on a value of this schema.
pub(in super::super) fn problem(
    rule: &CelRule,
    schema: &Structural,
    resource: bool,
) -> Option<String> {
    let mut check = Check {
        node: Known::Node { schema, resource },
        variables: Vec::new(),
    };
    match check.expression(&rule.program.expression().expr) {
        Err(problem) => Some(format!("compilation failed: {problem}")),
        Ok(known) => match known.basic() {
            Type::Bool | Type::Any => None,
            _ => Some("cel expression must evaluate to a bool".to_owned()),
        },
    }
}

struct Check<'a> {
    node: Known<'a>,
    variables: Vec<(String, Known<'a>)>,
}

impl<'a> Check<'a> {
    fn expression(&mut self, expression: &Expr) -> Result<Known<'a>, String> {
        match expression {
            Expr::Unspecified | Expr::Struct(_) => Ok(ANY),
            Expr::Literal(literal) => Ok(Known::Of(literal_type(literal))),
            Expr::Ident(name) => self.variable(name),
            Expr::Select(select) => {
                if let Expr::Ident(name) = &select.operand.expr
                    && WORDS.contains(&name.as_str())
                {
                    return Ok(ANY);
                }
                let operand = self.expression(&select.operand.expr)?;
                let member = operand.member(&select.field)?;
                Ok(if select.test {
                    Known::Of(Type::Bool)
                } else {
                    member
                })
            }
            Expr::List(list) => {
                for element in &list.elements {
                    self.expression(&element.expr)?;
                }
                Ok(Known::Of(Type::Collection))
            }
            Expr::Map(_) => Ok(Known::Of(Type::Collection)),
            Expr::Call(call) => self.call(call),
            Expr::Comprehension(comprehension) => self.comprehension(comprehension),
        }
    }

    fn variable(&self, name: &str) -> Result<Known<'a>, String> {
        if let Some((_, known)) = self.variables.iter().rev().find(|(other, _)| other == name) {
            return Ok(*known);
        }
        match name {
            "self" | "oldSelf" => Ok(self.node),
            _ if name.starts_with('@') || WORDS.contains(&name) => Ok(ANY),
            _ => Err(format!(
                "undeclared reference to '{name}' (in container '')"
            )),
        }
    }

    fn call(&mut self, call: &CallExpr) -> Result<Known<'a>, String> {
        let mut operands = Vec::with_capacity(call.args.len() + 1);
        if let Some(target) = &call.target {
            operands.push(self.expression(&target.expr)?);
        }
        for argument in &call.args {
            operands.push(self.expression(&argument.expr)?);
        }
        let name = call.func_name.as_str();
        match (name, operands.as_slice()) {
            (operators::EQUALS | operators::NOT_EQUALS, [left, right]) => {
                fit(name, *left, *right, |left, right| {
                    // Null may be compared with everything.
                    left == right || left == Type::Null || right == Type::Null
                })?;
                Ok(Known::Of(Type::Bool))
            }
            (
                operators::LESS
                | operators::LESS_EQUALS
                | operators::GREATER
                | operators::GREATER_EQUALS,
                [left, right],
            ) => {
                fit(name, *left, *right, |left, right| {
                    let number = |side| matches!(side, Type::Int | Type::Double);
                    let same = left == right && !matches!(left, Type::Null | Type::Collection);
                    same || (number(left) && number(right))
                })?;
                Ok(Known::Of(Type::Bool))
            }
            (
                operators::ADD
                | operators::SUBSTRACT
                | operators::MULTIPLY
                | operators::DIVIDE
                | operators::MODULO,
                [left, right],
            ) => {
                let text = name == operators::ADD;
                fit(name, *left, *right, |left, right| {
                    left == right
                        && match left {
                            Type::Int | Type::Double => true,
                            Type::String | Type::Bytes | Type::Collection => text,
                            _ => false,
                        }
                })?;
                Ok(if left.basic() == right.basic() {
                    *left
                } else {
                    ANY
                })
            }
            (operators::LOGICAL_AND | operators::LOGICAL_OR | operators::LOGICAL_NOT, all) => {
                for operand in all {
                    if !matches!(operand.basic(), Type::Bool | Type::Any) {
                        return Err(no_overload(name, all));
                    }
                }
                Ok(Known::Of(Type::Bool))
            }
            (operators::IN, _) => Ok(Known::Of(Type::Bool)),
            (operators::INDEX, [container, _]) => Ok(container.element()),
            (operators::CONDITIONAL, [_, left, right]) => Ok(if left.basic() == right.basic() {
                *left
            } else {
                ANY
            }),
            ("size", _) => Ok(Known::Of(Type::Int)),
            ("startsWith" | "endsWith" | "contains" | "matches", _) => Ok(Known::Of(Type::Bool)),
            _ => Ok(ANY),
        }
    }

    fn comprehension(&mut self, comprehension: &ComprehensionExpr) -> Result<Known<'a>, String> {
        let range = self.expression(&comprehension.iter_range.expr)?;
        self.expression(&comprehension.accu_init.expr)?;
        let depth = self.variables.len();
        self.variables.push((comprehension.accu_var.clone(), ANY));
        self.variables
            .push((comprehension.iter_var.clone(), range.iterated()));
        if let Some(second) = &comprehension.iter_var2 {
            self.variables.push((second.clone(), ANY));
        }
        self.expression(&comprehension.loop_cond.expr)?;
        self.expression(&comprehension.loop_step.expr)?;
        let result = self.expression(&comprehension.result.expr);
        self.variables.truncate(depth);
        result.map(|_| ANY)
    }
}

impl Known<'_> {
    fn basic(self) -> Type {
        let Self::Node { schema, .. } = self else {
            return match self {
                Self::Of(basic) => basic,
                Self::Metadata | Self::Node { .. } => Type::Collection,
            };
        };
        // Values of these formats are no texts in a rule.
        let special = matches!(schema.format(), Some("date-time" | "duration" | "byte"));
        match schema.value_type() {
            _ if schema.is_int_or_string() || schema.is_nullable() || special => Type::Any,
            Some(ValueType::Boolean) => Type::Bool,
            Some(ValueType::Integer) => Type::Int,
            Some(ValueType::Number) => Type::Double,
            Some(ValueType::String) => Type::String,
            Some(ValueType::Array | ValueType::Object) => Type::Collection,
            None => Type::Any,
        }
    }

    fn member(self, name: &str) -> Result<Self, String> {
        let undefined = || Err(format!("undefined field '{name}'"));
        match self {
            Self::Node { schema, resource } => {
                if resource {
                    match name {
                        "metadata" => return Ok(Self::Metadata),
                        "apiVersion" | "kind" => return Ok(Self::Of(Type::String)),
                        _ => {}
                    }
                }
                let declared = schema
                    .property_names()
                    .find(|property| escape(property) == name);
                let declared = declared.and_then(|property| schema.property(property));
                match declared.or_else(|| schema.additional_schema()) {
                    Some(below) => Ok(below.known()),
                    None if schema.accepts_unknown() => Ok(ANY),
                    None => match self.basic() {
                        Type::Collection if schema.value_type() == Some(ValueType::Object) => {
                            undefined()
                        }
                        Type::Any => Ok(ANY),
                        other => Err(not_selectable(other)),
                    },
                }
            }
            Self::Metadata => match name {
                "name" | "generateName" => Ok(Self::Of(Type::String)),
                _ => undefined(),
            },
            Self::Of(Type::Any | Type::Collection) => Ok(ANY),
            Self::Of(other) => Err(not_selectable(other)),
        }
    }

    /// What `value[index]` gives.
    fn element(self) -> Self {
        match self {
            Self::Node { schema, .. } => {
                let below = schema.items().or_else(|| schema.additional_schema());
                below.map_or(ANY, Structural::known)
            }
            Self::Metadata | Self::Of(_) => ANY,
        }
    }

    /// What a macro such as `all` goes over: the items of a list, the keys of a map.
    fn iterated(self) -> Self {
        match self {
            Self::Node { schema, .. } => match (schema.items(), schema.value_type()) {
                (Some(items), _) => items.known(),
                (None, Some(ValueType::Object)) => Self::Of(Type::String),
                (None, _) => ANY,
            },
            Self::Metadata | Self::Of(_) => ANY,
        }
    }
}

impl Structural {
    fn known(&self) -> Known<'_> {
        Known::Node {
            schema: self,
            resource: self.is_embedded_resource(),
        }
    }
}

fn literal_type(literal: &LiteralValue) -> Type {
    match literal {
        LiteralValue::Boolean(_) => Type::Bool,
        LiteralValue::Bytes(_) => Type::Bytes,
        LiteralValue::Double(_) => Type::Double,
        LiteralValue::Int(_) => Type::Int,
        LiteralValue::Null => Type::Null,
        LiteralValue::String(_) => Type::String,
        LiteralValue::UInt(_) => Type::Any,
    }
}

fn fit(
    operator: &str,
    left: Known<'_>,
    right: Known<'_>,
    fits: impl Fn(Type, Type) -> bool,
) -> Result<(), String> {
    let (a, b) = (left.basic(), right.basic());
    if a == Type::Any || b == Type::Any || fits(a, b) {
        return Ok(());
    }
    Err(no_overload(operator, &[left, right]))
}

fn no_overload(operator: &str, operands: &[Known<'_>]) -> String {
    let names: Vec<&str> = operands
        .iter()
        .map(|operand| operand.basic().name())
        .collect();
    format!(
        "found no matching overload for '{operator}' applied to '({})'",
        names.join(", ")
    )
}

fn not_selectable(basic: Type) -> String {
    format!("type '{}' does not support field selection", basic.name())
}

impl Type {
    fn name(self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Bytes => "bytes",
            Self::Double => "double",
            Self::Int => "int",
            Self::Null => "null",
            Self::String => "string",
            Self::Collection => "object",
            Self::Any => "dyn",
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn problems(rule: &str) -> Vec<String> {
        let schema = json!({"type": "object", "properties": {
            "spec": {"type": "object", "x-kubernetes-validations": [{"rule": rule}],
                "properties": {
                    "a": {"type": "integer"}, "s": {"type": "string"}, "d": {"type": "number"},
                    "n": {"type": "integer", "nullable": true}, "my_field": {"type": "string"},
                    "when": {"type": "string", "format": "date-time"},
                    "port": {"x-kubernetes-int-or-string": true},
                    "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
                    "map": {"type": "object", "additionalProperties": {"type": "integer"}},
                    "list": {"type": "array", "items": {
                        "type": "object", "properties": {"x": {"type": "string"}},
                    }},
                },
            },
        }});
        let causes = Structural::parse(&schema, "").err().unwrap_or_default();
        causes.into_iter().map(|cause| cause.message).collect()
    }

    #[test]
    fn rules_that_fit_pass() {
        for rule in [
            "self.a > 1 && self.s == 'x' || !has(self.a)",
            "self.list.all(i, i.x != '' && has(i.x))",
            "self.list.exists(i, i.x.startsWith('a')) && size(self.list) < 3",
            "self.map.all(k, k != '' && self.map[k] > 1)",
            "self.map.x == 1 && self.map['y'] == 2 && 'z' in self.map",
            "self.free.anything.goes == 1",
            "self.n == null || self.n > 1",
            "self.port == 1 || self.port == 'x'",
            "self.when > timestamp('2026-01-01T00:00:00Z')",
            "self.list.map(i, i.x).size() == self.list.filter(i, true).size()",
            "self.a + 1 > oldSelf.a ? self.s == '' : self.my_field == ''",
            "self.list[0].x == 'a' && self.a in [1, 2]",
            "sets.contains([1], [self.a]) && type(self.a) == int",
            "self.s.matches('^a$') && isCIDR(self.s) && cidr(self.s).ip().family() == 6",
            "dyn(self.a) == 'x' && self.d > 0.5 && self.d > self.a && int(self.s) == self.a",
            "self == oldSelf",
        ] {
            assert_eq!(problems(rule), [""; 0], "{rule}");
        }
    }

    #[test]
    fn rules_that_cannot_hold_are_refused() {
        for (rule, why) in [
            ("self.nope == 1", "undefined field 'nope'"),
            ("has(self.nope)", "undefined field 'nope'"),
            ("self.list.all(i, i.y == '')", "undefined field 'y'"),
            ("self.list[0].y == ''", "undefined field 'y'"),
            (
                "other == 1",
                "undeclared reference to 'other' (in container '')",
            ),
            (
                "self.a + 'x' == 1",
                "found no matching overload for '_+_' applied to '(int, string)'",
            ),
            (
                "self.a == 'x'",
                "found no matching overload for '_==_' applied to '(int, string)'",
            ),
            (
                "self.s && true",
                "found no matching overload for '_&&_' applied to '(string, bool)'",
            ),
            (
                "self.s < 1",
                "found no matching overload for '_<_' applied to '(string, int)'",
            ),
            (
                "self.a.b == 1",
                "type 'int' does not support field selection",
            ),
            ("self.a", "cel expression must evaluate to a bool"),
        ] {
            let found = problems(rule);
            assert!(
                found.iter().any(|text| text.ends_with(why)),
                "{rule}: {found:?}"
            );
        }
    }

    #[test]
    fn a_change_is_only_seen_where_items_can_be_told_apart() {
        let list = |list_type: Value| {
            let mut list = json!({"type": "array", "items": {
                "type": "object", "required": ["n"], "properties": {"n": {"type": "string"}},
                "x-kubernetes-validations": [{"rule": "self == oldSelf"}],
            }});
            for (key, value) in list_type.as_object().unwrap() {
                list[key] = value.clone();
            }
            Structural::parse(&json!({"type": "object", "properties": {"l": list}}), "s")
        };
        list(json!({"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["n"]}))
            .unwrap();
        let causes = list(json!({})).unwrap_err();
        assert!(causes[0].message.ends_with(
            "oldSelf cannot be used on the uncorrelatable portion of the schema within \
             s.properties[l]"
        ));
    }
}
