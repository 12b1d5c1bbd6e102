//! How long many Shoots take through the whole stack on an embedded control plane. Never a test.
//!
//!     cargo bench --bench shoots [-- COUNT...]
//!
//! Each count is a run of its own with a fresh control plane; the ratio of the times per Shoot
//! tells whether growth is linear.

#![expect(clippy::print_stdout, reason = "the figures are the output")]

mod resident;

use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::TryStreamExt as _;
use garden6::{
    api::{OperationState, core::Shoot},
    cluster::embedded::{ControlPlane, ControlPlaneOptions},
    ipam::AddressPlan,
    net::{Families, IpFamily},
    stack::{self, admission::StackAdmission},
};
use k8s_openapi::api::core::v1::ConfigMap;
use kube::{
    Api, Client, ResourceExt as _,
    api::{ObjectMeta, PostParams},
    runtime::{WatchStreamExt as _, watcher},
};
use serde_json::json;
use tokio_util::sync::CancellationToken;

/// The goal for a thousand Shoots.
const GOAL: Duration = Duration::from_secs(15);
const NAMESPACE: &str = "garden-local";

#[tokio::main]
async fn main() {
    // `cargo bench` passes arguments that mean nothing here.
    let mut counts: Vec<usize> = std::env::args()
        .skip(1)
        .filter_map(|word| word.parse().ok())
        .collect();
    if counts.is_empty() {
        counts = vec![250, 1000];
    }
    let mut per_shoot = Vec::new();
    for count in counts {
        let run = run(count).await;
        let each = run.took / u32::try_from(count).expect("a count is small");
        println!(
            "{count} Shoots to Ready: {:.2} s ({:.1} ms each, goal per Shoot {:.1} ms: {:.2} of it), \
             {:.1} writes each, {} MiB resident",
            run.took.as_secs_f64(),
            each.as_secs_f64() * 1e3,
            GOAL.as_secs_f64(),
            each.as_secs_f64() * 1000.0 / GOAL.as_secs_f64(),
            run.writes_per_shoot,
            run.resident_mib,
        );
        per_shoot.push((count, each));
    }
    if let [(few, first), .., (many, last)] = per_shoot.as_slice() {
        println!(
            "time per Shoot at {many} over {few}: {:.2} (1.00 is linear)",
            last.as_secs_f64() / first.as_secs_f64()
        );
    }
}

struct Run {
    took: Duration,
    writes_per_shoot: f64,
    resident_mib: u64,
}

async fn run(count: usize) -> Run {
    let plan = AddressPlan::default_for(Families::single(IpFamily::V6));
    let options = stack::Options::new(plan);
    let admission = Arc::new(StackAdmission::new(&options));
    let control_plane = ControlPlane::start(ControlPlaneOptions {
        admission: vec![Arc::<StackAdmission>::clone(&admission)],
        service_cidrs: options.plan.services(),
        crds: stack::crds_as_json(),
        ..ControlPlaneOptions::default()
    })
    .await
    .expect("the control plane starts");
    let client = control_plane.client();
    admission.attach(client.clone());
    stack::bootstrap(&client, &options)
        .await
        .expect("bootstrap");
    let stop = CancellationToken::new();
    let stack = tokio::spawn(stack::run(client.clone(), options, stop.clone()));

    let before = version(&client, "before").await;
    let started = Instant::now();
    let creating = tokio::spawn(create(client.clone(), count));
    all_ready(&client, count).await;
    let took = started.elapsed();
    creating.await.expect("the Shoots are created");
    let writes = version(&client, "after").await - before;

    stop.cancel();
    stack
        .await
        .expect("no panic")
        .expect("the stack stops well");
    control_plane.shutdown().await;
    Run {
        took,
        writes_per_shoot: f64::from(writes) / f64::from(u32::try_from(count).unwrap_or(u32::MAX)),
        resident_mib: resident::mebibytes(),
    }
}

async fn create(client: Client, count: usize) {
    let api: Api<Shoot> = Api::namespaced(client, NAMESPACE);
    for index in 0..count {
        let spec = json!({
            "cloudProfile": {"name": "local"},
            "region": "local",
            "networking": {
                "type": "calico", "ipFamilies": ["IPv6"], "nodes": "fd00:10:1:100::/56",
                "providerConfig": {"ipv6": {"sourceNATEnabled": true}},
            },
            "provider": {"type": "local", "workers": [{
                "name": "local", "machine": {"type": "local"}, "minimum": 1, "maximum": 2,
            }]},
        });
        let spec = serde_json::from_value(spec).expect("the example is a Shoot");
        let shoot = Shoot::new(&format!("s{index:05}"), spec);
        let created = api.create(&PostParams::default(), &shoot).await;
        created.expect("the Shoot is accepted");
    }
}

async fn all_ready(client: &Client, count: usize) {
    let api: Api<Shoot> = Api::namespaced(client.clone(), NAMESPACE);
    let mut changes = std::pin::pin!(
        watcher(api, watcher::Config::default())
            .default_backoff()
            .applied_objects()
    );
    let mut ready = BTreeSet::new();
    while ready.len() < count {
        let shoot = changes.try_next().await.expect("the watch works");
        let shoot = shoot.expect("the watch never ends");
        let last = shoot
            .status
            .as_ref()
            .and_then(|status| status.last_operation.as_ref());
        if last.is_some_and(|last| last.state == OperationState::Succeeded) {
            ready.insert(shoot.name_any());
        }
    }
}

/// The resource version of a write made now; their difference counts writes.
async fn version(client: &Client, name: &str) -> u32 {
    let api: Api<ConfigMap> = Api::namespaced(client.clone(), NAMESPACE);
    let map = ConfigMap {
        metadata: ObjectMeta {
            name: Some(name.to_owned()),
            ..ObjectMeta::default()
        },
        ..ConfigMap::default()
    };
    let map = api
        .create(&PostParams::default(), &map)
        .await
        .expect("a write");
    let version = map.metadata.resource_version.unwrap_or_default();
    version.parse().expect("versions are numbers")
}
