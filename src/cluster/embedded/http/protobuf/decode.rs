//! From the protobuf envelope of Kubernetes to the JSON form of an object.
//!
//! Go writes every field that is no pointer, also when it is empty; JSON leaves empty values out.
//! So empty values are dropped here, except for those the table marks as optional.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Map, Value as Json};
use thiserror::Error;

use super::messages::{self, Field, Message, Repeat, Type};
use super::wire::{Malformed, Reader, Value};

const MAGIC: &[u8] = b"k8s\0";
const MAX_DEPTH: usize = 32;

/// A protobuf body cannot be understood.
#[derive(Debug, Error, PartialEq, Eq)]
pub(crate) enum ProtobufError {
    /// The body does not start with the four bytes of the envelope, or the envelope is broken.
    #[error("provided data does not appear to be a protobuf message")]
    Envelope,
    /// The object inside is broken.
    #[error("the protobuf message of kind {kind:?} is malformed")]
    Object { kind: String },
    /// Only built-in kinds have a protobuf form.
    #[error("no protobuf form is known for kind {kind:?} in {api_version:?}")]
    UnknownKind { api_version: String, kind: String },
}

/// Decodes a body of type `application/vnd.kubernetes.protobuf`.
pub(crate) fn decode(body: &[u8]) -> Result<Json, ProtobufError> {
    let envelope = body.strip_prefix(MAGIC).ok_or(ProtobufError::Envelope)?;
    let (mut api_version, mut kind, mut raw) = (String::new(), String::new(), &[][..]);
    let mut reader = Reader::new(envelope);
    while let Some((number, value)) = reader.next_field().map_err(|_| ProtobufError::Envelope)? {
        match (number, value) {
            (1, Value::Bytes(meta)) => {
                (api_version, kind) = type_meta(meta).map_err(|_| ProtobufError::Envelope)?;
            }
            (2, Value::Bytes(bytes)) => raw = bytes,
            _ => {}
        }
    }
    let Some(message) = messages::of_kind(&api_version, &kind) else {
        return Err(ProtobufError::UnknownKind { api_version, kind });
    };
    let mut object = Map::new();
    object.insert("apiVersion".to_owned(), Json::String(api_version));
    object.insert("kind".to_owned(), Json::String(kind.clone()));
    let fields = message_fields(raw, message, 0).map_err(|_| ProtobufError::Object { kind })?;
    object.extend(fields);
    Ok(Json::Object(object))
}

fn type_meta(bytes: &[u8]) -> Result<(String, String), Malformed> {
    let (mut api_version, mut kind) = (String::new(), String::new());
    let mut reader = Reader::new(bytes);
    while let Some((number, value)) = reader.next_field()? {
        match (number, value) {
            (1, Value::Bytes(bytes)) => api_version = text(bytes)?,
            (2, Value::Bytes(bytes)) => kind = text(bytes)?,
            _ => {}
        }
    }
    Ok((api_version, kind))
}

fn message_fields(
    bytes: &[u8],
    message: Message,
    depth: usize,
) -> Result<Map<String, Json>, Malformed> {
    if depth > MAX_DEPTH {
        return Err(Malformed);
    }
    let mut object = Map::new();
    let mut reader = Reader::new(bytes);
    while let Some((number, value)) = reader.next_field()? {
        let Some(field) = message.iter().find(|field| field.number == number) else {
            continue;
        };
        match field.repeat {
            Repeat::One => {
                let decoded = single(field.of, value, depth)?;
                if field.optional || !is_empty(&decoded) {
                    object.insert(field.name.to_owned(), decoded);
                }
            }
            Repeat::Many => {
                let decoded = single(field.of, value, depth)?;
                if let Json::Array(items) = object
                    .entry(field.name)
                    .or_insert_with(|| Json::Array(Vec::new()))
                {
                    items.push(decoded);
                }
            }
            Repeat::Map => {
                let (key, decoded) = map_entry(field, value, depth)?;
                if let Json::Object(entries) = object
                    .entry(field.name)
                    .or_insert_with(|| Json::Object(Map::new()))
                {
                    entries.insert(key, decoded);
                }
            }
        }
    }
    Ok(object)
}

fn map_entry(field: &Field, value: Value<'_>, depth: usize) -> Result<(String, Json), Malformed> {
    let Value::Bytes(bytes) = value else {
        return Err(Malformed);
    };
    let mut key = String::new();
    let mut decoded = match field.of {
        Type::Text | Type::Bytes | Type::Quantity => Json::String(String::new()),
        _ => Json::Null,
    };
    let mut reader = Reader::new(bytes);
    while let Some((number, value)) = reader.next_field()? {
        match (number, value) {
            (1, Value::Bytes(bytes)) => key = text(bytes)?,
            (2, value) => decoded = single(field.of, value, depth)?,
            _ => {}
        }
    }
    Ok((key, decoded))
}

