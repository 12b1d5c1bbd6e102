//! Replacing pieces of a text.

use std::ops::Range;

/// A piece of a text and what comes in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edit {
    /// The bytes to replace.
    pub(super) span: Range<usize>,
    /// What comes there.
    pub(super) text: String,
}

/// The text with all edits made. They do not overlap.
pub(super) fn apply(text: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|edit| edit.span.start);
    edits.dedup();
    let mut result = String::with_capacity(text.len() + 16 * edits.len());
    let mut end = 0;
    for edit in edits {
        result.push_str(&text[end..edit.span.start]);
        result.push_str(&edit.text);
        end = edit.span.end;
    }
    result.push_str(&text[end..]);
    result
}

/// `after`, quoted as `raw` quotes `before`; nothing if `raw` is something else.
///
/// A reference needs no quotes in YAML unless an IPv6 address would open a list.
pub(super) fn requote(raw: &str, before: &str, after: &str) -> Option<String> {
    let quoted = |quote: char| raw.strip_prefix(quote)?.strip_suffix(quote);
    if raw == before {
        let needs_quotes = after.contains(['[', ']']);
        return Some(if needs_quotes {
            format!("\"{after}\"")
        } else {
            after.to_owned()
        });
    }
    ['"', '\'']
        .into_iter()
        .find(|quote| quoted(*quote) == Some(before))
        .map(|quote| format!("{quote}{after}{quote}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_stay_and_come_where_an_address_needs_them() {
        assert_eq!(
            requote("a:1", "a:1", "m.io/a:1").as_deref(),
            Some("m.io/a:1")
        );
        assert_eq!(
            requote("a:1", "a:1", "[::1]/a:1").as_deref(),
            Some("\"[::1]/a:1\"")
        );
        assert_eq!(
            requote("'a:1'", "a:1", "[::1]/a:1").as_deref(),
            Some("'[::1]/a:1'")
        );
        assert_eq!(requote("*alias", "a:1", "m.io/a:1"), None);
    }

    #[test]
    fn edits_are_made_in_any_order() {
        let edit = |span, text: &str| Edit {
            span,
            text: text.to_owned(),
        };
        assert_eq!(
            apply(
                "abcdef",
                vec![edit(4..5, "E"), edit(0..2, ""), edit(4..5, "E")]
            ),
            "cdEf"
        );
    }
}
