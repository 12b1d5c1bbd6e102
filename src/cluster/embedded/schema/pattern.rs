//! Regular expressions of schemas, which are written in the dialect of Go (RE2).
//!
//! Go's classes are ASCII only, its brackets do not nest and a brace that is no counter is a plain
//! character; the `regex` crate sees these three differently, so a pattern is rewritten first.
//! Both engines run in linear time.

use regex::Regex;

/// A pattern with the text it was written as.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    text: String,
    regex: Regex,
}

impl Pattern {
    /// Compiles a pattern.
    pub(super) fn new(text: &str) -> Result<Self, regex::Error> {
        Ok(Self {
            text: text.to_owned(),
            regex: Regex::new(&translate(text))?,
        })
    }

    /// Returns the pattern as it was written.
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// Tells whether the pattern occurs anywhere in `value`.
    pub(super) fn is_match(&self, value: &str) -> bool {
        self.regex.is_match(value)
    }
}

fn translate(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len() + 8);
    let mut rest = pattern;
    let mut class_start = None;
    while let Some(character) = rest.chars().next() {
        let tail = &rest[character.len_utf8()..];
        let in_class = class_start.is_some();
        if character == '\\' {
            let Some(escaped) = tail.chars().next() else {
                out.push('\\');
                break;
            };
            push_escape(&mut out, escaped, in_class);
            rest = &tail[escaped.len_utf8()..];
            continue;
        }
        rest = tail;
        match (character, class_start) {
            ('[', None) => {
                out.push('[');
                if let Some(negated) = rest.strip_prefix('^') {
                    out.push('^');
                    rest = negated;
                }
                class_start = Some(out.len());
            }
            ('[', Some(_)) => match named_class(rest) {
                Some(length) => {
                    out.push('[');
                    out.push_str(&rest[..length]);
                    rest = &rest[length..];
                }
                None => out.push_str("\\["),
            },
            // A bracket right after the opening one is a member of the class.
            (']', Some(start)) if out.len() == start => out.push_str("\\]"),
            (']', Some(_)) => {
                out.push(']');
                class_start = None;
            }
            ('&' | '~', Some(_)) => {
                out.push('\\');
                out.push(character);
            }
            ('-', Some(_)) if rest.starts_with('-') => out.push_str("\\-"),
            ('{', None) if !is_counter(rest) => out.push_str("\\{"),
            _ => out.push(character),
        }
    }
    out
}

fn push_escape(out: &mut String, escaped: char, in_class: bool) {
    let text = match (escaped, in_class) {
        ('d', true) => "0-9",
        ('w', true) => "0-9A-Za-z_",
        ('s', true) => r"\t\n\x0C\r ",
        ('d', false) => "[0-9]",
        ('w', false) => "[0-9A-Za-z_]",
        ('s', false) => r"[\t\n\x0C\r ]",
        ('D', _) => "[^0-9]",
        ('W', _) => "[^0-9A-Za-z_]",
        ('S', _) => r"[^\t\n\x0C\r ]",
        ('b', false) => r"(?-u:\b)",
        ('B', false) => r"(?-u:\B)",
        ('<', _) => "<",
        ('>', _) => ">",
        _ => {
            out.push('\\');
            out.push(escaped);
            return;
        }
    };
    out.push_str(text);
}

/// Returns the length of what follows the bracket of `[:alpha:]`.
fn named_class(rest: &str) -> Option<usize> {
    let inner = rest.strip_prefix(':')?;
    let end = inner.find(":]")?;
    let name = inner[..end].trim_start_matches('^');
    name.bytes()
        .all(|byte| byte.is_ascii_lowercase())
        .then_some(end + 3)
}

/// Tells whether `{` and this make a repetition such as `{2}`, `{2,}` or `{2,3}`.
fn is_counter(rest: &str) -> bool {
    let Some((inside, _)) = rest.split_once('}') else {
        return false;
    };
    let (least, most) = inside.split_once(',').unwrap_or((inside, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    !least.is_empty() && digits(least) && digits(most)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn patterns_mean_what_they_mean_in_go() {
        let cases = [
            (r"^[0-9a-f:]+/[0-9]+$", "fd00::/8", true),
            (r"^\d+$", "12", true),
            (r"^\d+$", "١٢", false),
            (r"^[\d\w]+$", "1a_", true),
            (r"^\w$", "ä", false),
            (r"^[[]$", "[", true),
            (r"^[]a]+$", "]a", true),
            (r"^[^]]$", "]", false),
            (r"^[[:alpha:]-]+$", "a-b", true),
            (r"^[a&&b]+$", "&", true),
            (r"^{a}$", "{a}", true),
            (r"^a{2}$", "aa", true),
            (r"^a{2,3}$", "aaaa", false),
            (r"^[\w.\-]+\/x$", "a-b.c/x", true),
            (r"a|b", "xbx", true),
            (r"^\S+\s\D$", "a b", true),
        ];
        for (pattern, value, expected) in cases {
            let compiled = Pattern::new(pattern).unwrap();
            assert_eq!(compiled.is_match(value), expected, "{pattern} on {value}");
            assert_eq!(compiled.as_str(), pattern);
        }
        Pattern::new("(").unwrap_err();
    }

    proptest! {
        #[test]
        fn no_text_makes_the_translation_panic(text in r".{0,20}") {
            translate(&text);
        }
    }
}
