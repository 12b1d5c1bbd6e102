//! The push and pull side of the OCI distribution specification, one repository request at a time.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use bytes::Bytes;
use http::{
    HeaderMap, Method, StatusCode,
    header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, LOCATION},
};
use reqwest::{Body, Client, Response, Url};
use tokio::{fs::File, time::sleep};
use tokio_util::io::ReaderStream;

use super::{Descriptor, Digest, MirrorError, media_type, retry};
use crate::net::HostPort;

/// Time to connect, and for a registry to begin its answer.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const READ_TIMEOUT: Duration = Duration::from_secs(60);
/// What a registry must be expected to accept; nothing larger is read.
const MAX_MANIFEST: u64 = 8 * 1024 * 1024;
const CONTENT_DIGEST: &str = "docker-content-digest";

/// Where a registry is reached, which need not be where its references say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    scheme: &'static str,
    address: HostPort,
}

impl Endpoint {
    /// A registry without TLS: one of ours, on a loopback or unique local address.
    pub fn plain_http(address: HostPort) -> Self {
        Self {
            scheme: "http",
            address,
        }
    }

    /// A registry behind TLS.
    pub fn https(address: HostPort) -> Self {
        Self {
            scheme: "https",
            address,
        }
    }
}

/// Whether content had to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// The registry has it now.
    Sent,
    /// The registry had it.
    Found,
}

/// Content that can be sent again when an attempt fails.
#[derive(Debug, Clone)]
enum Content {
    Memory(Bytes),
    File(PathBuf),
}

/// A client of one registry.
#[derive(Debug, Clone)]
pub struct RegistryClient {
    http: Client,
    base: Url,
    registry: String,
}

impl RegistryClient {
    /// A client that never goes through a proxy.
    ///
    /// # Errors
    ///
    /// [`MirrorError::Transport`] if TLS cannot be set up.
    pub fn new(endpoint: &Endpoint) -> Result<Self, MirrorError> {
        // Fails if a provider is installed already, which is all that is needed.
        drop(rustls::crypto::ring::default_provider().install_default());
        let registry = endpoint.address.to_string();
        let transport = |source| MirrorError::Transport {
            action: "prepare requests".to_owned(),
            registry: registry.clone(),
            source: Box::new(source),
        };
        let http = Client::builder()
            .no_proxy()
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(READ_TIMEOUT)
            .build()
            .map_err(transport)?;
        let base = Url::parse(&endpoint.address.url(endpoint.scheme))
            .expect("invariant: a scheme, a host and a port make a URL");
        Ok(Self {
            http,
            base,
            registry,
        })
    }

    /// Whether the registry answers at all.
    pub async fn ping(&self) -> Result<(), MirrorError> {
        let url = self.url("/v2/");
        self.send("reach /v2/", || async { Ok(self.http.get(url.clone())) })
            .await
            .map(drop)
    }

    /// Whether a repository has a blob.
    pub async fn has_blob(&self, repository: &str, digest: &Digest) -> Result<bool, MirrorError> {
        let url = self.url(&format!("/v2/{repository}/blobs/{digest}"));
        let action = format!("look for blob {digest}");
        self.exists(&action, self.http.head(url)).await
    }

    /// The digest of a manifest, if the repository has it under this tag or digest.
    pub async fn manifest_digest(
        &self,
        repository: &str,
        reference: &str,
    ) -> Result<Option<Digest>, MirrorError> {
        match self.manifest(repository, reference).await? {
            Some((bytes, _)) => Ok(Some(Digest::of(&bytes))),
            None => Ok(None),
        }
    }

    /// The bytes and the media type of a manifest.
    pub async fn manifest(
        &self,
        repository: &str,
        reference: &str,
    ) -> Result<Option<(Bytes, String)>, MirrorError> {
        let url = self.url(&format!("/v2/{repository}/manifests/{reference}"));
        let action = format!("read manifest {repository}:{reference}");
        let request = || async {
            Ok(self
                .http
                .get(url.clone())
                .header(ACCEPT, media_type::ACCEPT))
        };
        let response = match self.send(&action, request).await {
            Ok(response) => response,
            Err(MirrorError::Refused {
                status: StatusCode::NOT_FOUND,
                ..
            }) => return Ok(None),
            Err(error) => return Err(error),
        };
        if response
            .content_length()
            .is_some_and(|length| length > MAX_MANIFEST)
        {
            return Err(self.protocol(&action, "the manifest is larger than 8 MiB"));
        }
        let kind = header(response.headers(), CONTENT_TYPE.as_str())
            .unwrap_or_default()
            .split(';')
            .next()
            .unwrap_or_default()
            .to_owned();
        let bytes = response
            .bytes()
            .await
            .map_err(|source| self.transport(&action, source))?;
        if let Ok(wanted) = reference.parse::<Digest>() {
            let found = Digest::of(&bytes);
            if wanted.algorithm() == found.algorithm() && wanted != found {
                return Err(MirrorError::DigestDiffers {
                    what: action,
                    found,
                    wanted,
                });
            }
        }
        Ok(Some((bytes, kind)))
    }

    /// Stores bytes as a blob, unless the repository has it.
    pub async fn put_bytes(&self, repository: &str, bytes: Bytes) -> Result<Existing, MirrorError> {
        let digest = Digest::of(&bytes);
        let size = bytes.len() as u64;
        self.put_blob(repository, &digest, size, Content::Memory(bytes))
            .await
    }

    /// Stores a file as a blob, unless the repository has it. The file is streamed.
    pub async fn put_file(
        &self,
        repository: &str,
        descriptor: &Descriptor,
        path: &Path,
    ) -> Result<Existing, MirrorError> {
        let content = Content::File(path.to_owned());
        self.put_blob(repository, &descriptor.digest, descriptor.size, content)
            .await
    }

