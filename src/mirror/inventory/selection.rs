//! What of an image vector is wanted.

use crate::mirror::vector::{ImageVector, Question, merge};

/// Which entries of image vectors count, and what is filled in.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// What images are for: only those count that a look-up finds for one of these. Without any,
    /// every entry counts.
    pub questions: Vec<Question>,
    /// The tag of an image that has none.
    pub release: Option<String>,
    /// What is said instead of the vectors, in the order in which it applies.
    pub overwrites: Vec<ImageVector>,
}

impl Selection {
    /// A vector with all that is said instead.
    pub(super) fn overwritten(&self, base: ImageVector) -> ImageVector {
        self.overwrites.iter().cloned().fold(base, merge)
    }
}
