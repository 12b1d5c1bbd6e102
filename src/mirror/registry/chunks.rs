//! Uploads in chunks: for registries that take no whole blob, and for lines that do not hold for one.

use std::{ops::RangeInclusive, time::Duration};

use bytes::{Bytes, BytesMut};
use http::{
    HeaderMap, HeaderValue, Method,
    header::{CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, RANGE},
};
use jiff::Timestamp;
use reqwest::Url;
use tokio::time::sleep;

use super::{
    BlobStream, RegistryClient,
    call::Call,
    client::header,
    upload::{BlobPut, Failed, Next, Opened, closing, judge},
};
use crate::mirror::{MirrorError, auth::Scope};

/// Bytes per chunk, held in memory until the registry has them.
const CHUNK: u64 = 4 * 1024 * 1024;
/// A registry that wants larger ones than this is not served.
const CHUNK_MAX: u64 = 64 * 1024 * 1024;

impl RegistryClient {
    /// Sends an opened upload in chunks and ends it. A chunk that broke goes on where the registry says it is.
    pub(super) async fn put_in_chunks(
        &self,
        put: &BlobPut<'_>,
        opened: Opened,
        mut stream: BlobStream,
    ) -> Result<(), Failed> {
        let limit = opened.chunk_min.clamp(CHUNK, CHUNK_MAX);
        let mut location = opened.location;
        let mut begin = 0;
        let mut buffer = BytesMut::new();
        loop {
            let next = stream.next().await.map_err(judge)?;
            let at_end = next.is_none();
            if let Some(chunk) = next {
                buffer.extend_from_slice(&chunk);
            }
            if buffer.is_empty() && at_end {
                break;
            }
            if !at_end && (buffer.len() as u64) < limit {
                continue;
            }
            let chunk = buffer.split().freeze();
            put.flow.pass(chunk.len() as u64);
            let end = begin + chunk.len() as u64;
            location = self.put_chunk(put, location, begin, chunk).await?;
            begin = end;
            if at_end {
                break;
            }
        }
        let call = closing(put, location).header(CONTENT_LENGTH, HeaderValue::from_static("0"));
        let answer = self.attempt(&call).await;
        self.stored(put, &call, answer).await
    }

    /// Sends one chunk until the registry has all of it; returns where the upload goes on.
    async fn put_chunk(
        &self,
        put: &BlobPut<'_>,
        mut location: Url,
        mut begin: u64,
        mut chunk: Bytes,
    ) -> Result<Url, Failed> {
        let action = format!(
            "store a part of blob {} in {}",
            put.descriptor.digest, put.repository
        );
        let mut attempt = 1;
        while !chunk.is_empty() {
            let range = begin..=begin + chunk.len() as u64 - 1;
            let call = patch(put, &action, location.clone(), &range, chunk.clone());
            let (error, pause) = match self.attempt(&call).await {
                Ok(response) if response.status().is_success() => {
                    location = self
                        .location(&action, response.url(), response.headers())
                        .map_err(judge)?;
                    let has = received(response.headers()).unwrap_or(*range.end() + 1);
                    skip(&mut begin, &mut chunk, has).ok_or_else(|| {
                        judge(self.protocol(&action, "it claims to have more than was sent"))
                    })?;
                    continue;
                }
                Ok(response) => {
                    let pause = self.pause(attempt, &response);
                    (self.refused(&action, response).await, pause)
                }
                Err(error) => (error, None),
            };
            let pause = pause.or_else(|| self.patience().pause(attempt, None, Timestamp::now()));
            let Some(pause) = pause.filter(|_| may_go_on(&error)) else {
                return Err(judge(error));
            };
            sleep(pause.max(Duration::from_millis(1))).await;
            attempt += 1;
            // A lost session makes the whole upload begin anew.
            let Ok((now_at, has)) = self.upload_state(put, &action, &location).await else {
                return Err(Failed {
                    error,
                    next: Next::Again(None),
                });
            };
            location = now_at;
            if skip(&mut begin, &mut chunk, has).is_none() {
                return Err(Failed {
                    error,
                    next: Next::Again(None),
                });
            }
        }
        Ok(location)
    }

    /// Where an upload goes on, and how many bytes of it the registry has.
    async fn upload_state(
        &self,
        put: &BlobPut<'_>,
        action: &str,
        location: &Url,
    ) -> Result<(Url, u64), MirrorError> {
        let scope = Scope::push(put.repository);
        let call = Call::new(Method::GET, location.clone(), scope, action);
        let response = self.send(&call).await?;
        let has = received(response.headers()).unwrap_or(0);
        let location = match self.location(action, response.url(), response.headers()) {
            Ok(location) => location,
            Err(_) => location.clone(),
        };
        Ok((location, has))
    }
}

fn patch(
    put: &BlobPut<'_>,
    action: &str,
    location: Url,
    range: &RangeInclusive<u64>,
    chunk: Bytes,
) -> Call {
    let number =
        |text: String| HeaderValue::from_str(&text).expect("invariant: digits make a header");
    Call::new(Method::PATCH, location, Scope::push(put.repository), action)
        .header(
            CONTENT_TYPE,
            HeaderValue::from_static("application/octet-stream"),
        )
        .header(CONTENT_LENGTH, number(chunk.len().to_string()))
        .header(
            CONTENT_RANGE,
            number(format!("{}-{}", range.start(), range.end())),
        )
        .body(chunk)
}

/// Bytes that a registry has, from `Range: 0-41`. Nothing and one byte both look like `0-0`; nothing is meant,
/// because chunks are larger.
fn received(headers: &HeaderMap) -> Option<u64> {
    let text = header(headers, RANGE.as_str())?;
    let text = text.strip_prefix("bytes=").unwrap_or(text);
    let last: u64 = text.split_once('-')?.1.trim().parse().ok()?;
    Some(if last == 0 { 0 } else { last + 1 })
}

/// Leaves out of a chunk what the registry has, if that is consistent with what it was sent.
fn skip(begin: &mut u64, chunk: &mut Bytes, has: u64) -> Option<()> {
    let done = has.checked_sub(*begin)?;
    let done = usize::try_from(done)
        .ok()
        .filter(|done| *done <= chunk.len())?;
    drop(chunk.split_to(done));
    *begin = has;
    Some(())
}

fn may_go_on(error: &MirrorError) -> bool {
    match error {
        MirrorError::Refused { status, .. } => {
            super::patience::is_transient(*status)
                || *status == http::StatusCode::RANGE_NOT_SATISFIABLE
        }
        error => RegistryClient::may_pass(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registry_decides_where_a_chunk_goes_on() {
        let sent = || (100, Bytes::from(vec![0; 50]));
        for (has, left) in [
            (100, Some(50)),
            (120, Some(30)),
            (150, Some(0)),
            (99, None),
            (151, None),
        ] {
            let (mut begin, mut chunk) = sent();
            let done = skip(&mut begin, &mut chunk, has);
            assert_eq!(done.map(|()| chunk.len()), left, "{has}");
            assert!(left.is_none() || begin == has);
        }
    }

    #[test]
    fn ranges_of_uploads_have_no_unit_or_one() {
        for (text, has) in [
            ("0-41", Some(42)),
            ("bytes=0-41", Some(42)),
            ("0-0", Some(0)),
            ("x", None),
        ] {
            let headers = HeaderMap::from_iter([(RANGE, text.parse().unwrap())]);
            assert_eq!(received(&headers), has, "{text}");
        }
    }
}
