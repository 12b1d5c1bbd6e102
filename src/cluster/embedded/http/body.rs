//! From the bytes of a request body and its content type to what the engine takes.

use serde_json::Value;

use super::document::{self, Document};
use super::negotiate::MediaType;
use super::protobuf;
use crate::cluster::embedded::engine::{Body, Verb};
use crate::cluster::embedded::status::Status;

/// The largest body that is read.
pub(crate) const MAX_BYTES: usize = 3 * 1024 * 1024;

const OBJECT_TYPES: &[&str] = &[
    "application/json",
    "application/yaml",
    "application/vnd.kubernetes.protobuf",
];
const PATCH_TYPES: &[&str] = &[
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
    "application/apply-patch+yaml",
];

/// A decoded body, with the paths of keys that occur twice.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Decoded {
    pub(crate) body: Option<Body>,
    pub(crate) duplicates: Vec<String>,
}

/// Decodes a body for a verb; an empty body is no body.
pub(crate) fn decode(
    verb: Verb,
    content_type: Option<&str>,
    bytes: &[u8],
) -> Result<Decoded, Status> {
    let media_type = MediaType::parse(content_type.unwrap_or("application/json"));
    match verb {
        Verb::Patch => patch(media_type.name(), bytes),
        _ if bytes.is_empty() => Ok(Decoded::default()),
        _ => object(media_type.name(), bytes),
    }
}

fn object(media_type: &str, bytes: &[u8]) -> Result<Decoded, Status> {
    let document = match media_type {
        "" | "application/json" => document::json(bytes).map_err(undecodable)?,
        "application/yaml" | "text/yaml" | "application/x-yaml" => {
            document::yaml(bytes).map_err(undecodable)?
        }
        "application/vnd.kubernetes.protobuf" => Document {
            value: protobuf::decode(bytes).map_err(undecodable)?,
            duplicates: Vec::new(),
        },
        _ => return Err(Status::unsupported_media_type(OBJECT_TYPES)),
    };
    Ok(with(Body::Object, document))
}

fn patch(media_type: &str, bytes: &[u8]) -> Result<Decoded, Status> {
    let wrap: fn(Value) -> Body = match media_type {
        "application/json-patch+json" => Body::JsonPatch,
        "application/merge-patch+json" => Body::MergePatch,
        "application/strategic-merge-patch+json" => Body::StrategicMerge,
        "application/apply-patch+yaml" => {
            return Ok(with(
                Body::Apply,
                document::yaml(bytes).map_err(undecodable)?,
            ));
        }
        _ => return Err(Status::unsupported_media_type(PATCH_TYPES)),
    };
    Ok(with(wrap, document::json(bytes).map_err(undecodable)?))
}

fn with(wrap: fn(Value) -> Body, document: Document) -> Decoded {
    Decoded {
        body: Some(wrap(document.value)),
        duplicates: document.duplicates,
    }
}

fn undecodable(why: impl std::fmt::Display) -> Status {
    Status::bad_request(format!("the object provided is unrecognized: {why}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_content_type_decides_what_a_body_is() {
        let body = |verb, content_type, bytes: &[u8]| {
            decode(verb, content_type, bytes).map(|decoded| decoded.body)
        };
        let object = json!({"a": 1});
        assert_eq!(
            body(Verb::Create, None, b"{\"a\":1}"),
            Ok(Some(Body::Object(object.clone())))
        );
        assert_eq!(
            body(Verb::Update, Some("application/yaml"), b"a: 1"),
            Ok(Some(Body::Object(object.clone())))
        );
        assert_eq!(
            body(
                Verb::Patch,
                Some("application/apply-patch+yaml; charset=utf-8"),
                b"a: 1"
            ),
            Ok(Some(Body::Apply(object)))
        );
        assert_eq!(body(Verb::Delete, None, b""), Ok(None));
        assert_eq!(
            body(Verb::Patch, Some("application/json"), b"{}")
                .unwrap_err()
                .code,
            415
        );
        assert_eq!(
            body(Verb::Create, Some("text/csv"), b"{}")
                .unwrap_err()
                .code,
            415
        );
        assert_eq!(body(Verb::Create, None, b"{").unwrap_err().code, 400);
    }
}