    async fn put_blob(
        &self,
        repository: &str,
        digest: &Digest,
        size: u64,
        content: Content,
    ) -> Result<Existing, MirrorError> {
        if self.has_blob(repository, digest).await? {
            return Ok(Existing::Found);
        }
        let action = format!("store blob {digest} in {repository}");
        let start = self.url(&format!("/v2/{repository}/blobs/uploads/"));
        // A session that broke cannot be used again, so every attempt opens its own.
        let request = || async {
            let opening = || async { Ok(self.http.post(start.clone()).header(CONTENT_LENGTH, 0)) };
            let opened = self.send(&action, opening).await?;
            let mut target = self.location(&action, &opened)?;
            target
                .query_pairs_mut()
                .append_pair("digest", &digest.to_string());
            let body = match &content {
                Content::Memory(bytes) => Body::from(bytes.clone()),
                Content::File(path) => {
                    let file = File::open(path).await.map_err(|source| MirrorError::File {
                        path: path.clone(),
                        source,
                    })?;
                    Body::wrap_stream(ReaderStream::with_capacity(file, 256 * 1024))
                }
            };
            Ok(self
                .http
                .request(Method::PUT, target)
                .header(CONTENT_LENGTH, size)
                .header(CONTENT_TYPE, "application/octet-stream")
                .body(body))
        };
        let stored = self.send(&action, request).await?;
        self.check_digest(&action, stored.headers(), digest)?;
        Ok(Existing::Sent)
    }

    /// Stores a manifest under a tag or its digest; its parts must be there.
    pub async fn put_manifest(
        &self,
        repository: &str,
        reference: &str,
        kind: &str,
        bytes: Bytes,
    ) -> Result<Digest, MirrorError> {
        let digest = Digest::of(&bytes);
        let url = self.url(&format!("/v2/{repository}/manifests/{reference}"));
        let action = format!("store manifest {repository}:{reference}");
        let request = || async {
            Ok(self
                .http
                .put(url.clone())
                .header(CONTENT_TYPE, kind)
                .body(bytes.clone()))
        };
        let stored = self.send(&action, request).await?;
        self.check_digest(&action, stored.headers(), &digest)?;
        Ok(digest)
    }

    async fn exists(
        &self,
        action: &str,
        request: reqwest::RequestBuilder,
    ) -> Result<bool, MirrorError> {
        let again = || async {
            Ok(request
                .try_clone()
                .expect("invariant: a request without body can be repeated"))
        };
        match self.send(action, again).await {
            Ok(_) => Ok(true),
            Err(MirrorError::Refused {
                status: StatusCode::NOT_FOUND,
                ..
            }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Sends a request until it succeeds, is refused for good, or patience ends.
    async fn send<F>(
        &self,
        action: &str,
        mut request: impl FnMut() -> F,
    ) -> Result<Response, MirrorError>
    where
        F: Future<Output = Result<reqwest::RequestBuilder, MirrorError>>,
    {
        let mut attempt = 1;
        loop {
            let (error, pause) = match request().await?.send().await {
                Ok(response) if response.status().is_success() => return Ok(response),
                Ok(response) => {
                    let pause = retry::is_transient(response.status())
                        .then(|| retry::pause(attempt, Some(response.headers())))
                        .flatten();
                    (self.refused(action, response).await, pause)
                }
                Err(source) => (self.transport(action, source), retry::pause(attempt, None)),
            };
            let Some(pause) = pause.filter(|_| attempt < retry::ATTEMPTS) else {
                return Err(error);
            };
            sleep(pause).await;
            attempt += 1;
        }
    }

    /// Where an upload goes on: absolute or relative, with or without a query.
    fn location(&self, action: &str, response: &Response) -> Result<Url, MirrorError> {
        let text = header(response.headers(), LOCATION.as_str())
            .ok_or_else(|| self.protocol(action, "the answer has no Location"))?;
        let target = response
            .url()
            .join(text)
            .map_err(|_| self.protocol(action, "the Location is no URL"))?;
        if self.base.scheme() == "https" && target.scheme() != "https" {
            return Err(self.protocol(action, "the Location leads from https to http"));
        }
        Ok(target)
    }

    fn check_digest(
        &self,
        action: &str,
        headers: &HeaderMap,
        wanted: &Digest,
    ) -> Result<(), MirrorError> {
        let Some(text) = header(headers, CONTENT_DIGEST) else {
            return Ok(());
        };
        let found: Digest = text
            .parse()
            .map_err(|_| self.protocol(action, "the digest in the answer is none"))?;
        if found.algorithm() != wanted.algorithm() || found == *wanted {
            return Ok(());
        }
        let what = format!("what {} stored", self.registry);
        Err(MirrorError::DigestDiffers {
            what,
            found,
            wanted: wanted.clone(),
        })
    }

    fn url(&self, path: &str) -> Url {
        self.base
            .join(path)
            .expect("invariant: checked names make a URL path")
    }

    fn transport(&self, action: &str, source: reqwest::Error) -> MirrorError {
        MirrorError::Transport {
            action: action.to_owned(),
            registry: self.registry.clone(),
            source: Box::new(source),
        }
    }

    async fn refused(&self, action: &str, response: Response) -> MirrorError {
        let status = response.status();
        let body = response.text().await.unwrap_or_default();
        MirrorError::Refused {
            action: action.to_owned(),
            registry: self.registry.clone(),
            status,
            body: body.trim().chars().take(500).collect(),
        }
    }

    fn protocol(&self, action: &str, reason: &str) -> MirrorError {
        MirrorError::Protocol {
            action: action.to_owned(),
            registry: self.registry.clone(),
            reason: reason.to_owned(),
        }
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
