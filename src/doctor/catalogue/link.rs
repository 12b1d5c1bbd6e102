//! Where the documentation of a check is.

use super::Check;

/// The page that is generated from the catalogue, below the repository.
pub(super) const PAGE: &str = "docs/doctor.md";

impl Check {
    /// The place of this check in garden6's own documentation.
    pub fn documentation(&self) -> String {
        format!("{PAGE}#{}", self.id)
    }
}
