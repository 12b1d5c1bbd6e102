//! Entries of an image vector.

use super::{CaBundle, VersionConstraint};
use crate::mirror::document::FilePlace;

/// The architectures of an entry that names none.
pub const DEFAULT_ARCHITECTURES: [&str; 2] = ["amd64", "arm64"];

/// An image vector, in the order of its file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImageVector {
    /// The entries.
    pub images: Vec<ImageSource>,
    /// Authorities that the registries' certificates are checked with.
    pub ca_bundle: Option<CaBundle>,
}

/// One entry: an image, and what it is for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImageSource {
    /// The name that components ask for; never empty.
    pub name: String,
    /// A whole reference; then there is neither repository nor tag.
    pub reference: Option<String>,
    /// The repository.
    pub repository: Option<String>,
    /// The tag, a digest, or both.
    pub tag: Option<String>,
    /// The version, for people.
    pub version: Option<String>,
    /// Which versions of the cluster that runs the image this is for.
    pub runtime_version: Option<VersionConstraint>,
    /// Which versions of the cluster that the image works on this is for.
    pub target_version: Option<VersionConstraint>,
    /// Which architectures. An empty list is none at all, and not the same as no list.
    pub architectures: Option<Vec<String>>,
    /// Where the entry is written.
    pub place: FilePlace,
}
