//! Reading the JSON and YAML documents of request bodies.
//!
//! Strict field validation must name every duplicate key, which a plain parser hides. The last
//! value of a key wins, as in upstream. Depth is limited by the parsers (127 levels).

pub(crate) use crate::cluster::embedded::schema::reader::Document;
use crate::cluster::embedded::schema::reader::{read, read_from};

/// Parses JSON.
pub(crate) fn json(bytes: &[u8]) -> Result<Document, String> {
    read(bytes).map_err(|error| error.to_string())
}

/// Parses YAML with one document; JSON is tried first, because most clients send it as YAML.
pub(crate) fn yaml(bytes: &[u8]) -> Result<Document, String> {
    if bytes.trim_ascii_start().starts_with(b"{")
        && let Ok(document) = json(bytes)
    {
        return Ok(document);
    }
    read_from(serde_yaml::Deserializer::from_slice(bytes)).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn duplicate_keys_are_named_and_the_last_one_wins() {
        let text = br#"{"a": 1, "spec": {"b": [{"c": 1, "c": 2}], "b2": 1.5}, "a": null}"#;
        let document = super::json(text).unwrap();
        assert_eq!(
            document.value,
            json!({"a": null, "spec": {"b": [{"c": 2}], "b2": 1.5}})
        );
        assert_eq!(document.duplicates, ["spec.b[0].c", "a"]);
    }

    #[test]
    fn yaml_and_json_in_yaml_are_read() {
        let expected = json!({"a": {"b": [1, true, "x"], "1": null}});
        for text in [
            "a:\n  b: [1, true, x]\n  1:\n",
            r#"{"a": {"b": [1, true, "x"], "1": null}}"#,
        ] {
            assert_eq!(yaml(text.as_bytes()).unwrap().value, expected, "{text}");
        }
        assert_eq!(yaml(b"a: 1\na: 2\n").unwrap().duplicates, ["a"]);
    }

    #[test]
    fn trailing_text_and_deep_nesting_are_refused() {
        assert!(super::json(b"{} {}").is_err());
        assert!(super::json("[".repeat(100_000).as_bytes()).is_err());
        assert!(yaml("[".repeat(10_000).as_bytes()).is_err());
    }
}
