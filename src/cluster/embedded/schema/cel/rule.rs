//! One compiled rule.

use std::fmt;

use kube_cel::cel::Program;
use serde_json::Value;

use super::super::causes::child;
use crate::cluster::embedded::status::Cause;

/// A rule of `x-kubernetes-validations`.
pub(in super::super) struct CelRule {
    pub(super) program: Program,
    pub(super) text: String,
    pub(super) message: String,
    pub(super) message_expression: Option<Program>,
    pub(super) reason: Reason,
    pub(super) field_path: String,
    pub(super) optional_old_self: bool,
    /// Whether the rule looks at the value before the change.
    pub(super) is_transition: bool,
}

/// What a failure is reported as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    Invalid,
    Forbidden,
    Required,
    Duplicate,
}

impl CelRule {
    /// Returns the rule as it was written.
    pub(in super::super) fn text(&self) -> &str {
        &self.text
    }

    /// Tells whether the rule looks at the value before the change.
    pub(in super::super) fn is_transition(&self) -> bool {
        self.is_transition && !self.optional_old_self
    }

    /// Returns what names the rule in messages.
    pub(super) fn label(&self) -> &str {
        if self.message.is_empty() {
            &self.text
        } else {
            &self.message
        }
    }
}

impl fmt::Debug for CelRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CelRule").field(&self.text).finish()
    }
}

/// Compiles the rules of one schema node that stands at `path`.
pub(in super::super) fn parse(rules: &Value, path: &str, causes: &mut Vec<Cause>) -> Vec<CelRule> {
    let rules = rules.as_array().into_iter().flatten().enumerate();
    rules
        .filter_map(|(index, rule)| {
            compile(
                rule,
                &child(path, &format!("x-kubernetes-validations[{index}]")),
                causes,
            )
        })
        .collect()
}

fn compile(rule: &Value, path: &str, causes: &mut Vec<Cause>) -> Option<CelRule> {
    let text = |key: &str| {
        rule.get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .trim()
    };
    let source = text("rule");
    if source.is_empty() {
        causes.push(Cause::required(
            child(path, "rule"),
            "rule is not specified",
        ));
        return None;
    }
    let mut program = |key: &str, source: &str| match Program::compile(source) {
        Ok(program) => Some(program),
        Err(error) => {
            let why = format!("compilation failed: {error}");
            causes.push(Cause::invalid(child(path, key), &source.into(), &why));
            None
        }
    };
    let expression = text("messageExpression");
    let message_expression = if expression.is_empty() {
        None
    } else {
        program("messageExpression", expression)
    };
    let program = program("rule", source)?;
    if text("message").contains('\n') {
        let why = "message must not contain line breaks";
        causes.push(Cause::invalid(
            child(path, "message"),
            &text("message").into(),
            why,
        ));
    }
    let reason = match text("reason") {
        "" | "FieldValueInvalid" => Reason::Invalid,
        "FieldValueForbidden" => Reason::Forbidden,
        "FieldValueRequired" => Reason::Required,
        "FieldValueDuplicate" => Reason::Duplicate,
        other => {
            let known = [
                "FieldValueDuplicate",
                "FieldValueForbidden",
                "FieldValueInvalid",
                "FieldValueRequired",
            ];
            causes.push(Cause::not_supported(
                child(path, "reason"),
                &other.into(),
                &known,
            ));
            Reason::Invalid
        }
    };
    Some(CelRule {
        is_transition: program.references().has_variable("oldSelf"),
        program,
        text: source.to_owned(),
        message: text("message").to_owned(),
        message_expression,
        reason,
        field_path: text("fieldPath").to_owned(),
        optional_old_self: rule.get("optionalOldSelf") == Some(&Value::Bool(true)),
    })
}
