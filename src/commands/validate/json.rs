//! The result for programs.

use serde_json::{Value, json};

use super::check::{Entry, Report};

/// `{"valid", "errors"}` for one object. For any other number each error has a `source` as well,
/// and `objects` counts.
pub(super) fn value(report: &Report) -> Value {
    if report.given == 1 {
        let errors: Vec<Value> = report.entries.iter().map(plain).collect();
        return json!({"valid": report.is_valid(), "errors": errors});
    }
    let errors: Vec<Value> = report.entries.iter().map(with_source).collect();
    let unchecked: Vec<&str> = report
        .unchecked
        .iter()
        .map(|(title, _)| title.as_str())
        .collect();
    json!({
        "valid": report.is_valid(),
        "errors": errors,
        "objects": {
            "checked": report.checked,
            "refused": report.refused,
            "notChecked": unchecked,
        },
    })
}

fn plain(entry: &Entry) -> Value {
    let mut value = json!(entry.finding);
    // What is no object has no field to point at.
    if entry.finding.type_ == "Malformed" && entry.finding.field.is_empty() {
        let place = entry.place;
        let detail = format!(
            "{}:{}:{}: {}",
            entry.file, place.line, place.column, entry.finding.detail
        );
        value["detail"] = detail.into();
    }
    value
}

fn with_source(entry: &Entry) -> Value {
    let mut value = json!(entry.finding);
    value["source"] = json!({
        "file": entry.file,
        "line": entry.place.line,
        "column": entry.place.column,
        "object": entry.object,
    });
    value
}
