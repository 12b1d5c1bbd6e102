//! Blobs: looked for, and opened for reading.

use bytes::Bytes;
use http::{
    HeaderValue, Method, StatusCode,
    header::{CONTENT_LENGTH, CONTENT_RANGE, RANGE},
};
use reqwest::Response;

use super::{BlobSource, RegistryClient, call::Call, client::header};
use crate::mirror::{Descriptor, Digest, MirrorError, auth::Scope};

/// What a registry says of a blob without sending it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlobHead {
    /// Its size in bytes, if said.
    pub size: Option<u64>,
}

/// A blob that is being sent, from some byte on.
#[derive(Debug)]
pub(super) struct OpenBlob {
    pub(super) response: Response,
    /// The first byte that comes.
    pub(super) begin: u64,
}

impl RegistryClient {
    /// Whether a repository has a blob.
    pub async fn has_blob(&self, repository: &str, digest: &Digest) -> Result<bool, MirrorError> {
        Ok(self.head_blob(repository, digest).await?.is_some())
    }

    /// Looks at a blob.
    pub async fn head_blob(
        &self,
        repository: &str,
        digest: &Digest,
    ) -> Result<Option<BlobHead>, MirrorError> {
        let url = self.url(&format!("/v2/{repository}/blobs/{digest}"));
        let action = format!("look for blob {digest} in {repository}");
        let call = Call::new(Method::HEAD, url, Scope::pull(repository), action);
        match self.send(&call).await {
            Ok(response) => Ok(Some(BlobHead {
                size: header(response.headers(), CONTENT_LENGTH.as_str())
                    .and_then(|text| text.parse().ok()),
            })),
            Err(error) if error.status() == Some(StatusCode::NOT_FOUND) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads all of a blob into memory, verified. For small blobs.
    pub async fn blob(
        &self,
        repository: &str,
        descriptor: &Descriptor,
    ) -> Result<Bytes, MirrorError> {
        let source = BlobSource::Registry {
            client: self.clone(),
            repository: repository.to_owned(),
        };
        source.open(descriptor).await?.collect().await
    }

    /// Opens a blob from a byte on; the registry may begin earlier, then it says so.
    pub(super) async fn open_blob(
        &self,
        repository: &str,
        digest: &Digest,
        begin: u64,
    ) -> Result<OpenBlob, MirrorError> {
        // The address of an earlier redirect is not kept: it is signed and ends.
        let url = self.url(&format!("/v2/{repository}/blobs/{digest}"));
        let action = format!("read blob {digest} of {repository}");
        let mut call = Call::new(Method::GET, url, Scope::pull(repository), action).stream();
        if begin > 0 {
            let range = HeaderValue::from_str(&format!("bytes={begin}-"))
                .expect("invariant: digits make a header");
            call = call.header(RANGE, range);
        }
        let response = match self.send(&call).await {
            Ok(response) => response,
            Err(error) if error.status() == Some(StatusCode::NOT_FOUND) => {
                return Err(MirrorError::Missing {
                    what: format!("blob {digest} in {repository}"),
                    registry: self.name().to_owned(),
                });
            }
            Err(error) => return Err(error),
        };
        let begin = match response.status() {
            StatusCode::PARTIAL_CONTENT => {
                let told = header(response.headers(), CONTENT_RANGE.as_str());
                told.and_then(first_byte)
                    .filter(|first| *first <= begin)
                    .ok_or_else(|| {
                        self.protocol(&call.action, "it sends another range than it was asked for")
                    })?
            }
            _ => 0,
        };
        Ok(OpenBlob { response, begin })
    }
}

/// The first byte of `bytes 5-9/10`.
fn first_byte(range: &str) -> Option<u64> {
    let range = range.trim().strip_prefix("bytes")?.trim_start();
    range.split_once('-')?.0.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_name_their_first_byte() {
        assert_eq!(first_byte("bytes 5-9/10"), Some(5));
        assert_eq!(first_byte("bytes 0-0/*"), Some(0));
        assert_eq!(first_byte("bytes */10"), None);
        assert_eq!(first_byte("5-9/10"), None);
    }
}
