//! The one error type of the control plane: `metav1.Status` with its well-known reasons.
//!
//! Constructors carry the sentences that clients match on (kube-apiserver, `apimachinery/errors`).

use std::fmt;

use serde_json::{Map, Value, json};

/// One entry of `details.causes`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// Machine readable reason such as `FieldValueInvalid`.
    pub reason: String,
    /// Human readable sentence.
    pub message: String,
    /// Field path, empty when the cause is not about a field.
    pub field: String,
}

/// The `details` member of a Status.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StatusDetails {
    /// Name of the object.
    pub name: String,
    /// API group of the object.
    pub group: String,
    /// Resource name (plural), or the Kind in answers of reason Invalid.
    pub kind: String,
    /// Unique id of the object, in answers to deletes.
    pub uid: String,
    /// What was wrong, one entry per field.
    pub causes: Vec<Cause>,
    /// When the client may try again.
    pub retry_after_seconds: Option<u32>,
}

/// A refusal in the form that every Kubernetes client understands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// HTTP status code.
    pub code: u16,
    /// Machine readable reason; empty where upstream sends none.
    pub reason: &'static str,
    /// Human readable sentence.
    pub message: String,
    /// What it is about.
    pub details: Option<StatusDetails>,
}

/// `group` and plural `resource` name as they appear in messages: `shoots.garden.example`, or
/// just `secrets` in the core group.
pub fn qualified_resource(group: &str, resource: &str) -> String {
    if group.is_empty() {
        resource.to_owned()
    } else {
        format!("{resource}.{group}")
    }
}

