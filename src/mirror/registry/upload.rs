//! Storing blobs: whole and streamed, in chunks where a registry or a line cannot take them whole.

use std::{path::Path, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::stream::try_unfold;
use http::{
    HeaderValue, Method, StatusCode,
    header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE},
};
use jiff::Timestamp;
use reqwest::{Body, Response, Url};
use tokio::time::sleep;

use super::{
    BlobSource, BlobStream, Flow, RegistryClient, call::Call, client::header, patience,
    upload_watch::UploadWatch,
};
use crate::mirror::{Descriptor, Digest, MirrorError, auth::Scope};

/// Content up to this size is held in memory while it is stored; everything larger is streamed.
pub(in crate::mirror) const SMALL: u64 = 512 * 1024;
const OCTETS: HeaderValue = HeaderValue::from_static("application/octet-stream");

/// Whether content had to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// The registry has it now.
    Sent,
    /// The registry had it.
    Found,
    /// Another repository of the registry had it, and shares it now.
    Mounted,
}

/// A blob to store.
#[derive(Debug)]
pub(in crate::mirror) struct BlobPut<'a> {
    pub(in crate::mirror) repository: &'a str,
    pub(in crate::mirror) descriptor: &'a Descriptor,
    pub(in crate::mirror) source: &'a BlobSource,
    pub(in crate::mirror) whereabouts: Whereabouts<'a>,
    pub(in crate::mirror) flow: &'a Arc<Flow>,
}

/// What is known of a blob at the registry that it goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::mirror) enum Whereabouts<'a> {
    /// The repository does not have it.
    Missing,
    /// Nobody looked. The registry is asked to mount it from the repository itself: that opens an upload where it is
    /// missing, so that one request does for two. For small content: it is read in vain where the registry has it,
    /// and stored once more where the registry does not know mounting.
    Unseen,
    /// This other repository of the registry is believed to have it.
    At(&'a str),
}

/// An upload that a registry waits for.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) location: Url,
    /// The smallest chunk that the registry takes.
    pub(super) chunk_min: u64,
}

enum Begun {
    Mounted,
    Opened(Opened),
}

/// What to do after an attempt that failed.
pub(super) enum Next {
    /// Nothing helps.
    GiveUp,
    /// Try again as before, after a pause that the registry may have asked for.
    Again(Option<Duration>),
    /// Try again in chunks.
    InChunks,
}

pub(super) struct Failed {
    pub(super) error: MirrorError,
    pub(super) next: Next,
}

impl RegistryClient {
    /// Stores bytes as a blob, unless the repository has it.
    pub async fn put_bytes(&self, repository: &str, bytes: Bytes) -> Result<Existing, MirrorError> {
        let descriptor = Descriptor {
            media_type: String::new(),
            digest: Digest::of(&bytes),
            size: bytes.len() as u64,
        };
        self.put_missing(repository, &descriptor, &BlobSource::Memory(bytes))
            .await
    }

    /// Stores a file as a blob, unless the repository has it. The file is streamed.
    pub async fn put_file(
        &self,
        repository: &str,
        descriptor: &Descriptor,
        path: &Path,
    ) -> Result<Existing, MirrorError> {
        let source = BlobSource::File(path.to_owned());
        self.put_missing(repository, descriptor, &source).await
    }

    async fn put_missing(
        &self,
        repository: &str,
        descriptor: &Descriptor,
        source: &BlobSource,
    ) -> Result<Existing, MirrorError> {
        if self.has_blob(repository, &descriptor.digest).await? {
            return Ok(Existing::Found);
        }
        let put = BlobPut {
            repository,
            descriptor,
            source,
            whereabouts: Whereabouts::Missing,
            flow: &Arc::default(),
        };
        self.put_blob(&put).await
    }

    /// Stores a blob, without looking for it in a request of its own.
    pub(in crate::mirror) async fn put_blob(
        &self,
        put: &BlobPut<'_>,
    ) -> Result<Existing, MirrorError> {
        let _place = match put.descriptor.size {
            0..=SMALL => self.limits().small().await,
            _ => self.limits().writing().await,
        };
        let mut attempt = 1;
        let mut in_chunks = false;
        let mut whereabouts = put.whereabouts;
        loop {
            let flow = Arc::new(Flow::within(put.flow));
            let once = BlobPut {
                flow: &flow,
                whereabouts,
                ..*put
            };
            let failed = match self.put_once(&once, in_chunks).await {
                Ok(existing) => return Ok(existing),
                Err(failed) => failed,
            };
            whereabouts = Whereabouts::Missing;
            put.flow.waste(flow.passed());
            let pause = match failed.next {
                Next::GiveUp => None,
                // What is wrong here stays wrong.
                Next::Again(_) if put.source.is_local() && is_digest(&failed.error) => None,
                Next::InChunks if in_chunks => None,
                Next::InChunks => {
                    in_chunks = true;
                    Some(Duration::ZERO)
                }
                Next::Again(asked) => {
                    // A line that breaks twice in a stream may hold for the length of a chunk.
                    in_chunks |= attempt >= 2 && put.descriptor.size > SMALL;
                    let usual = self.patience().pause(attempt, None, Timestamp::now());
                    usual.map(|usual| asked.unwrap_or(usual))
                }
            };
            let Some(pause) = pause else {
                return Err(failed.error);
            };
            tracing::debug!(registry = self.name(), error = %failed.error, in_chunks, "storing again");
            sleep(pause).await;
            attempt += 1;
        }
    }

