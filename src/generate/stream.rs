//! Objects written as one YAML stream, and read back.

use serde::Serialize;
use serde_json::Value;

use super::GenerateError;
use crate::yaml;

/// Writes objects one after the other, under a comment that says what they are.
pub(super) fn stream(
    document: &'static str,
    comment: &str,
    objects: &[impl Serialize],
) -> Result<String, GenerateError> {
    let values: Vec<Value> = objects
        .iter()
        .map(|object| serde_json::to_value(object).expect("API objects have a JSON form"))
        .collect();
    let mut text = format!("# {}\n", comment.replace('\n', "\n# "));
    for value in &values {
        text.push_str("---\n");
        text.push_str(&yaml::emit(value));
    }
    let read = yaml::documents(&text, document).map_err(|source| GenerateError::ReadBack {
        document,
        source: Box::new(source),
    })?;
    let same = read.len() == values.len()
        && read
            .iter()
            .zip(&values)
            .all(|(read, value)| read.value == *value);
    if same {
        Ok(text)
    } else {
        Err(GenerateError::Differs {
            document,
            part: "an object".to_owned(),
        })
    }
}
