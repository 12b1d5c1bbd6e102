//! Runs the test vectors of `tests/vectors`, or of the folder that `GARDEN6_VECTORS` names.
//!
//! A vector file is YAML; its name decides who runs it (see [`table`]). A file nobody knows fails,
//! and so does an unknown kind of vector inside a file. A vector is skipped only for a reason
//! written down in `tests/vectors/skips.yaml` (file without extension → id, or `kind: NAME` for
//! all vectors of a kind → reason).

mod autov6;
mod calico;
mod doctor_hosts;
mod files;
mod gardener_validation;
mod image_refs;
mod imagevector;
mod ipam;
mod kind;
mod table;
mod tally;
mod through_api;

pub(crate) use files::{read, skips};
pub(crate) use tally::Tally;

/// One vector that was run.
struct Case {
    /// The vector's name, unique in its file.
    id: String,
    /// The kind of vector, where a whole kind can be skipped, as the skip list spells it.
    kind: Option<String>,
    /// What was wrong, if anything.
    verdict: Result<(), String>,
}

#[test]
fn every_vector_file_holds() {
    let failed: usize = files::names().iter().map(|name| table::run(name)).sum();
    assert_eq!(failed, 0, "vectors failed, see the lines above");
}
