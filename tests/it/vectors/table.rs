//! Who runs which vector file.

use super::{gardener_validation, runner::Runner};

/// Every known vector file.
pub(super) const FILES: [(&str, Runner); 3] = [
    ("apiserver.yaml", Runner::Elsewhere("apiserver_vectors")),
    (
        "gardener-validation.yaml",
        Runner::Here(gardener_validation::run),
    ),
    (
        "gardener-validation-more.yaml",
        Runner::Here(gardener_validation::run),
    ),
];
