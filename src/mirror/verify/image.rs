//! One image: its name has the digest that is expected, and everything below it is there.

use std::{collections::HashSet, sync::Arc};

use futures_util::stream::{self, StreamExt as _};

use super::{Finding, VerifiedImage, VerifyReport};
use crate::{
    counted::counted,
    mirror::{
        Content, Descriptor, Digest, FetchedManifest, MirrorError,
        plan::Platforms,
        transfer::{Job, Store, Stores, filtered},
    },
    progress::Progress,
};

const IMAGES: usize = 8;
const BLOBS: usize = 8;

/// How thorough a look is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct VerifyOptions {
    /// Reads and hashes blobs too, instead of asking whether they are there.
    pub blobs: bool,
}

/// Verifies copies.
#[derive(Debug)]
pub struct Verification {
    stores: Arc<Stores>,
    options: VerifyOptions,
}

impl Verification {
    /// A verification of copies in `stores`.
    pub fn new(stores: Arc<Stores>, options: VerifyOptions) -> Self {
        Self { stores, options }
    }

    /// Looks at every copy. Problems are in the report.
    pub async fn run(&self, jobs: &[Job], progress: &Progress) -> VerifyReport {
        let step = progress.step(format!("verify {}", counted(jobs.len(), "image", "images")));
        let images: Vec<_> = stream::iter(jobs)
            .map(|job| self.image(job))
            .buffered(IMAGES)
            .collect()
            .await;
        let report = VerifyReport {
            blobs_hashed: self.options.blobs,
            images,
        };
        if report.wrong() == 0 {
            step.done(report.summary());
        }
        report
    }

    async fn image(&self, job: &Job) -> VerifiedImage {
        let mut image = VerifiedImage {
            source: job.source.to_string(),
            target: job.target.to_string(),
            expected: None,
            by: match (&job.pinned, job.source.digest()) {
                (_, Some(_)) => "reference",
                (Some(_), None) => "lock",
                (None, None) => "source",
            },
            manifests: 0,
            blobs: 0,
            bytes_hashed: 0,
            findings: Vec::new(),
        };
        if let Err(error) = self.look(job, &mut image).await {
            let target = image.target.clone();
            image.note(&target, &error);
        }
        image
    }

    async fn look(&self, job: &Job, image: &mut VerifiedImage) -> Result<(), MirrorError> {
        let expected = self.expected(job).await?;
        image.expected = expected.first().cloned();
        // A folder that is not there must not be made by looking for it.
        let store = self.stores.source(&job.target).await?;
        let name = job.target.reference();
        let Some(root) = store.fetch(&name).await? else {
            image.problem(&job.target.to_string(), "it is not there");
            return Ok(());
        };
        image.manifests += 1;
        if !expected.contains(&root.digest) {
            let wanted: Vec<String> = expected.iter().map(Digest::to_string).collect();
            image.problem(
                &job.target.to_string(),
                &format!("it is {}, expected {}", root.digest, wanted.join(" or ")),
            );
        }
        // A sparse index is complete with the platforms that were asked for.
        let root = match root.content {
            Content::Index(_) if job.platforms != Platforms::All => {
                filtered(&root, &job.platforms)?
            }
            _ => root,
        };
        self.below(&store, root, image).await;
        Ok(())
    }

    /// The digests that the copy may have: that of the source, or of the part of it that was asked for.
    async fn expected(&self, job: &Job) -> Result<Vec<Digest>, MirrorError> {
        if let (Some(digest), Platforms::All) = (&job.pinned, &job.platforms) {
            return Ok(vec![digest.clone()]);
        }
        let source = self.stores.source(&job.source).await?;
        let name = match &job.pinned {
            Some(digest) => digest.to_string(),
            None => job.source.reference(),
        };
        let document = source.fetch(&name).await?;
        let document = document.ok_or_else(|| MirrorError::Missing {
            what: format!("image {}", job.source),
            registry: "the source".to_owned(),
        })?;
        let mut expected = vec![document.digest.clone()];
        if job.platforms != Platforms::All && matches!(document.content, Content::Index(_)) {
            expected.push(filtered(&document, &job.platforms)?.digest);
        }
        Ok(expected)
    }

    async fn below(&self, store: &Store, root: FetchedManifest, image: &mut VerifiedImage) {
        let mut seen = HashSet::new();
        let mut documents = vec![root];
        while let Some(document) = documents.pop() {
            let (manifests, blobs): (Vec<Descriptor>, Vec<Descriptor>) = match document.content {
                Content::Image(blobs) => (Vec::new(), blobs),
                Content::Index(children) => children
                    .into_iter()
                    .map(|child| child.descriptor)
                    .partition(|child| crate::mirror::fetched::is_manifest(&child.media_type)),
            };
            for manifest in manifests {
                if !seen.insert(manifest.digest.clone()) {
                    continue;
                }
                let digest = manifest.digest.to_string();
                match store.fetch(&digest).await {
                    Ok(Some(document)) => {
                        image.manifests += 1;
                        documents.push(document);
                    }
                    Ok(None) => image.problem(&digest, "the manifest is not there"),
                    Err(error) => image.note(&digest, &error),
                }
            }
            let blobs = blobs
                .into_iter()
                .filter(|blob| seen.insert(blob.digest.clone()));
            let blobs: Vec<Descriptor> = blobs.collect();
            let looked: Vec<_> = stream::iter(blobs)
                .map(async |blob| (self.blob(store, &blob).await, blob))
                .buffer_unordered(BLOBS)
                .collect()
                .await;
            for (found, blob) in looked {
                match found {
                    Ok(true) => {
                        image.blobs += 1;
                        image.bytes_hashed += if self.options.blobs { blob.size } else { 0 };
                    }
                    Ok(false) => image.problem(&blob.digest.to_string(), "the blob is not there"),
                    Err(error) => image.note(&blob.digest.to_string(), &error),
                }
            }
        }
        image
            .findings
            .sort_by(|one, other| one.what.cmp(&other.what));
    }

    async fn blob(&self, store: &Store, blob: &Descriptor) -> Result<bool, MirrorError> {
        if !self.options.blobs {
            return store.has_blob(blob).await;
        }
        let mut stream = match store.source(&blob.digest).open(blob).await {
            Ok(stream) => stream,
            Err(MirrorError::Missing { .. }) => return Ok(false),
            Err(error) => return Err(error),
        };
        while stream.next().await?.is_some() {}
        Ok(true)
    }
}

impl VerifiedImage {
    fn problem(&mut self, what: &str, problem: &str) {
        self.findings.push(Finding {
            what: what.to_owned(),
            problem: problem.to_owned(),
        });
    }

    fn note(&mut self, what: &str, error: &MirrorError) {
        self.problem(what, &error.to_string());
    }
}
