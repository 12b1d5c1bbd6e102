//! What is said about an image: referrers, and the tags under which `cosign` keeps signatures.

use futures_util::future::{BoxFuture, FutureExt as _};

use super::{image::ImageCopy, store::Head};
use crate::mirror::{Content, Digest, FetchedManifest, MirrorError, registry::fallback_tag};

/// What `cosign` appends to the tag made of a digest.
const COSIGN: [&str; 3] = [".sig", ".att", ".sbom"];
/// A signature of an attestation of an image is still followed, no further.
const DEEPEST: usize = 3;

impl ImageCopy<'_> {
    /// Brings over what is said about an image and about the images of its platforms, if that is wanted.
    pub(super) async fn place_signatures(&self, root: &FetchedManifest) -> Result<(), MirrorError> {
        if !self.shared.options.signatures {
            return Ok(());
        }
        let mut about = vec![root.digest.clone()];
        if let Content::Index(children) = &root.content {
            about.extend(children.iter().map(|child| child.descriptor.digest.clone()));
        }
        for digest in about {
            self.place_referrers(digest.clone(), 0).await?;
            for suffix in COSIGN {
                let tag = format!("{}{suffix}", fallback_tag(&digest));
                self.place_tag(&tag).await?;
            }
        }
        Ok(())
    }

    fn place_referrers(
        &self,
        digest: Digest,
        depth: usize,
    ) -> BoxFuture<'_, Result<(), MirrorError>> {
        async move {
            if depth == DEEPEST {
                return Ok(());
            }
            for referrer in self.from.referrers(&digest).await? {
                self.place_child(&referrer, 0).await?;
                self.place_referrers(referrer.digest, depth + 1).await?;
            }
            Ok(())
        }
        .boxed()
    }

    /// Copies a tag of the source's repository to the target's, if the source has it.
    async fn place_tag(&self, tag: &str) -> Result<(), MirrorError> {
        let Head::Present(found) = self.from.head(tag).await? else {
            return Ok(());
        };
        if found.is_some() && self.to.head_of_target(tag).await? == Head::Present(found) {
            self.count(|counts| counts.manifests_present += 1);
            return Ok(());
        }
        let document = self.read(tag).await?;
        self.place_document(&document, Some(tag), 0).await
    }
}
