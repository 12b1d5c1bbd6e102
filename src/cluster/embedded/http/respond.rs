//! Building responses.

use std::convert::Infallible;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderValue, RETRY_AFTER, WARNING};
use http::{Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full};
use serde_json::Value;

use super::negotiate::Encoding;
use super::shape::Shaped;
use crate::cluster::embedded::status::Status;

/// The body of every response.
pub(crate) type ResponseBody = UnsyncBoxBody<Bytes, Infallible>;

/// How a document is written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Writing {
    pub(crate) encoding: Encoding,
    pub(crate) pretty: bool,
}

/// A response with a body that is complete.
pub(crate) fn full(
    code: u16,
    content_type: &'static str,
    body: impl Into<Bytes>,
) -> Response<ResponseBody> {
    let mut response = Response::new(Full::new(body.into()).boxed_unsync());
    *response.status_mut() =
        StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache, private"));
    response
}

/// A refusal.
pub(crate) fn refusal(status: &Status) -> Response<ResponseBody> {
    let mut response = full(
        status.code,
        "application/json",
        status.to_value().to_string(),
    );
    let retry = status
        .details
        .as_ref()
        .and_then(|details| details.retry_after_seconds);
    if let Some(seconds) = retry {
        response
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// A document.
pub(crate) fn document(code: u16, shaped: Shaped, writing: Writing) -> Response<ResponseBody> {
    match (shaped, writing.encoding) {
        (Shaped::Json(bytes), Encoding::Json) if !writing.pretty => {
            full(code, "application/json", bytes)
        }
        (shaped, encoding) => {
            let tree = match shaped {
                Shaped::Tree(tree) => tree,
                Shaped::Json(bytes) => serde_json::from_slice(&bytes).unwrap_or(Value::Null),
            };
            match encoding {
                Encoding::Yaml => full(code, "application/yaml", crate::yaml::emit(&tree)),
                Encoding::Json if writing.pretty => {
                    full(code, "application/json", format!("{tree:#}\n"))
                }
                Encoding::Json => full(code, "application/json", tree.to_string()),
            }
        }
    }
}

/// A response that may be kept by its tag.
pub(crate) fn tagged(
    content_type: &'static str,
    body: Bytes,
    tag: &str,
    asked: Option<&str>,
) -> Response<ResponseBody> {
    let quoted = format!("\"{tag}\"");
    let known = asked.is_some_and(|asked| asked.split(',').any(|one| one.trim() == quoted));
    let mut response = if known {
        full(304, content_type, Bytes::new())
    } else {
        full(200, content_type, body)
    };
    if let Ok(value) = HeaderValue::from_str(&quoted) {
        response.headers_mut().insert(ETAG, value);
    }
    response
}

/// Adds the warnings of an outcome as headers (RFC 7234, code 299).
pub(crate) fn warn(response: &mut Response<ResponseBody>, warnings: &[String]) {
    for warning in warnings {
        let text: String = warning
            .chars()
            .filter(|character| !character.is_control())
            .flat_map(|character| {
                let escape = matches!(character, '"' | '\\').then_some('\\');
                escape.into_iter().chain(std::iter::once(character))
            })
            .collect();
        if let Ok(value) = HeaderValue::from_str(&format!("299 - \"{text}\"")) {
            response.headers_mut().append(WARNING, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_is_quoted() {
        let mut response = full(200, "text/plain", "");
        warn(&mut response, &["unknown field \"spec.a\"".to_owned()]);
        assert_eq!(
            response.headers().get(WARNING).unwrap(),
            "299 - \"unknown field \\\"spec.a\\\"\""
        );
    }

    #[test]
    fn a_known_tag_answers_without_a_body() {
        assert_eq!(
            tagged("text/plain", Bytes::new(), "x", Some("\"y\", \"x\"")).status(),
            304
        );
        assert_eq!(
            tagged("text/plain", Bytes::new(), "x", Some("\"y\"")).status(),
            200
        );
    }
}
