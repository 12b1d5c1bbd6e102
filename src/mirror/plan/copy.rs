//! The plan: copies to make, in the order in which they were asked for.

use std::collections::BTreeSet;

use super::{Naming, Origin, Platforms, Target};
use crate::mirror::ImageRef;

/// One copy to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedCopy {
    /// What to copy. With a digest, exactly that content.
    pub source: ImageRef,
    /// Where to. It has the source's tag, if there is one, and the source's digest, if it is pinned.
    pub target: ImageRef,
    /// Which platforms of an index.
    pub platforms: Platforms,
    /// Who wants it; never empty.
    pub why: Vec<Origin>,
}

/// Copies that do not get in each other's way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The copies, in the order in which they were asked for; every target once.
    pub copies: Vec<PlannedCopy>,
    /// Where copies go that no copy list places.
    pub target: Option<Target>,
    /// How their names are made.
    pub naming: Naming,
}

/// `REGISTRY/REPOSITORY`, comparable.
pub(super) fn repository_of(image: &ImageRef) -> String {
    format!("{}/{}", image.canonical_registry(), image.repository())
}

/// The number of different source repositories.
pub(super) fn repositories(copies: &[PlannedCopy]) -> usize {
    let names: BTreeSet<String> = copies
        .iter()
        .map(|copy| repository_of(&copy.source))
        .collect();
    names.len()
}
