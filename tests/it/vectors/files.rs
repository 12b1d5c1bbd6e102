//! Where vectors are, and which of them are skipped.

use std::{collections::BTreeMap, fs, path::PathBuf};

const SKIPS: &str = "skips.yaml";

/// The folder named by `GARDEN6_VECTORS`, or the one of the repository.
fn folder() -> PathBuf {
    std::env::var_os("GARDEN6_VECTORS").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors"),
        PathBuf::from,
    )
}

/// The names of the vector files, sorted.
pub(super) fn names() -> Vec<String> {
    let folder = folder();
    let entries = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("cannot list {}: {error}", folder.display()));
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("the folder can be listed"))
        .filter(|entry| entry.path().is_file())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name != SKIPS)
        .collect();
    names.sort();
    assert!(!names.is_empty(), "no vectors in {}", folder.display());
    names
}

/// The text of one vector file, or nothing when the folder has none of that name.
pub(crate) fn read(file: &str) -> Option<String> {
    let path = folder().join(file);
    path.exists().then(|| {
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    })
}

/// The reasons, by vector id, why vectors of a file are not run.
///
/// The list is the repository's own, whatever folder the vectors come from: a skip is a decision
/// that is reviewed.
pub(crate) fn skips(file: &str) -> BTreeMap<String, String> {
    let text = include_str!("../../vectors/skips.yaml");
    let mut all: BTreeMap<String, BTreeMap<String, String>> =
        serde_yaml::from_str(text).expect("the skip list is a map of file to id to reason");
    let skips = all.remove(file).unwrap_or_default();
    for (id, reason) in &skips {
        assert!(
            reason.len() > 20,
            "{file}/{id} is skipped without a reason that explains it"
        );
    }
    skips
}
