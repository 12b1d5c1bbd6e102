//! Label selectors as they stand in objects: `matchLabels` and `matchExpressions`.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{LabelSelector, Operator, Requirement, SelectorError};

impl LabelSelector {
    /// Reads a `metav1.LabelSelector`; an empty or missing one matches everything.
    pub fn from_object(selector: &Value) -> Result<Self, SelectorError> {
        let mut requirements = Vec::new();
        if let Some(labels) = selector.get("matchLabels").and_then(Value::as_object) {
            for (key, value) in labels {
                let value = value
                    .as_str()
                    .ok_or_else(|| malformed("matchLabels", key))?;
                let values = BTreeSet::from([value.to_owned()]);
                requirements.push(Requirement::new(key, Operator::In, values)?);
            }
        }
        if let Some(expressions) = selector.get("matchExpressions").and_then(Value::as_array) {
            for expression in expressions {
                requirements.push(requirement(expression)?);
            }
        }
        Ok(Self::new(requirements))
    }
}

fn requirement(expression: &Value) -> Result<Requirement, SelectorError> {
    let text = |field: &str| expression.get(field).and_then(Value::as_str);
    let key = text("key").ok_or_else(|| malformed("matchExpressions", "key"))?;
    let operator = match text("operator") {
        Some("In") => Operator::In,
        Some("NotIn") => Operator::NotIn,
        Some("Exists") => Operator::Exists,
        Some("DoesNotExist") => Operator::DoesNotExist,
        other => {
            let detail = format!(
                "{:?} is not a valid label selector operator",
                other.unwrap_or("")
            );
            return Err(SelectorError::Object { detail });
        }
    };
    let values = expression
        .get("values")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let values: Option<BTreeSet<String>> = values
        .map(|value| value.as_str().map(ToOwned::to_owned))
        .collect();
    let values = values.ok_or_else(|| malformed("matchExpressions", "values"))?;
    Requirement::new(key, operator, values)
}

fn malformed(list: &str, what: &str) -> SelectorError {
    SelectorError::Object {
        detail: format!("{list} holds a {what} that is not a string"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn labels_and_expressions_are_one_conjunction() {
        let selector = LabelSelector::from_object(&json!({
            "matchLabels": {"app": "web"},
            "matchExpressions": [
                {"key": "tier", "operator": "In", "values": ["a", "b"]},
                {"key": "gone", "operator": "DoesNotExist"},
            ],
        }))
        .unwrap();
        assert!(selector.matches(json!({"app": "web", "tier": "b"}).as_object()));
        assert!(!selector.matches(json!({"app": "web"}).as_object()));
        assert!(
            LabelSelector::from_object(&json!({}))
                .unwrap()
                .is_everything()
        );
        LabelSelector::from_object(&json!({"matchExpressions": [{"key": "a", "operator": "Eq"}]}))
            .unwrap_err();
    }
}