    async fn put_once(&self, put: &BlobPut<'_>, in_chunks: bool) -> Result<Existing, Failed> {
        let is_small = put.descriptor.size <= SMALL;
        let read = async || {
            let stream = put.source.open(put.descriptor).await?;
            Content::of(stream, is_small && !in_chunks).await
        };
        let (existing, mount_from) = match put.whereabouts {
            Whereabouts::Missing => (Existing::Sent, None),
            Whereabouts::Unseen => (Existing::Found, Some(put.repository)),
            Whereabouts::At(other) => (Existing::Mounted, Some(other)),
        };
        let (begun, content) = if let Whereabouts::At(_) = put.whereabouts {
            // Only an answer tells whether anything has to be read.
            (self.begin(put, mount_from).await, None)
        } else {
            let (begun, content) = tokio::join!(self.begin(put, mount_from), read());
            (begun, Some(content))
        };
        let opened = match begun.map_err(judge)? {
            Begun::Mounted => return Ok(existing),
            Begun::Opened(opened) => opened,
        };
        self.upload_began(&opened.location, put.repository);
        let content = match content {
            Some(content) => content,
            None => read().await,
        };
        let begun_at = opened.location.clone();
        let stored = match content {
            Err(error) => Err(judge(error)),
            Ok(Content::Whole(bytes)) => self.put_whole(put, opened.location, bytes).await,
            Ok(Content::Stream(stream)) if in_chunks => {
                self.put_in_chunks(put, opened, *stream).await
            }
            Ok(Content::Stream(stream)) => self.put_stream(put, opened.location, *stream).await,
        };
        match stored {
            Ok(()) => {
                self.upload_ended(&begun_at);
                Ok(Existing::Sent)
            }
            Err(failed) => {
                self.cancel(begun_at, put.repository).await;
                Err(failed)
            }
        }
    }

    /// Opens an upload, or has the blob shared by another repository.
    async fn begin(
        &self,
        put: &BlobPut<'_>,
        mount_from: Option<&str>,
    ) -> Result<Begun, MirrorError> {
        let digest = &put.descriptor.digest;
        let action = format!("store blob {digest} in {}", put.repository);
        let mut url = self.url(&format!("/v2/{}/blobs/uploads/", put.repository));
        let scope = if let Some(from) = mount_from {
            url.query_pairs_mut()
                .append_pair("mount", &digest.to_string())
                .append_pair("from", from);
            Scope::mount(put.repository, from)
        } else {
            if digest.algorithm() != "sha256" {
                url.query_pairs_mut()
                    .append_pair("digest-algorithm", digest.algorithm());
            }
            Scope::push(put.repository)
        };
        let call = Call::new(Method::POST, url, scope, action)
            .header(CONTENT_LENGTH, HeaderValue::from_static("0"));
        let response = match self.send(&call).await {
            Ok(response) => response,
            // Whoever may not read there, or knows no mounting, can still upload.
            Err(MirrorError::Refused { .. } | MirrorError::Unauthorized { .. })
                if mount_from.is_some() =>
            {
                return Box::pin(self.begin(put, None)).await;
            }
            Err(error) => return Err(error),
        };
        if response.status() == StatusCode::CREATED && mount_from.is_some() {
            self.check_digest(&call.action, response.headers(), digest)?;
            return Ok(Begun::Mounted);
        }
        let location = self.location(&call.action, response.url(), response.headers())?;
        let chunk_min = header(response.headers(), "oci-chunk-min-length")
            .and_then(|text| text.parse().ok())
            .unwrap_or(0);
        Ok(Begun::Opened(Opened {
            location,
            chunk_min,
        }))
    }

    async fn put_whole(
        &self,
        put: &BlobPut<'_>,
        location: Url,
        bytes: Bytes,
    ) -> Result<(), Failed> {
        put.flow.pass(bytes.len() as u64);
        let call = closing(put, location).body(bytes);
        let answer = self.attempt(&call).await;
        self.stored(put, &call, answer).await
    }

