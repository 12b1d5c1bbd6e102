//! TAP 14, for shells and minimal CI systems.

use crate::e2e::{
    outcome::Outcome,
    summary::{CaseRecord, Summary},
};

/// A run in the Test Anything Protocol.
pub fn tap(summary: &Summary) -> String {
    let mut lines = vec![
        "TAP version 14".to_owned(),
        format!("1..{}", summary.cases.len()),
    ];
    for (index, record) in summary.cases.iter().enumerate() {
        point(index + 1, record, &mut lines);
    }
    lines.join("\n") + "\n"
}

fn point(number: usize, record: &CaseRecord, lines: &mut Vec<String>) {
    let outcome = record.outcome;
    let good = outcome.is_some_and(|outcome| !outcome.is_failure());
    let description = escape(&format!("{} {}", record.case, record.title));
    let directive = match (&record.skip, outcome) {
        (Some(skip), _) => format!(" # SKIP {}: {}", skip.code, escape(&skip.text)),
        (None, Some(Outcome::Cancelled)) => " # SKIP cancelled".to_owned(),
        _ => String::new(),
    };
    let verdict = if good { "ok" } else { "not ok" };
    lines.push(format!("{verdict} {number} - {description}{directive}"));
    let Some(failure) = &record.failure else {
        return;
    };
    // JSON is YAML, on one line and without surprises.
    let word = outcome.map_or("unfinished", Outcome::word);
    lines.push("  ---".to_owned());
    lines.push(format!("  outcome: {}", quoted(word)));
    lines.push(format!("  message: {}", quoted(&failure.message)));
    for (key, value) in [
        ("step", &failure.step),
        ("expected", &failure.expected),
        ("found", &failure.found),
    ] {
        if let Some(value) = value {
            lines.push(format!("  {key}: {}", quoted(value)));
        }
    }
    lines.push("  ...".to_owned());
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Text that neither ends the line nor starts a directive.
fn escape(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('#', "\\#")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}
