//! Files that checks read as they are.

use std::collections::BTreeMap;

use crate::doctor::{Fact, facts::keys, live::source::Source};

/// All of them.
pub(super) fn read(source: &dyn Source) -> BTreeMap<String, Fact<String>> {
    keys::LINUX_FILES
        .iter()
        .map(|path| ((*path).to_owned(), source.read(path)))
        .collect()
}
