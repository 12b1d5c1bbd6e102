//! A document of a text, with the bytes of every plain value.

use std::{ops::Range, rc::Rc};

use serde_json::Value;

use super::FilePlace;
use crate::yaml::{Located, YamlError, located};

const BYTE_ORDER_MARK: char = '\u{feff}';

/// A document and the text that it is in.
pub(in crate::mirror) struct Document<'a> {
    origin: &'a str,
    text: &'a str,
    /// Where the lines of the text begin.
    lines: Rc<[usize]>,
    located: Option<Located>,
}

impl<'a> Document<'a> {
    /// Reads the first document of a text; upstream takes no notice of others.
    pub(in crate::mirror) fn first(text: &'a str, origin: &'a str) -> Result<Self, YamlError> {
        let (documents, error) = located(text, origin);
        match (documents.into_iter().next(), error) {
            (None, Some(error)) => Err(error),
            (located, _) => Ok(Self {
                origin,
                text,
                lines: lines(text),
                located,
            }),
        }
    }

    /// Reads all documents of a text; empty ones are left out.
    pub(in crate::mirror) fn all(text: &'a str, origin: &'a str) -> Result<Vec<Self>, YamlError> {
        let (documents, error) = located(text, origin);
        if let Some(error) = error {
            return Err(error);
        }
        let lines = lines(text);
        let document = |located| Self {
            origin,
            text,
            lines: Rc::clone(&lines),
            located: Some(located),
        };
        Ok(documents.into_iter().map(document).collect())
    }

    /// The content, if there is any.
    pub(in crate::mirror) fn value(&self) -> Option<&Value> {
        Some(&self.located.as_ref()?.value)
    }

    /// The place of what is at a path; of what it is in, where there is nothing.
    pub(in crate::mirror) fn place(&self, path: &str) -> FilePlace {
        let place = self.located.as_ref().map(|located| located.node.find(path));
        let place = place.unwrap_or_default();
        FilePlace {
            file: self.origin.to_owned(),
            line: place.line.max(1),
            column: place.column.max(1),
        }
    }

    /// The bytes that a value of one line is written with, quotes included.
    pub(in crate::mirror) fn span(&self, path: &str) -> Option<Range<usize>> {
        let place = self.located.as_ref()?.node.find(path);
        let line = *self.lines.get(place.line.checked_sub(1)?)?;
        let rest = self.text.get(line..)?;
        let offset = |characters: usize| {
            rest.char_indices()
                .map(|(offset, _)| offset)
                .chain([rest.len()])
                .nth(characters)
        };
        let start = place.column.checked_sub(1)?;
        Some(line + offset(start)?..line + offset(start + place.length)?)
    }

    /// How a value of one line is written.
    pub(in crate::mirror) fn raw(&self, path: &str) -> Option<&'a str> {
        self.text.get(self.span(path)?)
    }
}

/// Where lines begin. A line ends as YAML 1.2 says: with a line feed, a carriage return, or both.
fn lines(text: &str) -> Rc<[usize]> {
    let bytes = text.as_bytes();
    let first = if text.starts_with(BYTE_ORDER_MARK) {
        BYTE_ORDER_MARK.len_utf8()
    } else {
        0
    };
    let ends = bytes.iter().enumerate().filter(|(index, byte)| match byte {
        b'\n' => true,
        b'\r' => bytes.get(index + 1) != Some(&b'\n'),
        _ => false,
    });
    let after = ends.map(|(index, _)| index + 1);
    [first].into_iter().chain(after).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_as_they_are_written() {
        for (text, raw) in [
            ("a: b", "b"),
            ("\u{feff}a: \"b\"", "\"b\""),
            ("# ä\r\nä: {x: 'y'}\r\n\r\na: b # c\r\n", "b"),
            ("x: 1\ra: 'b'", "'b'"),
            ("a: &anchor b", "b"),
            ("a: !!str b", "b"),
            ("{a: b}", "b"),
            ("ü: ü\n'a' : \"b\"", "\"b\""),
        ] {
            let document = Document::first(text, "test").unwrap();
            assert_eq!(document.raw("a"), Some(raw), "{text:?}");
        }
    }

    #[test]
    fn documents_share_one_count_of_lines() {
        let documents = Document::all("# first\n---\na: 1\n---\n\na: 2\n", "all.yaml").unwrap();
        let places: Vec<usize> = documents.iter().map(|one| one.place("a").line).collect();
        assert_eq!(places, [3, 6]);
        assert_eq!(documents[1].raw("a"), Some("2"));
    }
}
