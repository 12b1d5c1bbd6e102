//! The result for people: every error with its line, as compilers show it.

use super::{
    check::{Entry, Report},
    input::Text,
};
use crate::ui::Style;

/// The longest value that is repeated in a message.
const LONGEST_VALUE: usize = 60;
/// The longest line that is shown.
const LONGEST_LINE: usize = 160;

/// All errors.
pub(super) fn render(report: &Report, texts: &[Text], style: Style) -> String {
    let mut out = String::new();
    for entry in &report.entries {
        out.push_str(&head(entry, style));
        let text = texts.iter().find(|text| text.name == entry.file);
        let line = text.and_then(|text| text.text.lines().nth(entry.place.line.checked_sub(1)?));
        if let Some(line) = line {
            out.push_str(&excerpt(entry, line, report.given > 1, style));
        }
    }
    out
}

/// `1 object`, `2 objects`.
pub(super) fn count(number: usize, what: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {what}{ending}")
}

fn head(entry: &Entry, style: Style) -> String {
    let (finding, place) = (&entry.finding, entry.place);
    let label = style.bad(format!("error[{}]", finding.type_));
    let value = finding.value.as_ref().map(ToString::to_string);
    let value = value.filter(|value| value.chars().count() <= LONGEST_VALUE);
    let subject = [Some(finding.field.clone()), value]
        .into_iter()
        .flatten()
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    let subject = match subject.as_str() {
        "" => String::new(),
        subject => format!("{}: ", style.strong(subject)),
    };
    format!(
        "{}:{}:{}: {label} {subject}{}\n",
        entry.file, place.line, place.column, finding.detail
    )
}

/// The line with its number, and a mark under what is meant.
fn excerpt(entry: &Entry, line: &str, names_object: bool, style: Style) -> String {
    let number = entry.place.line.to_string();
    let margin = " ".repeat(number.len());
    let bar = style.dim("|");
    let mut lines = vec![format!("{margin} {bar}")];
    if line.chars().count() <= LONGEST_LINE {
        let before = line.chars().take(entry.place.column.saturating_sub(1));
        // Tabs stay tabs, so that the mark stands where the text does.
        let blank: String = before.map(|c| if c == '\t' { c } else { ' ' }).collect();
        let mark = style.bad("^".repeat(entry.place.length.max(1)));
        lines.push(format!("{} {bar} {}", style.dim(number), line.trim_end()));
        lines.push(format!("{margin} {bar} {blank}{mark}"));
    }
    if names_object {
        lines.push(format!("{margin} = {}", style.dim(&entry.object)));
    }
    lines.push("\n".to_owned());
    lines.join("\n")
}
