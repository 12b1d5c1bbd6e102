//! One request to a registry, which can be sent again.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use reqwest::Url;

use crate::mirror::auth::Scope;

/// A request without a streamed body.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Option<Bytes>,
    pub(super) scope: Scope,
    /// What it is for, as a verb: `look for blob …`.
    pub(super) action: String,
    /// Whether the answer is a stream of content, which has limits of its own.
    pub(super) is_stream: bool,
}

impl Call {
    pub(super) fn new(method: Method, url: Url, scope: Scope, action: impl Into<String>) -> Self {
        Self {
            method,
            url,
            headers: HeaderMap::new(),
            body: None,
            scope,
            action: action.into(),
            is_stream: false,
        }
    }

    pub(super) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    pub(super) fn body(mut self, body: Bytes) -> Self {
        self.body = Some(body);
        self
    }

    pub(super) fn stream(mut self) -> Self {
        self.is_stream = true;
        self
    }
}
