//! YAML in and out: reading says where an error is, writing quotes what another reader would
//! take for something else.

mod located;
mod scalar;

use serde::{Serialize, Serializer, de::DeserializeOwned};
use serde_json::Value;
use thiserror::Error;

pub use located::{Located, Node, Place, located};

/// A text that is not the YAML that was expected, with the place.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}: {message}", self.place())]
pub struct YamlError {
    /// The file, or what the text was.
    pub origin: String,
    /// Line and column, counted from 1, where known.
    pub position: Option<(usize, usize)>,
    /// What is wrong, with the field path.
    pub message: String,
}

impl YamlError {
    /// `FILE:LINE:COLUMN`, as far as known.
    pub fn place(&self) -> String {
        match self.position {
            Some((line, column)) => format!("{}:{line}:{column}", self.origin),
            None => self.origin.clone(),
        }
    }

    fn new(origin: &str, first_line: usize, error: &serde_yaml::Error) -> Self {
        let text = error.to_string();
        let position = error
            .location()
            .map(|place| (place.line() + first_line, place.column()));
        // The position is said in `place`; the reader's own wording of it counts from the
        // document, not from the file.
        let message = text
            .rsplit_once(" at line ")
            .map_or(text.as_str(), |(message, _)| message)
            .to_owned();
        Self {
            origin: origin.to_owned(),
            position,
            message,
        }
    }
}

/// One document of a YAML stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// The content; JSON's data model is all that Kubernetes objects have.
    pub value: Value,
    /// The text of the document.
    pub text: String,
    /// The line of the stream on which the text starts, counted from 0.
    pub first_line: usize,
}

impl Document {
    /// Reads the document as `T`, with positions that count from the start of the stream.
    pub fn parse<T: DeserializeOwned>(&self, origin: &str) -> Result<T, YamlError> {
        serde_yaml::from_str(&self.text)
            .map_err(|error| YamlError::new(origin, self.first_line, &error))
    }
}

/// Reads one document as `T`.
pub fn parse<T: DeserializeOwned>(text: &str, origin: &str) -> Result<T, YamlError> {
    serde_yaml::from_str(text).map_err(|error| YamlError::new(origin, 0, &error))
}

/// Splits a stream into its documents; empty ones are left out.
pub fn documents(text: &str, origin: &str) -> Result<Vec<Document>, YamlError> {
    let mut documents = Vec::new();
    let mut push = |lines: &[&str], first_line: usize| -> Result<(), YamlError> {
        let text = lines.concat();
        let value: Value = serde_yaml::from_str(&text)
            .map_err(|error| YamlError::new(origin, first_line, &error))?;
        if !value.is_null() {
            documents.push(Document {
                value,
                text,
                first_line,
            });
        }
        Ok(())
    };
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let mut start = 0;
    for (number, line) in lines.iter().enumerate() {
        let marker = line.trim_end();
        if marker == "---" || marker.starts_with("--- #") {
            push(&lines[start..number], start)?;
            start = number + 1;
        }
    }
    push(&lines[start..], start)?;
    Ok(documents)
}

/// Writes a value as one YAML document.
///
/// Everything that a YAML 1.1 or 1.2 reader could take for a number, a boolean or a time is
/// quoted, and so is every text with a colon: addresses never depend on a reader's mood.
pub fn emit(value: &impl Serialize) -> String {
    let value = serde_json::to_value(value).expect("a value with string keys has a JSON form");
    serde_saphyr::to_string(&Quoted(&value)).expect("a JSON value has a YAML form")
}

/// A JSON value whose one-line texts with a colon are written in double quotes.
struct Quoted<'a>(&'a Value);

impl Serialize for Quoted<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::String(text) if text.contains(':') && !text.contains('\n') => {
                serde_saphyr::DoubleQuoted(text).serialize(serializer)
            }
            Value::Array(items) => serializer.collect_seq(items.iter().map(Quoted)),
            Value::Object(map) => {
                serializer.collect_map(map.iter().map(|(key, value)| (key, Quoted(value))))
            }
            other => other.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Networking {
        pods: String,
    }

    #[test]
    fn an_error_says_file_line_column_and_field() {
        let error = parse::<Networking>("pods: x\nnodes: y\n", "shoot.yaml").unwrap_err();
        assert_eq!(
            error.to_string(),
            "shoot.yaml:2:1: unknown field `nodes`, expected `pods`"
        );
    }

    #[test]
    fn positions_count_from_the_start_of_the_stream() {
        let stream = "# first\n---\npods: x\n---\n\nnodes: y\n";
        let documents = documents(stream, "all.yaml").unwrap();
        assert_eq!(documents.len(), 2);
        let error = documents[1].parse::<Networking>("all.yaml").unwrap_err();
        assert_eq!(error.position.map(|(line, _)| line), Some(6));
    }

    #[test]
    fn what_readers_disagree_about_is_quoted() {
        for text in [
            "::1",
            "fd00::",
            "fd00::/64",
            "1:2:3:4:5:6:7:8",
            "no",
            "on",
            "1_000",
            "010",
        ] {
            let written = emit(&serde_json::json!({ "value": text }));
            assert!(
                written.contains(['"', '\'']),
                "`{text}` was written bare: {written}"
            );
            let back: Value = parse(&written, "test").unwrap();
            assert_eq!(back["value"], text);
        }
    }
}
