//! Manifests: looked at for nothing, read whole, stored byte for byte.

use bytes::{Bytes, BytesMut};
use http::{
    HeaderMap, HeaderValue, Method, StatusCode,
    header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE},
};
use reqwest::Response;
use tokio::time::timeout;

use super::{RegistryClient, call::Call, client::header};
use crate::mirror::{Digest, FetchedManifest, MirrorError, auth::Scope, media_type};

/// What a registry must be expected to accept is half of it; nothing larger is read.
const MAX_MANIFEST: u64 = 8 * 1024 * 1024;
pub(super) const CONTENT_DIGEST: &str = "docker-content-digest";
const SUBJECT: &str = "oci-subject";

/// What a registry says of a manifest without sending it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestHead {
    /// Its digest; some registries do not say.
    pub digest: Option<Digest>,
    /// Its media type.
    pub media_type: String,
    /// Its size in bytes, if said.
    pub size: Option<u64>,
}

/// What came of storing a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredManifest {
    /// Its digest.
    pub digest: Digest,
    /// Whether the registry itself keeps account of what the manifest is about (`OCI-Subject`).
    pub keeps_referrers: bool,
}

impl RegistryClient {
    /// Looks at a manifest; this counts as a pull nowhere.
    pub async fn head_manifest(
        &self,
        repository: &str,
        reference: &str,
    ) -> Result<Option<ManifestHead>, MirrorError> {
        let action = format!("look for manifest {repository}:{reference}");
        let call = self.manifest_call(Method::HEAD, repository, reference, &action);
        let response = match self.send(&call).await {
            Ok(response) => response,
            Err(error) if error.status() == Some(StatusCode::NOT_FOUND) => return Ok(None),
            Err(error) if error.status() == Some(StatusCode::METHOD_NOT_ALLOWED) => {
                let read = self.manifest(repository, reference).await?;
                return Ok(read.map(|(bytes, media_type)| ManifestHead {
                    digest: Some(Digest::of(&bytes)),
                    media_type,
                    size: Some(bytes.len() as u64),
                }));
            }
            Err(error) => return Err(error),
        };
        let headers = response.headers();
        Ok(Some(ManifestHead {
            digest: header(headers, CONTENT_DIGEST).and_then(|text| text.parse().ok()),
            media_type: content_type(headers),
            size: header(headers, CONTENT_LENGTH.as_str()).and_then(|text| text.parse().ok()),
        }))
    }

    /// The digest of a manifest, if the repository has it under this tag or digest.
    pub async fn manifest_digest(
        &self,
        repository: &str,
        reference: &str,
    ) -> Result<Option<Digest>, MirrorError> {
        match self.head_manifest(repository, reference).await? {
            None => Ok(None),
            Some(ManifestHead {
                digest: Some(digest),
                ..
            }) => Ok(Some(digest)),
            Some(_) => {
                let read = self.manifest(repository, reference).await?;
                Ok(read.map(|(bytes, _)| Digest::of(&bytes)))
            }
        }
    }

    /// The bytes and the media type of a manifest, verified if it was asked for by digest.
    pub async fn manifest(
        &self,
        repository: &str,
        reference: &str,
    ) -> Result<Option<(Bytes, String)>, MirrorError> {
        let action = format!("read manifest {repository}:{reference}");
        let call = self.manifest_call(Method::GET, repository, reference, &action);
        let mut attempt = 1;
        loop {
            let response = match self.send(&call).await {
                Ok(response) => response,
                Err(error) if error.status() == Some(StatusCode::NOT_FOUND) => return Ok(None),
                Err(error) => return Err(error),
            };
            let kind = content_type(response.headers());
            let error = match self.read_whole(&action, response).await {
                Ok(bytes) => match mismatch(&action, reference, &bytes) {
                    None => return Ok(Some((bytes, kind))),
                    Some(error) => error,
                },
                Err(error) => error,
            };
            // What came is not what was asked for; that may be the line's fault.
            let pause = self.patience().pause(attempt, None, jiff::Timestamp::now());
            match pause {
                Some(pause) if !matches!(error, MirrorError::Protocol { .. }) => {
                    tokio::time::sleep(pause).await;
                }
                _ => return Err(error),
            }
            attempt += 1;
        }
    }

