//! The body of a watch: newline-separated JSON events in a chunked body that ends cleanly.

use std::convert::Infallible;

use bytes::Bytes;
use futures_util::StreamExt as _;
use http::Response;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::Frame;
use jiff::Timestamp;

use super::negotiate::Shape;
use super::query::IncludeObject;
use super::respond::ResponseBody;
use super::shape::partial_metadata;
use super::table::Tables;
use crate::cluster::embedded::watch::{EventType, WatchEvent, WatchStream};

/// Answers a watch.
pub(crate) fn response(
    stream: WatchStream,
    shape: Shape,
    include: IncludeObject,
) -> Response<ResponseBody> {
    let mut lines = Lines {
        tables: (shape == Shape::Table).then(|| Tables::new(stream.kind(), include)),
        metadata: shape == Shape::Metadata,
        first: true,
    };
    let frames = stream.map(move |event| Ok::<_, Infallible>(Frame::data(lines.line(&event))));
    let mut response = Response::new(StreamBody::new(frames).boxed_unsync());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache, private"));
    response
}

struct Lines {
    tables: Option<Tables>,
    metadata: bool,
    first: bool,
}

impl Lines {
    fn line(&mut self, event: &WatchEvent) -> Bytes {
        let object = event.object.value();
        let tree = match (event.event_type, &self.tables) {
            (EventType::Error, _) => None,
            (_, Some(tables)) => {
                let first = std::mem::replace(&mut self.first, false);
                Some(tables.of_event(object, first, Timestamp::now()))
            }
            (_, None) => self.metadata.then(|| partial_metadata(object)),
        };
        let object = tree.map_or_else(|| event.object.bytes(), |tree| tree.to_string().into());
        let mut line = Vec::with_capacity(object.len() + 40);
        line.extend_from_slice(b"{\"type\":\"");
        line.extend_from_slice(event.event_type.as_str().as_bytes());
        line.extend_from_slice(b"\",\"object\":");
        line.extend_from_slice(&object);
        line.extend_from_slice(b"}\n");
        line.into()
    }
}
