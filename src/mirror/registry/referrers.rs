//! What is said about a manifest: signatures, attestations (distribution specification, "Listing Referrers").

use http::{Method, StatusCode};
use serde::Deserialize;

use super::{RegistryClient, call::Call, link};
use crate::mirror::{Descriptor, Digest, MirrorError, auth::Scope};

const MAX_PAGES: usize = 100;

/// What is said about a manifest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Referrers {
    /// The manifests that have it as their subject.
    pub manifests: Vec<Descriptor>,
    /// Whether the registry keeps account of them; else a tag does, which clients maintain.
    pub is_api: bool,
}

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    manifests: Vec<Descriptor>,
}

/// The tag that lists what is said about a manifest where the registry does not.
pub(in crate::mirror) fn fallback_tag(digest: &Digest) -> String {
    let cut = |text: &str, length: usize| text.chars().take(length).collect::<String>();
    format!("{}-{}", cut(digest.algorithm(), 32), cut(digest.hex(), 64))
}

impl RegistryClient {
    /// The manifests whose subject is `digest`.
    pub async fn referrers(
        &self,
        repository: &str,
        digest: &Digest,
    ) -> Result<Referrers, MirrorError> {
        let action = format!("list what refers to {digest} in {repository}");
        let mut url = self.url(&format!("/v2/{repository}/referrers/{digest}"));
        let mut found = Referrers {
            manifests: Vec::new(),
            is_api: true,
        };
        for _ in 0..MAX_PAGES {
            let call = Call::new(Method::GET, url.clone(), Scope::pull(repository), &action);
            let response = match self.send(&call).await {
                Ok(response) => response,
                Err(error) if is_unknown(&error) => {
                    return self.tagged_referrers(repository, digest, &action).await;
                }
                Err(error) => return Err(error),
            };
            let next = link::next(response.url(), response.headers());
            let bytes = self.read_whole(&action, response).await?;
            let page: Page = serde_json::from_slice(&bytes)
                .map_err(|_| self.protocol(&action, "the answer is no index"))?;
            found.manifests.extend(page.manifests);
            match next {
                Some(next) => url = next,
                None => return Ok(found),
            }
        }
        Err(self.protocol(&action, "the list has no end"))
    }

    async fn tagged_referrers(
        &self,
        repository: &str,
        digest: &Digest,
        action: &str,
    ) -> Result<Referrers, MirrorError> {
        let Some((bytes, _)) = self.manifest(repository, &fallback_tag(digest)).await? else {
            return Ok(Referrers::default());
        };
        let page: Page = serde_json::from_slice(&bytes)
            .map_err(|_| self.protocol(action, "the fall-back tag holds no index"))?;
        Ok(Referrers {
            manifests: page.manifests,
            is_api: false,
        })
    }
}

/// A registry from before the referrers API does not know its path.
fn is_unknown(error: &MirrorError) -> bool {
    matches!(
        error.status(),
        Some(StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED | StatusCode::BAD_REQUEST)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fall_back_tag_is_a_tag_for_every_digest() {
        let sha256 = Digest::of(b"{}");
        assert_eq!(fallback_tag(&sha256), format!("sha256-{}", sha256.hex()));
        let sha512: Digest = format!("sha512:{}", "a3".repeat(64)).parse().unwrap();
        assert_eq!(fallback_tag(&sha512), format!("sha512-{}", "a3".repeat(32)));
    }
}
