//! Runs the test vectors of `tests/vectors`, or of the folder that `GARDEN6_VECTORS` names.
//!
//! A vector file is YAML; its name decides who runs it (see [`table`]). A file nobody knows fails,
//! and so does an unknown kind of vector inside a file. A vector is skipped only for a reason
//! written down in `tests/vectors/skips.yaml` (file → id → reason).

mod gardener_validation;
mod runner;
mod table;

use std::io::Write as _;

#[test]
fn every_vector_holds() {
    let reports = runner::run(&table::FILES);
    // Straight to the stream, because the numbers are wanted of passing runs, too.
    let mut out = std::io::stdout().lock();
    for report in &reports {
        writeln!(out, "{report}").expect("standard output takes the report");
    }
    let failed: usize = reports.iter().map(|report| report.failed.len()).sum();
    assert_eq!(failed, 0, "vectors failed, see the lines above");
}
