//! Which partitions and projects exist.

use std::collections::BTreeSet;

/// Names that exist; without a list every name does.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The partitions.
    pub partitions: Option<BTreeSet<String>>,
    /// The projects.
    pub projects: Option<BTreeSet<String>>,
}

impl Known {
    pub(super) fn partition(&self, name: &str) -> bool {
        self.partitions
            .as_ref()
            .is_none_or(|names| names.contains(name))
    }

    pub(super) fn project(&self, name: &str) -> bool {
        self.projects
            .as_ref()
            .is_none_or(|names| names.contains(name))
    }
}
