//! What an embedded control plane takes for a plain controller of many Shoots. Never a test.
//!
//!     cargo bench --bench controller [-- COUNT]
//!
//! Four writes for each Shoot: it is created, gets a finalizer, a child by server-side apply, and a status. No stack
//! runs, so that this is what the control plane itself costs.

#![expect(clippy::print_stdout, reason = "the figures are the output")]

mod resident;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use futures_util::StreamExt as _;
use garden6::{
    api::core::Shoot,
    cluster::embedded::{ControlPlane, ControlPlaneOptions},
    stack,
};
use k8s_openapi::api::core::v1::{ConfigMap, Namespace};
use kube::{
    Api, Client, Resource as _, ResourceExt as _,
    api::{ObjectMeta, Patch, PatchParams, PostParams},
    runtime::{
        Controller,
        controller::{Action, Config},
        watcher,
    },
};
use serde_json::json;
use tokio::sync::Notify;

/// The goals for a thousand Shoots.
const GOAL: Duration = Duration::from_secs(3);
const GOAL_MIB: u64 = 100;
const NAMESPACE: &str = "garden-local";
const FINALIZER: &str = "example.com/controller";

struct Work {
    client: Client,
    left: AtomicUsize,
    done: Notify,
}

#[tokio::main]
async fn main() {
    let count = std::env::args()
        .skip(1)
        .find_map(|word| word.parse().ok())
        .unwrap_or(1000);
    let control_plane = ControlPlane::start(ControlPlaneOptions {
        crds: stack::crds_as_json(),
        ..ControlPlaneOptions::default()
    })
    .await
    .expect("the control plane starts");
    let client = control_plane.client();
    let namespace = Namespace {
        metadata: ObjectMeta {
            name: Some(NAMESPACE.to_owned()),
            ..ObjectMeta::default()
        },
        ..Namespace::default()
    };
    let namespaces: Api<Namespace> = Api::all(client.clone());
    let created = namespaces.create(&PostParams::default(), &namespace).await;
    created.expect("the namespace is created");
    let idle = resident::mebibytes();

    let started = Instant::now();
    let work = Arc::new(Work {
        client: client.clone(),
        left: AtomicUsize::new(count),
        done: Notify::new(),
    });
    let controller = Controller::new(shoots(&client), watcher::Config::default())
        .with_config(Config::default().concurrency(16))
        .run(
            reconcile,
            |_, _, _| Action::requeue(Duration::from_secs(1)),
            Arc::clone(&work),
        );
    let controller = tokio::spawn(controller.for_each(async |_| {}));
    for index in 0..count {
        let stored = shoots(&client)
            .create(&PostParams::default(), &shoot(index))
            .await;
        stored.expect("the Shoot is accepted");
    }
    let made = started.elapsed();
    work.done.notified().await;
    let took = started.elapsed();
    let resident = resident::mebibytes();
    controller.abort();
    control_plane.shutdown().await;
    println!(
        "{count} Shoots, 4 writes each: {:.2} s, the last was created at {:.2} s (goal {} s for 1000); \
         {resident} MiB resident, {idle} before (goal {GOAL_MIB})",
        took.as_secs_f64(),
        made.as_secs_f64(),
        GOAL.as_secs(),
    );
}

async fn reconcile(shoot: Arc<Shoot>, work: Arc<Work>) -> Result<Action, kube::Error> {
    let api = shoots(&work.client);
    let name = shoot.name_any();
    if shoot.finalizers().is_empty() {
        let patch = json!({"metadata": {"finalizers": [FINALIZER]}});
        api.patch(&name, &PatchParams::default(), &Patch::Merge(patch))
            .await?;
        return Ok(Action::await_change());
    }
    if shoot.status.is_some() {
        return Ok(Action::await_change());
    }
    let owner = shoot.controller_owner_ref(&());
    let child = json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": {"name": name, "ownerReferences": [owner]},
        "data": {"shoot": name},
    });
    let children: Api<ConfigMap> = Api::namespaced(work.client.clone(), NAMESPACE);
    let manager = PatchParams::apply("controller");
    children
        .patch(&name, &manager, &Patch::Apply(child))
        .await?;
    let status = json!({"status": {"observedGeneration": shoot.metadata.generation}});
    api.patch_status(&name, &PatchParams::default(), &Patch::Merge(status))
        .await?;
    if work.left.fetch_sub(1, Ordering::Relaxed) == 1 {
        work.done.notify_one();
    }
    Ok(Action::await_change())
}

fn shoot(index: usize) -> Shoot {
    let spec = json!({
        "cloudProfile": {"name": "local"},
        "region": "local",
        "networking": {"type": "calico", "ipFamilies": ["IPv6"], "nodes": "fd00:10:1:100::/56"},
        "provider": {"type": "local", "workers": [{
            "name": "local", "machine": {"type": "local"}, "minimum": 1, "maximum": 2,
        }]},
    });
    let spec = serde_json::from_value(spec).expect("the example is a Shoot");
    Shoot::new(&format!("s{index:05}"), spec)
}

fn shoots(client: &Client) -> Api<Shoot> {
    Api::namespaced(client.clone(), NAMESPACE)
}
