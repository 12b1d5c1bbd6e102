//! One thing that is wrong with an object, whoever found it: a rule, the schema, the decoder.

use serde::Serialize;
use serde_json::Value;

use super::without_field;
use crate::{api::validation::FieldError, cluster::embedded::status::Cause};

/// What is in front of the type in the reason of a cause.
const REASON_PREFIX: &str = "FieldValue";

/// One thing that is wrong with an object.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// What is wrong, in Kubernetes' words for field errors without their prefix: `Required`,
    /// `Invalid`, `Forbidden`, `NotSupported`, `Duplicate`, `TypeInvalid`, `TooLong`, `TooMany`;
    /// besides `UnknownField` and `Malformed` of the decoder, which blame no value.
    #[serde(rename = "type")]
    pub type_: String,
    /// Where, as a path from the object.
    pub field: String,
    /// The value that is wrong; nothing for a missing or forbidden one.
    pub value: Option<Value>,
    /// What is wrong about it, what was expected, and what to do.
    pub detail: String,
    /// The sentence of the API server about the field.
    #[serde(skip)]
    pub message: String,
}

impl Finding {
    /// A complaint of the decoder: the API server answers it with a sentence, not with a cause.
    pub fn of_decoder(type_: &str, field: impl Into<String>, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self {
            type_: type_.to_owned(),
            field: field.into(),
            value: None,
            message: detail.clone(),
            detail,
        }
    }

    /// The `reason` of the cause in a Kubernetes status.
    pub fn reason(&self) -> String {
        format!("{REASON_PREFIX}{}", self.type_)
    }
}

impl From<&FieldError> for Finding {
    fn from(error: &FieldError) -> Self {
        let reason = error.type_.reason();
        Self {
            type_: reason
                .strip_prefix(REASON_PREFIX)
                .unwrap_or(reason)
                .to_owned(),
            field: error.field.clone(),
            value: error.value.clone(),
            detail: error.detail.clone(),
            message: without_field(error),
        }
    }
}

impl From<&Cause> for Finding {
    /// Takes the sentence `WHAT: VALUE: WHY` apart, where VALUE is JSON or missing.
    fn from(cause: &Cause) -> Self {
        let rest = cause
            .message
            .split_once(": ")
            .map_or(cause.message.as_str(), |(_, rest)| rest);
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        let value = values.next().and_then(Result::ok);
        let end = values.byte_offset();
        let why = match &value {
            Some(_) => rest[end..].trim_start_matches(": "),
            None => rest,
        };
        Self {
            type_: cause
                .reason
                .strip_prefix(REASON_PREFIX)
                .unwrap_or(&cause.reason)
                .to_owned(),
            field: cause.field.clone(),
            value,
            detail: why.to_owned(),
            message: cause.message.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{api::validation::Path, cluster::embedded::schema::causes};

    #[test]
    fn causes_of_the_schema_become_type_value_and_detail() {
        let why = "spec.a in body must be of type array: \"string\"";
        let field = "spec.a";
        for (cause, type_, value, detail) in [
            (
                causes::type_invalid(field, &json!("string"), why),
                "TypeInvalid",
                json!("string"),
                why,
            ),
            (
                Cause::required(field, ""),
                "Required",
                json!(null),
                "Required value",
            ),
            (
                Cause::not_supported(field, &json!("x"), &["a", "b"]),
                "NotSupported",
                json!("x"),
                "supported values: \"a\", \"b\"",
            ),
            (
                causes::too_long(field, 3),
                "TooLong",
                json!(null),
                "may not be more than 3 bytes",
            ),
        ] {
            let finding = Finding::from(&cause);
            assert_eq!(finding.type_, type_);
            assert_eq!(finding.value.unwrap_or_default(), value);
            assert_eq!(finding.detail, detail);
            assert_eq!(finding.message, cause.message);
        }
    }

    #[test]
    fn the_json_form_always_has_the_same_four_members() {
        let error = FieldError::required(&Path::new("spec.type"), "must name an extension");
        let finding = serde_json::to_string(&Finding::from(&error)).unwrap();
        assert_eq!(
            finding,
            r#"{"type":"Required","field":"spec.type","value":null,"detail":"must name an extension"}"#
        );
    }
}