fn single(of: Type, value: Value<'_>, depth: usize) -> Result<Json, Malformed> {
    Ok(match (of, value) {
        (Type::Text, Value::Bytes(bytes)) => Json::String(text(bytes)?),
        (Type::Bytes, Value::Bytes(bytes)) => Json::String(BASE64.encode(bytes)),
        (Type::Bool, Value::Varint(number)) => Json::Bool(number != 0),
        (Type::Integer, Value::Varint(number)) => Json::from(number.cast_signed()),
        (Type::Message(message), Value::Bytes(bytes)) => {
            Json::Object(message_fields(bytes, message, depth + 1)?)
        }
        (Type::Items, Value::Bytes(bytes)) => {
            let mut fields = message_fields(bytes, messages::ITEMS, depth + 1)?;
            fields
                .remove("items")
                .unwrap_or_else(|| Json::Array(Vec::new()))
        }
        (Type::Quantity, Value::Bytes(bytes)) => {
            let mut fields = message_fields(bytes, messages::QUANTITY, depth + 1)?;
            fields
                .remove("string")
                .unwrap_or_else(|| Json::String("0".to_owned()))
        }
        (Type::IntOrString, Value::Bytes(bytes)) => {
            let mut fields = message_fields(bytes, messages::INT_OR_STRING, depth + 1)?;
            if fields.get("type").and_then(Json::as_i64) == Some(1) {
                fields
                    .remove("strVal")
                    .unwrap_or_else(|| Json::String(String::new()))
            } else {
                fields.remove("intVal").unwrap_or_else(|| Json::from(0))
            }
        }
        (Type::Time, Value::Bytes(bytes)) => time(bytes, depth)?,
        _ => return Err(Malformed),
    })
}

/// A zero time is written as an empty message and means "not set".
fn time(bytes: &[u8], depth: usize) -> Result<Json, Malformed> {
    let fields = message_fields(bytes, messages::TIME, depth + 1)?;
    if fields.is_empty() {
        return Ok(Json::Null);
    }
    let number = |name| fields.get(name).and_then(Json::as_i64).unwrap_or(0);
    let nanoseconds = i32::try_from(number("nanos")).map_err(|_| Malformed)?;
    let moment = jiff::Timestamp::new(number("seconds"), nanoseconds).map_err(|_| Malformed)?;
    let text = if nanoseconds == 0 {
        moment.to_string()
    } else {
        format!("{moment:.6}")
    };
    Ok(Json::String(text))
}

fn text(bytes: &[u8]) -> Result<String, Malformed> {
    String::from_utf8(bytes.to_vec()).map_err(|_| Malformed)
}

fn is_empty(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::Bool(value) => !value,
        Json::Number(number) => number.as_i64() == Some(0),
        Json::String(text) => text.is_empty(),
        Json::Array(items) => items.is_empty(),
        Json::Object(fields) => fields.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
        let mut encoded = vec![number << 3 | 2, u8::try_from(bytes.len()).unwrap()];
        encoded.extend(bytes);
        encoded
    }

    fn envelope(api_version: &str, kind: &str, raw: &[u8]) -> Vec<u8> {
        let meta = [field(1, api_version.as_bytes()), field(2, kind.as_bytes())].concat();
        [MAGIC.to_vec(), field(1, &meta), field(2, raw)].concat()
    }

    #[test]
    fn an_access_review_as_kubectl_sends_it() {
        let body = BASE64
            .decode(
                "azhzAAoyChdhdXRob3JpemF0aW9uLms4cy5pby92MRIXU2VsZlN1YmplY3RBY2Nlc3NSZXZpZXcSHBIa\
                 ChgKB2RlZmF1bHQSBGxpc3QqB3NlY3JldHM=",
            )
            .unwrap();
        assert_eq!(
            decode(&body).unwrap(),
            json!({
                "apiVersion": "authorization.k8s.io/v1",
                "kind": "SelfSubjectAccessReview",
                "spec": {"resourceAttributes":
                    {"namespace": "default", "verb": "list", "resource": "secrets"}},
            })
        );
    }

    #[test]
    fn empty_values_are_dropped_and_maps_are_gathered() {
        let metadata = [field(1, b"a"), field(3, b""), field(8, b"")].concat();
        let entry = |key: &[u8], value: &[u8]| [field(1, key), field(2, value)].concat();
        let raw = [
            field(1, &metadata),
            field(2, &entry(b"k", b"v")),
            field(2, &entry(b"l", b"")),
            field(3, &entry(b"b", &[0, 255])),
        ]
        .concat();
        assert_eq!(
            decode(&envelope("v1", "ConfigMap", &raw)).unwrap(),
            json!({
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": "a"},
                "data": {"k": "v", "l": ""},
                "binaryData": {"b": "AP8="},
            })
        );
    }

    #[test]
    fn an_optional_zero_stays() {
        let raw = field(2, &[1 << 3, 0]);
        assert_eq!(
            decode(&envelope("apps/v1", "Deployment", &raw)).unwrap()["spec"],
            json!({"replicas": 0})
        );
    }

    #[test]
    fn what_is_no_envelope_or_no_known_kind_is_refused() {
        assert_eq!(decode(b"nope"), Err(ProtobufError::Envelope));
        assert!(matches!(
            decode(&envelope("garden.test/v1", "Shoot", b"")),
            Err(ProtobufError::UnknownKind { .. })
        ));
        assert!(matches!(
            decode(&envelope("v1", "ConfigMap", &[0x0a, 0x7f])),
            Err(ProtobufError::Object { .. })
        ));
    }

    proptest! {
        #[test]
        fn any_object_bytes_are_decoded_or_refused(raw in proptest::collection::vec(any::<u8>(), 0..100)) {
            drop(decode(&envelope("apps/v1", "Deployment", &raw)));
        }
    }
}
