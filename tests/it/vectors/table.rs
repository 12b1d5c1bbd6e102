//! Who runs which vector file.

use serde_json::Value;

use super::{
    Case, Tally, autov6, calico, doctor_hosts, files, gardener_validation, image_refs, imagevector,
    ipam, kind,
};

#[derive(Clone, Copy)]
enum Runner {
    /// This function runs the file.
    Here(fn(&Value) -> Vec<Case>),
    /// Another test of this binary runs the file and prints its counts.
    Elsewhere,
}

/// Every known vector file, without its extension.
const FILES: [(&str, Runner); 10] = [
    ("apiserver", Runner::Elsewhere),
    ("autov6", Runner::Here(autov6::run)),
    ("calico", Runner::Here(calico::run)),
    ("doctor-hosts", Runner::Here(doctor_hosts::run)),
    (
        "gardener-validation",
        Runner::Here(gardener_validation::run),
    ),
    (
        "gardener-validation-more",
        Runner::Here(gardener_validation::run),
    ),
    ("image-refs", Runner::Here(image_refs::run)),
    ("imagevector", Runner::Here(imagevector::run)),
    ("ipam", Runner::Here(ipam::run)),
    ("kind", Runner::Here(kind::run)),
];

/// Runs one file, prints its counts, and returns how many of its vectors failed.
pub(super) fn run(name: &str) -> usize {
    let stem = name.strip_suffix(".yaml").unwrap_or(name);
    let mut tally = Tally::default();
    match FILES.iter().find(|(file, _)| *file == stem) {
        Some((_, Runner::Elsewhere)) => return 0,
        Some((_, Runner::Here(run))) => count(&mut tally, name, stem, *run),
        None => tally.fail(name, "nothing knows how to run this file".to_owned()),
    }
    tally.report(stem)
}

fn count(tally: &mut Tally, name: &str, stem: &str, run: fn(&Value) -> Vec<Case>) {
    let text = files::read(name).unwrap_or_default();
    let content: Value = match serde_yaml::from_str(&text) {
        Ok(content) => content,
        Err(error) => return tally.fail(name, error.to_string()),
    };
    let reasons = files::skips(stem);
    let cases = run(&content);
    if cases.is_empty() {
        tally.fail(name, "the file holds no vector".to_owned());
    }
    for Case { id, kind, verdict } in cases {
        let reason = reasons.get(&id).or_else(|| reasons.get(kind.as_ref()?));
        match (reason, verdict) {
            (Some(reason), _) => tally.skip(&id, reason),
            (None, Ok(())) => tally.pass(),
            (None, Err(what)) => tally.fail(&id, what),
        }
    }
}