    /// A manifest, read and understood.
    pub async fn fetch(
        &self,
        repository: &str,
        reference: &str,
    ) -> Result<Option<FetchedManifest>, MirrorError> {
        let Some((bytes, kind)) = self.manifest(repository, reference).await? else {
            return Ok(None);
        };
        let what = format!("{}/{repository}:{reference}", self.name());
        let wanted = reference.parse().ok();
        FetchedManifest::read(&what, bytes, &kind, wanted.as_ref()).map(Some)
    }

    /// Stores a manifest under a tag or its digest; its parts must be there.
    pub async fn put_manifest(
        &self,
        repository: &str,
        reference: &str,
        kind: &str,
        bytes: Bytes,
    ) -> Result<StoredManifest, MirrorError> {
        let digest = match reference.parse::<Digest>() {
            Ok(digest) => digest,
            Err(_) => Digest::of(&bytes),
        };
        let action = format!("store manifest {repository}:{reference}");
        let url = self.url(&format!("/v2/{repository}/manifests/{reference}"));
        let kind = HeaderValue::from_str(kind)
            .map_err(|_| self.protocol(&action, "its media type is no header"))?;
        let call = Call::new(Method::PUT, url, Scope::push(repository), action)
            .header(CONTENT_TYPE, kind)
            .body(bytes);
        let stored = self.send(&call).await?;
        self.check_digest(&call.action, stored.headers(), &digest)?;
        Ok(StoredManifest {
            digest,
            keeps_referrers: stored.headers().contains_key(SUBJECT),
        })
    }

    fn manifest_call(
        &self,
        method: Method,
        repository: &str,
        reference: &str,
        action: &str,
    ) -> Call {
        let url = self.url(&format!("/v2/{repository}/manifests/{reference}"));
        Call::new(method, url, Scope::pull(repository), action)
            .header(ACCEPT, HeaderValue::from_static(media_type::ACCEPT))
    }

    /// Reads an answer of limited size.
    pub(super) async fn read_whole(
        &self,
        action: &str,
        mut response: Response,
    ) -> Result<Bytes, MirrorError> {
        let told = response.content_length();
        let too_large = || self.protocol(action, "the answer is larger than 8 MiB");
        if told.is_some_and(|length| length > MAX_MANIFEST) {
            return Err(too_large());
        }
        let stall = self.patience().stall;
        let mut bytes = BytesMut::new();
        loop {
            let chunk = match timeout(stall, response.chunk()).await {
                Err(_) => return Err(self.stalled(action, stall)),
                Ok(Err(source)) => return Err(self.transport(action, source)),
                Ok(Ok(None)) => break,
                Ok(Ok(Some(chunk))) => chunk,
            };
            if (bytes.len() + chunk.len()) as u64 > MAX_MANIFEST {
                return Err(too_large());
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes.freeze())
    }

    /// Compares what a registry says that it stored.
    pub(super) fn check_digest(
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
        Err(MirrorError::DigestDiffers {
            what: format!("what {} stored", self.name()),
            found,
            wanted: wanted.clone(),
        })
    }
}

fn content_type(headers: &HeaderMap) -> String {
    let text = header(headers, CONTENT_TYPE.as_str()).unwrap_or_default();
    text.split(';').next().unwrap_or_default().trim().to_owned()
}

fn mismatch(action: &str, reference: &str, bytes: &Bytes) -> Option<MirrorError> {
    let wanted: Digest = reference.parse().ok()?;
    (!wanted.matches(bytes)).then(|| MirrorError::DigestDiffers {
        what: action.to_owned(),
        found: Digest::of(bytes),
        wanted,
    })
}