    async fn put_stream(
        &self,
        put: &BlobPut<'_>,
        location: Url,
        stream: BlobStream,
    ) -> Result<(), Failed> {
        let call = closing(put, location);
        let (size, watch) = (put.descriptor.size, Arc::new(UploadWatch::new()));
        let flow = Arc::clone(put.flow);
        let begin = (stream, Arc::clone(&watch), flow);
        let body = try_unfold(begin, async |(mut stream, watch, flow)| {
            match watch.fetch(stream.next()).await {
                Some(chunk) => {
                    flow.pass(chunk.len() as u64);
                    Ok(Some((chunk, (stream, watch, flow))))
                }
                None if watch.failed() => Err(std::io::Error::other("the source failed")),
                None => Ok(None),
            }
        });
        let sent = async {
            let authorization = self.authorization(&call, &call.url).await?;
            self.limits().held_back().await;
            let mut request = self
                .request(&call.action, Method::PUT, &call.url)?
                .headers(call.headers.clone())
                .header(CONTENT_LENGTH, size)
                .body(Body::wrap_stream(Box::pin(body)));
            if let Some(authorization) = &authorization {
                request = request.header(AUTHORIZATION, authorization.clone());
            }
            let response = tokio::select! {
                answer = request.send() => {
                    answer.map_err(|source| self.transport(&call.action, source))?
                }
                after = watch.stalls(self.patience()) => {
                    return Err(self.stalled(&call.action, after));
                }
            };
            if response.status() == StatusCode::UNAUTHORIZED {
                // The body is gone, so it is tried again from the beginning with what was learnt here.
                let scope = Scope::push(put.repository);
                self.challenged(&call.action, &scope, &response, authorization.as_ref())
                    .await?;
            }
            Ok(response)
        };
        let answer = sent.await;
        // What the source said explains the broken connection better than the connection.
        if let Some(error) = watch.take_error() {
            return Err(judge(error));
        }
        self.stored(put, &call, answer).await
    }

    /// Whether the answer to the end of an upload says that the blob is there.
    pub(super) async fn stored(
        &self,
        put: &BlobPut<'_>,
        call: &Call,
        answer: Result<Response, MirrorError>,
    ) -> Result<(), Failed> {
        let response = answer.map_err(judge)?;
        if response.status().is_success() {
            return self
                .check_digest(&call.action, response.headers(), &put.descriptor.digest)
                .map_err(|error| Failed {
                    error,
                    next: Next::GiveUp,
                });
        }
        let asked = patience::is_transient(response.status())
            .then(|| self.pause(1, &response))
            .flatten();
        let mut failed = judge(self.refused(&call.action, response).await);
        if let (Next::Again(pause), Some(asked)) = (&mut failed.next, asked) {
            *pause = Some(asked);
        }
        Err(failed)
    }
}

/// The request that ends an upload.
pub(super) fn closing(put: &BlobPut<'_>, mut location: Url) -> Call {
    let digest = &put.descriptor.digest;
    location
        .query_pairs_mut()
        .append_pair("digest", &digest.to_string());
    let action = format!("store blob {digest} in {}", put.repository);
    Call::new(Method::PUT, location, Scope::push(put.repository), action)
        .header(CONTENT_TYPE, OCTETS)
}

/// What helps after an error: nothing, time, or smaller pieces.
pub(super) fn judge(error: MirrorError) -> Failed {
    let next = match &error {
        MirrorError::Transport { .. }
        | MirrorError::Stalled { .. }
        | MirrorError::Truncated { .. }
        | MirrorError::DigestDiffers { .. } => Next::Again(None),
        MirrorError::Refused { status, body, .. } => match *status {
            StatusCode::METHOD_NOT_ALLOWED
            | StatusCode::LENGTH_REQUIRED
            | StatusCode::PAYLOAD_TOO_LARGE
            | StatusCode::UNSUPPORTED_MEDIA_TYPE
            | StatusCode::NOT_IMPLEMENTED => Next::InChunks,
            // A token that ended on the way, or a session that the registry lost.
            StatusCode::UNAUTHORIZED
            | StatusCode::NOT_FOUND
            | StatusCode::RANGE_NOT_SATISFIABLE => Next::Again(None),
            StatusCode::BAD_REQUEST if is_damage(body) => Next::Again(None),
            status if patience::is_transient(status) => Next::Again(None),
            _ => Next::GiveUp,
        },
        _ => Next::GiveUp,
    };
    Failed { error, next }
}

fn is_digest(error: &MirrorError) -> bool {
    matches!(error, MirrorError::DigestDiffers { .. })
}

/// Whether a registry got other bytes than we sent, which is the line's fault.
fn is_damage(body: &str) -> bool {
    ["DIGEST_INVALID", "SIZE_INVALID", "BLOB_UPLOAD"]
        .iter()
        .any(|code| body.contains(code))
}

enum Content {
    Whole(Bytes),
    Stream(Box<BlobStream>),
}

impl Content {
    async fn of(stream: BlobStream, whole: bool) -> Result<Self, MirrorError> {
        if whole {
            stream.collect().await.map(Self::Whole)
        } else {
            Ok(Self::Stream(Box::new(stream)))
        }
    }
}
