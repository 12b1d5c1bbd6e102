//! The embedded control plane answers as upstream's API servers did.
//!
//! Every vector is a request, or a few, with facts about the answers; the header of the vector
//! file says how to read one. They run side by side against one control plane over real TLS.

mod client;
mod fact;
mod model;
mod path;
mod run;
mod scope;

use futures_util::StreamExt as _;
use garden6::cluster::embedded::{ControlPlane, ControlPlaneOptions, TokenUser};
use serde_json::Value;

use crate::vectors::{self, Tally};
use client::Clients;
use model::Vector;

const FILE: &str = "apiserver";
const AT_ONCE: usize = 48;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_control_plane_behaves_like_upstream() {
    let Some(text) = vectors::read("apiserver.yaml") else {
        println!("{FILE}: 0 passed, 0 failed, 0 skipped (the folder has no such file)");
        return;
    };
    let suite: Value = serde_yaml::from_str(&text).expect("the vector file is YAML");
    let list = |name: &str| suite[name].as_array().cloned().unwrap_or_default();
    let control_plane = ControlPlane::start(ControlPlaneOptions {
        service_cidrs: vec!["fd00:10:96::/112".parse().expect("a prefix")],
        crds: list("fixtures"),
        tokens: users(),
        ..ControlPlaneOptions::default()
    })
    .await
    .expect("the control plane starts with the fixtures of the vectors");
    let clients = Clients::new(&control_plane.kubeconfig());
    let skips = vectors::skips(FILE);

    let mut tally = Tally::default();
    let mut seen = Vec::new();
    let mut chosen = Vec::new();
    for (index, raw) in list("vectors").into_iter().enumerate() {
        let id = raw["id"]
            .as_str()
            .unwrap_or("a vector without an id")
            .to_owned();
        seen.push(id.clone());
        if let Some(reason) = skips.get(&id) {
            tally.skip(&id, reason);
        } else {
            chosen.push((index, id, raw));
        }
    }
    let paths = &suite["paths"];
    let mut outcomes = futures_util::stream::iter(chosen.into_iter().map(|(index, id, raw)| {
        let clients = clients.clone();
        async move {
            let outcome = match serde_json::from_value::<Vector>(raw) {
                Ok(vector) => run::vector(&clients, paths, index, &vector).await,
                Err(error) => Err(format!("its shape is not understood: {error}")),
            };
            (id, outcome)
        }
    }))
    .buffer_unordered(AT_ONCE);
    while let Some((id, outcome)) = outcomes.next().await {
        match outcome {
            Ok(()) => tally.pass(),
            Err(reason) => tally.fail(&id, reason),
        }
    }
    control_plane.shutdown().await;
    tally.finish(FILE);
}

fn users() -> Vec<TokenUser> {
    let user = |name: &str, groups: &[&str]| TokenUser {
        token: format!("{name}-token"),
        name: name.to_owned(),
        groups: groups.iter().map(|&group| group.to_owned()).collect(),
    };
    vec![user("admin", &["system:masters"]), user("alice", &[])]
}
