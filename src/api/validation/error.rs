//! Errors of fields.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Path;

/// What is wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ErrorType {
    /// The field must be set.
    Required,
    /// The value is not acceptable.
    Invalid,
    /// The field must not be set or changed.
    Forbidden,
    /// The value is not one of the known ones.
    NotSupported,
    /// The value was given before.
    Duplicate,
}

impl ErrorType {
    /// The `reason` of the cause in a Kubernetes status.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Required => "FieldValueRequired",
            Self::Invalid => "FieldValueInvalid",
            Self::Forbidden => "FieldValueForbidden",
            Self::NotSupported => "FieldValueNotSupported",
            Self::Duplicate => "FieldValueDuplicate",
        }
    }
}

/// One error of one field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldError {
    /// What is wrong.
    #[serde(rename = "type")]
    pub type_: ErrorType,
    /// Where.
    pub field: String,
    /// The value that is wrong; nothing for a missing or forbidden one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// Why, for people.
    pub detail: String,
}

impl FieldError {
    /// The field must be set.
    pub fn required(path: &Path, detail: impl Into<String>) -> Self {
        Self::new(ErrorType::Required, path, None, detail)
    }

    /// The value is not acceptable.
    pub fn invalid(path: &Path, value: impl Into<Value>, detail: impl Into<String>) -> Self {
        Self::new(ErrorType::Invalid, path, Some(value.into()), detail)
    }

    /// The field must not be set or changed.
    pub fn forbidden(path: &Path, detail: impl Into<String>) -> Self {
        Self::new(ErrorType::Forbidden, path, None, detail)
    }

    /// The value is not one of `supported`.
    pub fn not_supported(path: &Path, value: impl Into<Value>, supported: &[&str]) -> Self {
        let detail = format!("supported values: {}", supported.join(", "));
        Self::new(ErrorType::NotSupported, path, Some(value.into()), detail)
    }

    /// The value was given before.
    pub fn duplicate(path: &Path, value: impl Into<Value>) -> Self {
        Self::new(
            ErrorType::Duplicate,
            path,
            Some(value.into()),
            "must be given only once",
        )
    }

    /// The error of a changed field that must stay as it is; nothing where it did.
    pub(super) fn unless_same<T: PartialEq + Serialize>(
        path: &Path,
        new: &T,
        old: &T,
    ) -> Option<Self> {
        (new != old).then(|| {
            let value = serde_json::to_value(new).unwrap_or_default();
            let old = serde_json::to_value(old).unwrap_or_default();
            let detail =
                format!("field is immutable; keep {old}, or delete the object and make it anew");
            Self::invalid(path, value, detail)
        })
    }

    fn new(type_: ErrorType, path: &Path, value: Option<Value>, detail: impl Into<String>) -> Self {
        Self {
            type_,
            field: path.to_string(),
            value,
            detail: detail.into(),
        }
    }
}

impl fmt::Display for FieldError {
    /// The wording of Kubernetes: `FIELD: Invalid value: "VALUE": DETAIL`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.type_ {
            ErrorType::Required => "Required value",
            ErrorType::Invalid => "Invalid value",
            ErrorType::Forbidden => "Forbidden",
            ErrorType::NotSupported => "Unsupported value",
            ErrorType::Duplicate => "Duplicate value",
        };
        write!(f, "{}: {what}", self.field)?;
        if let Some(value) = &self.value {
            write!(f, ": {value}")?;
        }
        if self.detail.is_empty() {
            Ok(())
        } else {
            write!(f, ": {}", self.detail)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_read_like_kubernetes_errors() {
        let path = Path::new("spec.networking.pods");
        assert_eq!(
            FieldError::invalid(&path, "x", "must be ADDRESS/LENGTH").to_string(),
            r#"spec.networking.pods: Invalid value: "x": must be ADDRESS/LENGTH"#
        );
        assert_eq!(
            FieldError::required(&path, "").to_string(),
            "spec.networking.pods: Required value"
        );
    }

    #[test]
    fn the_json_form_is_type_field_value_detail() {
        let error = FieldError::duplicate(&Path::new("spec.ipFamilies").index(1), "IPv6");
        assert_eq!(
            serde_json::to_value(error).unwrap(),
            serde_json::json!({
                "type": "Duplicate",
                "field": "spec.ipFamilies[1]",
                "value": "IPv6",
                "detail": "must be given only once",
            })
        );
    }
}
