//! What was found.

use serde::Serialize;

use crate::{counted::counted, mirror::Digest};

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Where: a name, a digest.
    pub what: String,
    /// What is wrong.
    pub problem: String,
}

/// What was found about one image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VerifiedImage {
    /// What was copied.
    pub source: String,
    /// The copy.
    pub target: String,
    /// The digest that it should have.
    pub expected: Option<Digest>,
    /// Where the expectation comes from: `lock`, `source`, `reference`.
    pub by: &'static str,
    /// Manifests that were read and hashed.
    pub manifests: u64,
    /// Blobs that are there; hashed, if that was asked for.
    pub blobs: u64,
    /// Bytes that were hashed.
    pub bytes_hashed: u64,
    /// What is wrong; empty if all is well.
    pub findings: Vec<Finding>,
}

/// What was found about all images.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VerifyReport {
    /// Whether blobs were hashed, or only looked for.
    pub blobs_hashed: bool,
    /// Every image, in the order in which it was asked for.
    pub images: Vec<VerifiedImage>,
}

impl VerifyReport {
    /// Images that are not as they should be.
    pub fn wrong(&self) -> usize {
        let wrong = self
            .images
            .iter()
            .filter(|image| !image.findings.is_empty());
        wrong.count()
    }

    /// The sums in a sentence.
    pub fn summary(&self) -> String {
        let sum = |of: fn(&VerifiedImage) -> u64| self.images.iter().map(of).sum::<u64>();
        format!(
            "{}: {} as they should be, {} not; {} hashed, {} {}",
            counted(self.images.len(), "image", "images"),
            self.images.len() - self.wrong(),
            self.wrong(),
            counted(sum(|image| image.manifests), "manifest", "manifests"),
            counted(sum(|image| image.blobs), "blob", "blobs"),
            if self.blobs_hashed { "hashed" } else { "there" },
        )
    }
}
