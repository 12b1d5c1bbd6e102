//! Targets and contexts without a cluster, for tests of the runner.

use std::{collections::BTreeSet, sync::Arc};

use tokio::sync::mpsc;

use super::{
    context::{Context, Timing},
    isolation::Place,
    recorder::{Emitter, Recorder},
    seed::Seed,
    target::Target,
};
use crate::{
    api::gates::{ApiProfile, FeatureGates},
    ipam::AddressPlan,
    net::{Families, IpFamily},
};

/// Time limits of tests are a twentieth.
pub(super) const SCALE: f64 = 0.05;

/// An IPv6 environment that can do nothing; its API server knows its version only.
pub(super) fn target() -> Target {
    let answer = tower::service_fn(|request: http::Request<kube::client::Body>| async move {
        let version = serde_json::json!({
            "major": "1", "minor": "34", "gitVersion": "v1.34.0", "gitCommit": "", "gitTreeState": "",
            "buildDate": "", "goVersion": "", "compiler": "", "platform": "",
        });
        let (code, body) = match request.uri().path() {
            "/version" => (200, version.to_string()),
            _ => (404, "{}".to_owned()),
        };
        http::Response::builder()
            .status(code)
            .body(kube::client::Body::from(body.into_bytes()))
    });
    Target {
        name: "test".to_owned(),
        client: kube::Client::new(answer, "default"),
        kubeconfig: None,
        kubectl: None,
        plan: AddressPlan::default_for(Families::single(IpFamily::V6)),
        profile: ApiProfile::Gep21,
        gates: FeatureGates::default(),
        abilities: BTreeSet::new(),
    }
}

/// The context of a case that has the time limit of its polls twenty times over.
pub(super) fn context() -> Context {
    let (sink, _) = mpsc::unbounded_channel();
    let recorder = Recorder::new("TST-01[v6]".to_owned(), 1, Emitter::new(sink));
    Context::new(
        Arc::new(target()),
        Place::new("test", Seed(1), "TST-01", 1, true),
        recorder,
        Timing::starting_now(std::time::Duration::from_secs(3600), SCALE),
    )
}
