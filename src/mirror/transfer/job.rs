//! One copy to make.

use super::Place;
use crate::mirror::{
    Digest, ImageRef,
    plan::{PlannedCopy, Platforms},
};

/// One copy to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// What to copy.
    pub source: Place,
    /// Where to.
    pub target: Place,
    /// Which platforms of an index.
    pub platforms: Platforms,
    /// The digest that the source has to have, whatever its tag says now.
    pub pinned: Option<Digest>,
}

impl Job {
    /// A copy of all platforms.
    pub fn new(source: Place, target: Place) -> Self {
        let pinned = source.digest();
        Self {
            source,
            target,
            platforms: Platforms::All,
            pinned,
        }
    }

    /// A copy of a plan.
    pub fn planned(copy: &PlannedCopy) -> Self {
        let source: ImageRef = copy.source.clone();
        let mut job = Self::new(
            Place::Registry(source),
            Place::Registry(copy.target.clone()),
        );
        job.platforms = copy.platforms.clone();
        job
    }
}
