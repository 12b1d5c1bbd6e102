//! What every vector file shares: where the folder is, which vectors are skipped, and the tally.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// The folder named by `GARDEN6_VECTORS`, or the one of the repository.
pub(crate) fn folder() -> PathBuf {
    #[expect(
        clippy::disallowed_methods,
        reason = "tests have no command line to bind the variable to"
    )]
    let named = std::env::var("GARDEN6_VECTORS");
    named.map_or_else(
        |_| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors"),
        PathBuf::from,
    )
}

/// The text of one vector file, or nothing when the folder has none of that name.
pub(crate) fn read(file: &str) -> Option<String> {
    let path = folder().join(file);
    path.exists().then(|| {
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    })
}

/// The reasons, by vector id, why vectors of a file are not run.
///
/// The list is the repository's own, whatever folder the vectors come from: a skip is a decision
/// that is reviewed.
pub(crate) fn skips(file: &str) -> BTreeMap<String, String> {
    let text = include_str!("../vectors/skips.yaml");
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

/// Counts the outcomes of one file.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    passed: usize,
    skipped: usize,
    failures: Vec<(String, String)>,
}

impl Tally {
    pub(crate) fn pass(&mut self) {
        self.passed += 1;
    }

    #[expect(
        clippy::print_stdout,
        reason = "the counts are what this test is read for"
    )]
    pub(crate) fn skip(&mut self, id: &str, reason: &str) {
        println!("SKIPPED {id}: {reason}");
        self.skipped += 1;
    }

    pub(crate) fn fail(&mut self, id: &str, reason: String) {
        self.failures.push((id.to_owned(), reason));
    }

    /// Prints the counts, and panics when a vector failed.
    #[expect(
        clippy::print_stdout,
        reason = "the counts are what this test is read for"
    )]
    pub(crate) fn finish(self, file: &str) {
        for (id, reason) in &self.failures {
            println!("FAILED {id}: {reason}");
        }
        let (passed, failed, skipped) = (self.passed, self.failures.len(), self.skipped);
        println!("{file}: {passed} passed, {failed} failed, {skipped} skipped");
        assert_eq!(failed, 0, "{file}: {failed} vectors failed");
    }
}
