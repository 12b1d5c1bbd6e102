//! Counting outcomes.

use std::io::Write as _;

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

    pub(crate) fn skip(&mut self, id: &str, reason: &str) {
        say(&format!("SKIPPED {id}: {reason}"));
        self.skipped += 1;
    }

    pub(crate) fn fail(&mut self, id: &str, reason: String) {
        self.failures.push((id.to_owned(), reason));
    }

    /// Prints the counts, and panics when a vector failed.
    pub(crate) fn finish(self, file: &str) {
        let failed = self.report(file);
        assert_eq!(failed, 0, "{file}: {failed} vectors failed");
    }

    /// Prints the counts and returns how many vectors failed.
    pub(super) fn report(self, file: &str) -> usize {
        for (id, reason) in &self.failures {
            say(&format!("FAILED {id}: {reason}"));
        }
        let (passed, failed, skipped) = (self.passed, self.failures.len(), self.skipped);
        say(&format!(
            "{file}: {passed} passed, {failed} failed, {skipped} skipped"
        ));
        failed
    }
}

/// Prints past the capture of the test harness: the counts are wanted of passing runs, too.
pub(super) fn say(line: &str) {
    writeln!(std::io::stdout(), "{line}").expect("standard output takes a line");
}
