//! The JSON report: the summary as it is.

use crate::e2e::summary::Summary;

/// A run as one JSON document.
pub fn json(summary: &Summary) -> String {
    let text = serde_json::to_string_pretty(summary).expect("a summary is plain data");
    text + "\n"
}
