//! Lists of references: one a line, with comments, or the items of a YAML list.

use serde_json::Value;

use crate::mirror::ImageRef;

/// A reference in a list of lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::mirror) struct LineEntry<'a> {
    /// The reference.
    pub(in crate::mirror) text: &'a str,
    /// Where its text begins, in bytes.
    pub(in crate::mirror) start: usize,
    /// Its line, counted from 1.
    pub(in crate::mirror) line: usize,
}

/// The lines of a text that hold something, without comments.
pub(in crate::mirror) fn entries(text: &str) -> impl Iterator<Item = LineEntry<'_>> {
    let mut offset = 0;
    text.split_inclusive('\n')
        .enumerate()
        .filter_map(move |(index, line)| {
            let begin = offset;
            offset += line.len();
            let body = line.strip_prefix('\u{feff}').unwrap_or(line);
            let content = comment_free(body);
            let entry = content.trim();
            let before = content.len() - content.trim_start().len() + line.len() - body.len();
            (!entry.is_empty()).then_some(LineEntry {
                text: entry,
                start: begin + before,
                line: index + 1,
            })
        })
}

/// A comment begins with `#` at the start or after a blank: references have no blanks.
fn comment_free(line: &str) -> &str {
    let comment = line
        .match_indices('#')
        .map(|(at, _)| at)
        .find(|at| line[..*at].is_empty() || line[..*at].ends_with([' ', '\t']));
    &line[..comment.unwrap_or(line.len())]
}

/// Whether the first line that holds something is a reference.
pub(in crate::mirror) fn begins_with_reference(text: &str) -> bool {
    entries(text)
        .next()
        .is_some_and(|entry| entry.text.parse::<ImageRef>().is_ok())
}

/// The items of a YAML list of texts.
pub(in crate::mirror) fn items(value: &Value) -> impl Iterator<Item = (String, &str)> {
    let items = value.as_array().into_iter().flatten().enumerate();
    items.filter_map(|(index, item)| Some((format!("[{index}]"), item.as_str()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_entries_with_their_places() {
        let text = "\u{feff}# mine\n\n  alpine:3  # small\nnginx\r\n#x\nghcr.io/a/b#c\n";
        let found: Vec<(&str, usize, &str)> = entries(text)
            .map(|entry| {
                (
                    entry.text,
                    entry.line,
                    &text[entry.start..][..entry.text.len()],
                )
            })
            .collect();
        assert_eq!(
            found,
            [
                ("alpine:3", 3, "alpine:3"),
                ("nginx", 4, "nginx"),
                ("ghcr.io/a/b#c", 6, "ghcr.io/a/b#c")
            ]
        );
    }
}
