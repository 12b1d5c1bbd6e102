//! What came of a run, in numbers that add up.

use serde::Serialize;

use super::{Size, advice};
use crate::{
    counted::counted,
    mirror::{Digest, MirrorError},
};

/// What came of one image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The target had it under its name, nothing was done.
    Present,
    /// The target has it now.
    Copied,
    /// It would have been copied (dry run).
    WouldCopy,
    /// The target does not have it; what it had under the name before it still has.
    Failed,
}

/// A number of blobs and their bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct BlobTally {
    /// How many.
    pub blobs: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl BlobTally {
    pub(super) fn add(&mut self, bytes: u64) {
        self.blobs += 1;
        self.bytes += bytes;
    }

    fn join(&mut self, other: Self) {
        self.blobs += other.blobs;
        self.bytes += other.bytes;
    }
}

/// What was found and done for an image, or for all of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// Blobs that were sent (in a dry run: would be).
    pub moved: BlobTally,
    /// Blobs that the target had.
    pub present: BlobTally,
    /// Blobs that another repository of the target had, or another image of this run brought.
    pub mounted: BlobTally,
    /// Blobs that could not be stored.
    pub failed: BlobTally,
    /// Manifests that were sent (in a dry run: would be).
    pub manifests_moved: u64,
    /// Manifests that the target had, with everything below them.
    pub manifests_present: u64,
    /// Bytes that were sent and had to be sent again, or came to nothing.
    pub bytes_wasted: u64,
}

impl Counts {
    pub(super) fn join(&mut self, other: &Self) {
        self.moved.join(other.moved);
        self.present.join(other.present);
        self.mounted.join(other.mounted);
        self.failed.join(other.failed);
        self.manifests_moved += other.manifests_moved;
        self.manifests_present += other.manifests_present;
        self.bytes_wasted += other.bytes_wasted;
    }
}

/// Why an image was not copied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FailureReport {
    /// The registry that failed, where one did.
    pub host: Option<String>,
    /// What happened, outermost first.
    pub cause: String,
    /// What to do about it.
    pub advice: Option<String>,
    /// Whether nobody answered at all.
    #[serde(skip)]
    pub is_unreachable: bool,
}

impl FailureReport {
    pub(super) fn of(error: &MirrorError) -> Self {
        Self {
            host: error.registry().map(str::to_owned),
            cause: chain(error),
            advice: advice(error),
            is_unreachable: error.is_unreachable(),
        }
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        cause = error.source();
    }
    text
}

/// What came of one image.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImageReport {
    /// What was to be copied.
    pub source: String,
    /// Where to.
    pub target: String,
    /// What came of it.
    pub outcome: Outcome,
    /// The digest of the source, if it was found out.
    pub digest: Option<Digest>,
    /// The digest at the target where it is another one: a part of the platforms was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_digest: Option<Digest>,
    /// What was found and done.
    #[serde(flatten)]
    pub counts: Counts,
    /// How long it took.
    pub seconds: f64,
    /// Why it failed, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<FailureReport>,
}

/// The sums of a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Totals {
    /// Images that were asked for.
    pub images: u64,
    /// Images that the target had.
    pub present: u64,
    /// Images that were copied (in a dry run: would be).
    pub copied: u64,
    /// Images that failed.
    pub failed: u64,
    /// What was found and done for all of them.
    pub content: Counts,
    /// How long the run took.
    pub seconds: f64,
}

/// What came of a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Whether nothing was to be changed.
    pub dry_run: bool,
    /// Every image, in the order in which it was asked for.
    pub images: Vec<ImageReport>,
    /// Sums.
    pub totals: Totals,
    /// What registries warned of.
    pub warnings: Vec<String>,
}

impl Report {
    pub(super) fn of(images: Vec<ImageReport>, dry_run: bool, seconds: f64) -> Self {
        let mut totals = Totals {
            images: images.len() as u64,
            seconds,
            ..Totals::default()
        };
        for image in &images {
            match image.outcome {
                Outcome::Present => totals.present += 1,
                Outcome::Copied | Outcome::WouldCopy => totals.copied += 1,
                Outcome::Failed => totals.failed += 1,
            }
            totals.content.join(&image.counts);
        }
        Self {
            dry_run,
            images,
            totals,
            warnings: Vec::new(),
        }
    }

    /// The sums in a sentence.
    pub fn summary(&self) -> String {
        let totals = &self.totals;
        let content = &totals.content;
        let (copied, moved) = if self.dry_run {
            ("to copy", "to move")
        } else {
            ("copied", "moved")
        };
        let mut parts = vec![format!(
            "{}: {} {copied}, {} already there, {} failed; {} in {} {moved}",
            counted(totals.images, "image", "images"),
            totals.copied,
            totals.present,
            totals.failed,
            Size(content.moved.bytes),
            counted(content.moved.blobs, "blob", "blobs"),
        )];
        for (tally, what) in [
            (content.present, "already there"),
            (content.mounted, "mounted"),
        ] {
            if tally.blobs > 0 {
                parts.push(format!("{} in {} {what}", Size(tally.bytes), tally.blobs));
            }
        }
        if content.bytes_wasted > 0 {
            parts.push(format!("{} sent in vain", Size(content.bytes_wasted)));
        }
        parts.join(", ")
    }
}
