//! What a check of a plan finds: field, rule, whose rule it is, and what would be right.

use std::fmt;

/// Whether a plan can be carried out in spite of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It cannot work.
    Error,
    /// It works, with a loss that should be known.
    Warning,
}

/// Something about a plan that its user should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Whether the plan can be carried out.
    pub severity: Severity,
    /// The setting, by the name of its flag.
    pub field: &'static str,
    /// The short, stable name of the rule.
    pub rule: &'static str,
    /// Whose rule it is.
    pub source: &'static str,
    /// What is wrong.
    pub detail: String,
    /// What would be right.
    pub fix: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            field,
            rule,
            source,
            detail,
            ..
        } = self;
        write!(f, "--{field}: {detail} (rule {rule}; {source})")
    }
}

/// Those that make a plan impossible, if there are any.
pub fn errors(findings: &[Finding]) -> Vec<Finding> {
    findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .cloned()
        .collect()
}

/// Findings as lines of a message.
pub fn list(findings: &[Finding]) -> String {
    let lines: Vec<_> = findings
        .iter()
        .map(|finding| format!("  {finding}"))
        .collect();
    lines.join("\n")
}
