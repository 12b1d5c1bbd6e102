//! What a rendered document must say: at least what its plan says.
//!
//! A template of the user's may say more, so a document is not compared for equality. What the plan says must
//! be there, in the same place and in the same order.

use serde_json::Value;

use super::GenerateError;

/// The path of the first fact of `expected` that `found` does not state.
pub(super) fn missing(expected: &Value, found: &Value) -> Option<String> {
    walk(expected, found, String::new())
}

/// Makes sure that a document states what is expected of it.
pub(super) fn require(
    document: &'static str,
    expected: &Value,
    found: &Value,
) -> Result<(), GenerateError> {
    match missing(expected, found) {
        None => Ok(()),
        Some(part) => Err(GenerateError::Differs { document, part }),
    }
}

fn walk(expected: &Value, found: &Value, path: String) -> Option<String> {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            expected.iter().find_map(|(key, expected)| {
                let path = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                walk(expected, found.get(key).unwrap_or(&Value::Null), path)
            })
        }
        (Value::Array(expected), Value::Array(found)) => {
            let mut found = found.iter();
            expected.iter().enumerate().find_map(|(index, expected)| {
                let path = format!("{path}[{index}]");
                walk(expected, found.next().unwrap_or(&Value::Null), path)
            })
        }
        _ => (expected != found).then_some(path),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn more_is_good_and_less_or_other_is_told_by_path() {
        let expected = json!({"a": {"b": [{"c": 1}]}, "d": "x"});
        let more = json!({"a": {"b": [{"c": 1, "e": 2}, {}]}, "d": "x", "f": null});
        assert_eq!(missing(&expected, &more), None);
        let other = json!({"a": {"b": [{"c": 2}]}, "d": "x"});
        assert_eq!(missing(&expected, &other).as_deref(), Some("a.b[0].c"));
        let less = json!({"a": {"b": []}, "d": "x"});
        assert_eq!(missing(&expected, &less).as_deref(), Some("a.b[0]"));
        let wrong = json!({"a": {"b": [{"c": 1}]}, "d": ["x"]});
        assert_eq!(missing(&expected, &wrong).as_deref(), Some("d"));
    }
}