impl Status {
    /// A refusal without details.
    pub fn new(code: u16, reason: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            reason,
            message: message.into(),
            details: None,
        }
    }

    /// The same refusal about one object of a resource.
    #[must_use]
    pub fn about(mut self, group: &str, resource: &str, name: &str) -> Self {
        let details = self.details.get_or_insert_default();
        group.clone_into(&mut details.group);
        resource.clone_into(&mut details.kind);
        name.clone_into(&mut details.name);
        self
    }

    /// The same refusal with one more cause.
    #[must_use]
    pub fn with_cause(
        mut self,
        reason: impl Into<String>,
        message: impl Into<String>,
        field: impl Into<String>,
    ) -> Self {
        self.details.get_or_insert_default().causes.push(Cause {
            reason: reason.into(),
            message: message.into(),
            field: field.into(),
        });
        self
    }

    /// The same refusal that asks the client to come back.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.details.get_or_insert_default().retry_after_seconds = Some(seconds);
        self
    }

    /// 400 `BadRequest`.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "BadRequest", message)
    }

    /// 401 Unauthorized.
    pub fn unauthorized() -> Self {
        Self::new(401, "Unauthorized", "Unauthorized")
    }

    /// 403 Forbidden about one object (or a collection when `name` is empty).
    pub fn forbidden(group: &str, resource: &str, name: &str, why: impl fmt::Display) -> Self {
        let subject = qualified_resource(group, resource);
        let message = match (resource, name) {
            ("", _) => format!("forbidden: {why}"),
            (_, "") => format!("{subject} is forbidden: {why}"),
            _ => format!("{subject} {name:?} is forbidden: {why}"),
        };
        Self::new(403, "Forbidden", message).about(group, resource, name)
    }

    /// 404 `NotFound` about one object.
    pub fn not_found(group: &str, resource: &str, name: &str) -> Self {
        let message = format!("{} {name:?} not found", qualified_resource(group, resource));
        Self::new(404, "NotFound", message).about(group, resource, name)
    }

    /// 404 for a path that no kind serves.
    pub fn no_such_path() -> Self {
        Self::new(
            404,
            "NotFound",
            "the server could not find the requested resource",
        )
        .about("", "", "")
    }

    /// 405 `MethodNotAllowed`.
    pub fn method_not_allowed(group: &str, resource: &str, action: &str) -> Self {
        let subject = qualified_resource(group, resource);
        let message = if subject.is_empty() {
            "the server does not allow this method on the requested resource".to_owned()
        } else {
            format!("{action} is not supported on resources of kind \"{subject}\"")
        };
        Self::new(405, "MethodNotAllowed", message).about(group, resource, "")
    }

    /// 406 `NotAcceptable` with the media types that would have been.
    pub fn not_acceptable(accepted: &[&str]) -> Self {
        let message = format!(
            "only the following media types are accepted: {}",
            accepted.join(", ")
        );
        Self::new(406, "NotAcceptable", message)
    }

    /// 409 `AlreadyExists`.
    pub fn already_exists(group: &str, resource: &str, name: &str) -> Self {
        let message = format!(
            "{} {name:?} already exists",
            qualified_resource(group, resource)
        );
        Self::new(409, "AlreadyExists", message).about(group, resource, name)
    }

    /// 409 Conflict.
    pub fn conflict(group: &str, resource: &str, name: &str, why: impl fmt::Display) -> Self {
        let message = format!(
            "Operation cannot be fulfilled on {} {name:?}: {why}",
            qualified_resource(group, resource)
        );
        Self::new(409, "Conflict", message).about(group, resource, name)
    }

    /// 409 Conflict of a write that was based on an older version.
    pub fn stale(group: &str, resource: &str, name: &str) -> Self {
        let why = "the object has been modified; please apply your changes to the latest version \
                   and try again";
        Self::conflict(group, resource, name, why)
    }

    /// 410 Gone, reason Expired.
    pub fn expired(message: impl Into<String>) -> Self {
        Self::new(410, "Expired", message)
    }

    /// 410 Expired for a watch that starts before the oldest version kept.
    pub fn too_old(asked: u64, oldest: u64) -> Self {
        Self::expired(format!("too old resource version: {asked} ({oldest})"))
    }

    /// 413 `RequestEntityTooLarge`.
    pub fn too_large(limit: usize) -> Self {
        let message = format!("Request entity too large: limit is {limit}");
        Self::new(413, "RequestEntityTooLarge", message)
    }

    /// 415 `UnsupportedMediaType` with the media types that would have been read.
    pub fn unsupported_media_type(supported: &[&str]) -> Self {
        let message = format!(
            "the body of the request was in an unknown format - accepted media types include: {}",
            supported.join(", ")
        );
        Self::new(415, "UnsupportedMediaType", message)
    }

    /// 422 Invalid about an object of `kind` in `group`.
    pub fn invalid(group: &str, kind: &str, name: &str, causes: Vec<Cause>) -> Self {
        let subject = qualified_resource(group, kind);
        let mut message = format!("{subject} {name:?} is invalid");
        let sentences: Vec<String> = causes.iter().map(Cause::sentence).collect();
        match sentences.as_slice() {
            [] => {}
            [one] => {
                message.push_str(": ");
                message.push_str(one);
            }
            many => {
                message.push_str(": [");
                message.push_str(&many.join(", "));
                message.push(']');
            }
        }
        let mut status = Self::new(422, "Invalid", message).about(group, kind, name);
        status.details.get_or_insert_default().causes = causes;
        status
    }

    /// 422 Invalid without an object, for a request that cannot be applied at all.
    pub fn unprocessable(message: impl Into<String>) -> Self {
        Self::new(422, "Invalid", message)
    }

    /// 500 `InternalError`.
    pub fn internal(why: impl fmt::Display) -> Self {
        Self::new(
            500,
            "InternalError",
            format!("Internal error occurred: {why}"),
        )
        .with_cause("", why.to_string(), "")
    }

    /// 501 for a call that is understood and deliberately not served.
    pub fn not_implemented(message: impl Into<String>) -> Self {
        Self::new(501, "NotImplemented", message)
    }

    /// 504 Timeout for a version that the store has not reached.
    pub fn version_too_large(asked: u64, current: u64) -> Self {
        Self::new(
            504,
            "Timeout",
            format!("Too large resource version: {asked}, current: {current}"),
        )
        .with_cause("ResourceVersionTooLarge", "Too large resource version", "")
        .retry_after(1)
    }

    /// The JSON form, `metav1.Status`.
    pub fn to_value(&self) -> Value {
        let mut out = Map::new();
        out.insert("kind".into(), "Status".into());
        out.insert("apiVersion".into(), "v1".into());
        out.insert("metadata".into(), json!({}));
        out.insert("status".into(), "Failure".into());
        out.insert("message".into(), self.message.clone().into());
        if !self.reason.is_empty() {
            out.insert("reason".into(), self.reason.into());
        }
        if let Some(details) = &self.details {
            out.insert("details".into(), details.to_value());
        }
        out.insert("code".into(), self.code.into());
        Value::Object(out)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Status {}

impl StatusDetails {
    /// The JSON form; empty members are left out as upstream does.
    pub fn to_value(&self) -> Value {
        let mut out = Map::new();
        for (key, text) in [
            ("name", &self.name),
            ("group", &self.group),
            ("kind", &self.kind),
            ("uid", &self.uid),
        ] {
            if !text.is_empty() {
                out.insert(key.into(), text.clone().into());
            }
        }
        if !self.causes.is_empty() {
            let causes = self.causes.iter().map(Cause::to_value).collect();
            out.insert("causes".into(), Value::Array(causes));
        }
        if let Some(seconds) = self.retry_after_seconds {
            out.insert("retryAfterSeconds".into(), seconds.into());
        }
        Value::Object(out)
    }
}

impl Cause {
    /// A missing value that the kind requires.
    pub fn required(field: impl Into<String>, why: &str) -> Self {
        Self::with("FieldValueRequired", field, suffixed("Required value", why))
    }

    /// A value that does not fit its field.
    pub fn invalid(field: impl Into<String>, value: &Value, why: &str) -> Self {
        let message = suffixed(&format!("Invalid value: {}", shown(value)), why);
        Self::with("FieldValueInvalid", field, message)
    }

    /// A value that is none of those supported.
    pub fn not_supported(field: impl Into<String>, value: &Value, supported: &[&str]) -> Self {
        let list: Vec<String> = supported.iter().map(|word| format!("{word:?}")).collect();
        let message = format!(
            "Unsupported value: {}: supported values: {}",
            shown(value),
            list.join(", ")
        );
        Self::with("FieldValueNotSupported", field, message)
    }

    /// A value that must not be set here.
    pub fn forbidden(field: impl Into<String>, why: &str) -> Self {
        Self::with("FieldValueForbidden", field, suffixed("Forbidden", why))
    }

    /// A value that occurs twice.
    pub fn duplicate(field: impl Into<String>, value: &Value) -> Self {
        Self::with(
            "FieldValueDuplicate",
            field,
            format!("Duplicate value: {}", shown(value)),
        )
    }

    /// A text that is longer than allowed.
    pub fn too_long(field: impl Into<String>, most: usize) -> Self {
        let message = format!("Too long: may not be more than {most} bytes");
        Self::with("FieldValueTooLong", field, message)
    }

    fn with(reason: &str, field: impl Into<String>, message: String) -> Self {
        Self {
            reason: reason.to_owned(),
            message,
            field: field.into(),
        }
    }

    fn sentence(&self) -> String {
        if self.field.is_empty() {
            self.message.clone()
        } else {
            format!("{}: {}", self.field, self.message)
        }
    }

    fn to_value(&self) -> Value {
        let mut out = Map::new();
        for (key, text) in [
            ("reason", &self.reason),
            ("message", &self.message),
            ("field", &self.field),
        ] {
            if !text.is_empty() {
                out.insert(key.into(), text.clone().into());
            }
        }
        Value::Object(out)
    }
}

fn suffixed(text: &str, why: &str) -> String {
    if why.is_empty() {
        text.to_owned()
    } else {
        format!("{text}: {why}")
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => format!("{text:?}"),
        Value::Null => "null".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_the_resource_with_its_group_and_keeps_the_core_group_bare() {
        let found = Status::not_found("garden.example", "shoots", "a");
        assert_eq!(found.message, "shoots.garden.example \"a\" not found");
        let core = Status::already_exists("", "secrets", "a");
        assert_eq!(core.message, "secrets \"a\" already exists");
        assert!(core.to_value()["details"].get("group").is_none());
    }

    #[test]
    fn joins_several_causes_in_brackets() {
        let causes = vec![
            Cause::required("spec.a", ""),
            Cause::invalid("spec.b", &json!(1), "too small"),
        ];
        let status = Status::invalid("g", "K", "n", causes);
        assert_eq!(
            status.message,
            "K.g \"n\" is invalid: [spec.a: Required value, spec.b: Invalid value: 1: too small]"
        );
        assert_eq!(
            status.to_value()["details"]["causes"][1]["reason"],
            "FieldValueInvalid"
        );
    }
}
