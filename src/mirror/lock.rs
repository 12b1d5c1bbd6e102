//! The lock file of sources: what their tags meant when they were copied, so that a later run copies the same.

use std::{collections::BTreeMap, path::Path};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{
    Digest,
    transfer::{Job, Outcome, Place, Report},
};
use crate::fsutil::{self, FileError};

const VERSION: u32 = 1;
const MODE: u32 = 0o644;

/// Digests by source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceLock {
    version: u32,
    images: BTreeMap<String, Locked>,
}

/// What a tag meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Locked {
    digest: Digest,
}

/// Why a lock file cannot be used.
#[derive(Debug, Error)]
pub enum LockFileError {
    /// The file cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The file is no lock file.
    #[error("{path} is no lock file of images: {reason}")]
    Malformed {
        /// The file.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// Sources that are not in the file, where all have to be.
    #[error("{path} does not name {}", sources.join(", "))]
    NotLocked {
        /// The file.
        path: String,
        /// The sources.
        sources: Vec<String>,
    },
}

impl SourceLock {
    /// Reads a file; one that is absent locks nothing.
    pub fn read(path: &Path) -> Result<Self, LockFileError> {
        let Some(text) = fsutil::read_optional(path)? else {
            return Ok(Self {
                version: VERSION,
                images: BTreeMap::new(),
            });
        };
        let malformed = |reason: String| LockFileError::Malformed {
            path: path.display().to_string(),
            reason,
        };
        let lock: Self =
            serde_json::from_str(&text).map_err(|error| malformed(error.to_string()))?;
        if lock.version != VERSION {
            return Err(malformed(format!(
                "its version is {}, not {VERSION}",
                lock.version
            )));
        }
        Ok(lock)
    }

    /// The digest that a source was locked to.
    pub fn digest(&self, source: &Place) -> Option<&Digest> {
        self.images.get(&key(source)).map(|locked| &locked.digest)
    }

    /// Makes jobs copy what is locked, whatever their tags mean now. A digest in the source itself wins.
    pub fn pin(&self, jobs: &mut [Job]) {
        for job in jobs {
            if job.pinned.is_none() {
                job.pinned = self.digest(&job.source).cloned();
            }
        }
    }

    /// The sources that are neither locked nor name a digest.
    pub fn unknown(&self, jobs: &[Job]) -> Vec<String> {
        let unknown = jobs
            .iter()
            .filter(|job| job.source.digest().is_none() && self.digest(&job.source).is_none());
        unknown.map(|job| job.source.to_string()).collect()
    }

    /// Takes in what a run found; images that failed keep what was locked before.
    pub fn learn(&mut self, report: &Report) {
        for image in &report.images {
            if image.outcome == Outcome::Failed {
                continue;
            }
            if let Some(digest) = &image.digest {
                let locked = Locked {
                    digest: digest.clone(),
                };
                let place = image.source.parse::<Place>();
                let key = place.map_or_else(|_| image.source.clone(), |place| key(&place));
                self.images.insert(key, locked);
            }
        }
    }

    /// Writes the file in one step.
    pub fn write(&self, path: &Path) -> Result<(), LockFileError> {
        let mut text = serde_json::to_string_pretty(self).expect("invariant: keys are strings");
        text.push('\n');
        Ok(fsutil::write_atomic(path, text.as_bytes(), MODE)?)
    }
}

/// What a source is called in the file. In a folder images have the names of their sources, so the way in and the
/// way out of it share a file.
fn key(source: &Place) -> String {
    match source {
        Place::Layout { name, .. } if !name.is_empty() => name.clone(),
        place => place.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(source: &str) -> Job {
        Job::new(source.parse().unwrap(), "[::1]:5000/a:b".parse().unwrap())
    }

    #[test]
    fn a_lock_pins_tags_and_never_overrules_a_digest() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("images.lock.json");
        let mut lock = SourceLock::read(&path).unwrap();
        let locked = Locked {
            digest: Digest::of(b"locked"),
        };
        lock.images
            .insert("docker.io/library/alpine:3".to_owned(), locked);
        lock.write(&path).unwrap();
        let lock = SourceLock::read(&path).unwrap();
        let own = Digest::of(b"own");
        let mut jobs = [
            job("alpine:3"),
            job("alpine:4"),
            job(&format!("alpine:3@{own}")),
        ];
        lock.pin(&mut jobs);
        let pinned: Vec<_> = jobs.iter().map(|job| job.pinned.clone()).collect();
        assert_eq!(pinned, [Some(Digest::of(b"locked")), None, Some(own)]);
        assert_eq!(lock.unknown(&jobs), ["docker.io/library/alpine:4"]);
    }

    #[test]
    fn other_files_are_no_lock_files() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock.json");
        for text in ["", "[]", r#"{"version": 2, "images": {}}"#] {
            std::fs::write(&path, text).unwrap();
            assert!(
                matches!(
                    SourceLock::read(&path),
                    Err(LockFileError::Malformed { .. })
                ),
                "{text}"
            );
        }
    }
}
