//! Unmodified kube-rs controllers work on the embedded control plane.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::{StreamExt as _, TryStreamExt as _};
use garden6::cluster::embedded::{ControlPlane, ControlPlaneOptions};
use k8s_openapi::api::core::v1::{ConfigMap, Event as CoreEvent, Namespace};
use kube::api::{
    Api, DeleteParams, ListParams, ObjectMeta, Patch, PatchParams, PostParams, WatchEvent,
    WatchParams,
};
use kube::runtime::controller::Action;
use kube::runtime::events::{Event, EventType, Recorder, Reporter};
use kube::runtime::finalizer::{Event as Finalizing, finalizer};
use kube::runtime::wait::{await_condition, conditions};
use kube::runtime::{Controller, WatchStreamExt as _, watcher};
use kube::{Client, CustomResource, CustomResourceExt as _, Resource as _, ResourceExt as _};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

const FINALIZER: &str = "kube-rs.test/cleanup";
const OBJECTS: usize = 50;
const PATIENCE: Duration = Duration::from_secs(60);

/// A kind with a child and a status.
#[derive(CustomResource, Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[kube(
    group = "kube-rs.test",
    version = "v1",
    kind = "Thing",
    namespaced,
    status = "ThingStatus"
)]
struct ThingSpec {
    text: String,
}

/// What was observed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
struct ThingStatus {
    ready: bool,
    observed_generation: i64,
}

async fn start() -> ControlPlane {
    let definition = serde_json::to_value(Thing::crd()).expect("a definition is JSON");
    ControlPlane::start(ControlPlaneOptions {
        crds: vec![definition],
        ..ControlPlaneOptions::default()
    })
    .await
    .expect("the control plane starts")
}

fn thing(name: &str) -> Thing {
    Thing::new(
        name,
        ThingSpec {
            text: format!("text of {name}"),
        },
    )
}

#[derive(Debug, thiserror::Error)]
#[error("reconciling failed: {0}")]
struct Failed(String);

/// What the reconciler needs, and the names of what it cleaned up: more than once, perhaps, when
/// its cache lags behind.
struct Context {
    client: Client,
    cleaned: Mutex<BTreeSet<String>>,
}

async fn reconcile(thing: Arc<Thing>, context: Arc<Context>) -> Result<Action, Failed> {
    let namespace = thing.namespace().unwrap_or_default();
    let things: Api<Thing> = Api::namespaced(context.client.clone(), &namespace);
    let inner = Arc::clone(&context);
    finalizer(&things, FINALIZER, thing, |event| async move {
        match event {
            Finalizing::Apply(thing) => apply(&thing, &inner.client).await,
            Finalizing::Cleanup(thing) => {
                inner
                    .cleaned
                    .lock()
                    .expect("no panic")
                    .insert(thing.name_any());
                Ok(Action::await_change())
            }
        }
    })
    .await
    .map_err(|error| Failed(format!("{error:?}")))
}

async fn apply(thing: &Thing, client: &Client) -> Result<Action, Failed> {
    let failed = |error: kube::Error| Failed(error.to_string());
    let namespace = thing.namespace().unwrap_or_default();
    let name = thing.name_any();
    let child = ConfigMap {
        metadata: ObjectMeta {
            name: Some(name.clone()),
            owner_references: thing.controller_owner_ref(&()).map(|owner| vec![owner]),
            ..ObjectMeta::default()
        },
        data: Some([("text".to_owned(), thing.spec.text.clone())].into()),
        ..ConfigMap::default()
    };
    let manager = PatchParams::apply("kube-rs-test").force();
    let children: Api<ConfigMap> = Api::namespaced(client.clone(), &namespace);
    children
        .patch(&name, &manager, &Patch::Apply(&child))
        .await
        .map_err(failed)?;
    let status = json!({
        "apiVersion": "kube-rs.test/v1",
        "kind": "Thing",
        "status": {"ready": true, "observed_generation": thing.metadata.generation},
    });
    let things: Api<Thing> = Api::namespaced(client.clone(), &namespace);
    things
        .patch_status(&name, &manager, &Patch::Apply(&status))
        .await
        .map_err(failed)?;
    Ok(Action::await_change())
}

/// Waits until a condition of all things holds.
async fn until(things: &Api<Thing>, condition: impl Fn(&[Thing]) -> bool) {
    let waiting = async {
        let mut interval = tokio::time::interval(Duration::from_millis(50));
        loop {
            interval.tick().await;
            let found = things
                .list(&ListParams::default())
                .await
                .expect("things are listed");
            if condition(&found.items) {
                return;
            }
        }
    };
    tokio::time::timeout(PATIENCE, waiting)
        .await
        .expect("the controller converges");
}

async fn run_controller(client: Client) {
    let things: Api<Thing> = Api::namespaced(client.clone(), "default");
    let children: Api<ConfigMap> = Api::namespaced(client.clone(), "default");
    let context = Arc::new(Context {
        client: client.clone(),
        cleaned: Mutex::default(),
    });
    let controller = Controller::new(things.clone(), watcher::Config::default())
        .owns(children.clone(), watcher::Config::default())
        .run(
            reconcile,
            |_, _, _| Action::requeue(Duration::from_millis(100)),
            Arc::clone(&context),
        )
        .for_each(|_| std::future::ready(()));
    let controller = tokio::spawn(controller);

    for index in 0..OBJECTS {
        things
            .create(&PostParams::default(), &thing(&format!("t{index}")))
            .await
            .expect("created");
    }
    until(&things, |things| {
        things.len() == OBJECTS
            && things.iter().all(|thing| {
                let status = thing.status.clone().unwrap_or_default();
                status.ready && Some(status.observed_generation) == thing.metadata.generation
            })
    })
    .await;
    let found = children
        .list(&ListParams::default())
        .await
        .expect("children are listed");
    let owned = found
        .iter()
        .filter(|child| !child.owner_references().is_empty())
        .count();
    assert_eq!(owned, OBJECTS);

    let changed = json!({"spec": {"text": "changed"}});
    things
        .patch("t0", &PatchParams::default(), &Patch::Merge(&changed))
        .await
        .expect("patched");
    until(&things, |things| {
        things.iter().any(|thing| {
            thing.name_any() == "t0"
                && thing
                    .status
                    .as_ref()
                    .is_some_and(|status| status.observed_generation == 2)
        })
    })
    .await;
    let child = children.get("t0").await.expect("the child exists");
    assert_eq!(child.data.expect("data")["text"], "changed");

    things
        .delete_collection(&DeleteParams::default(), &ListParams::default())
        .await
        .expect("things are deleted");
    until(&things, <[Thing]>::is_empty).await;
    assert_eq!(context.cleaned.lock().expect("no panic").len(), OBJECTS);
    let collected = async {
        while !children
            .list(&ListParams::default())
            .await
            .expect("listed")
            .items
            .iter()
            .all(|child| child.owner_references().is_empty())
        {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, collected)
        .await
        .expect("children are collected");
    controller.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_controller_converges_over_tls() {
    let control_plane = start().await;
    run_controller(control_plane.remote_client().await.expect("a client")).await;
    control_plane.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_controller_converges_in_process() {
    let control_plane = start().await;
    run_controller(control_plane.client()).await;
    control_plane.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn watchers_see_every_object_and_both_ways_to_start() {
    let control_plane = start().await;
    let client = control_plane.remote_client().await.expect("a client");
    let things: Api<Thing> = Api::namespaced(client.clone(), "default");
    for name in ["a", "b"] {
        things
            .create(&PostParams::default(), &thing(name))
            .await
            .expect("created");
    }
    for config in [
        watcher::Config::default(),
        watcher::Config::default().streaming_lists(),
    ] {
        let stream = watcher(things.clone(), config).applied_objects().take(2);
        let seen: Vec<Thing> = tokio::time::timeout(PATIENCE, stream.try_collect())
            .await
            .expect("in time")
            .expect("no error");
        let mut names: Vec<String> = seen.iter().map(kube::ResourceExt::name_any).collect();
        names.sort();
        assert_eq!(names, ["a", "b"]);
    }

    let created = await_condition(things.clone(), "c", conditions::is_created());
    let create = async {
        things
            .create(&PostParams::default(), &thing("c"))
            .await
            .expect("created");
    };
    let (created, ()) = tokio::join!(tokio::time::timeout(PATIENCE, created), create);
    assert!(created.expect("in time").expect("no error").is_some());

    let uid = things.get("c").await.expect("exists").uid().expect("a uid");
    let deleted = await_condition(things.clone(), "c", conditions::is_deleted(&uid));
    let delete = async {
        things
            .delete("c", &DeleteParams::default())
            .await
            .expect("deleted");
    };
    let (deleted, ()) = tokio::join!(tokio::time::timeout(PATIENCE, deleted), delete);
    deleted.expect("in time").expect("no error");
    control_plane.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn recorded_events_are_read_as_core_events() {
    let control_plane = start().await;
    let client = control_plane.remote_client().await.expect("a client");
    let things: Api<Thing> = Api::namespaced(client.clone(), "default");
    let thing = things
        .create(&PostParams::default(), &thing("a"))
        .await
        .expect("created");
    let reporter = Reporter {
        controller: "kube-rs.test".to_owned(),
        instance: Some("one".to_owned()),
    };
    let recorder = Recorder::new(client.clone(), reporter);
    let event = Event {
        type_: EventType::Normal,
        reason: "Created".to_owned(),
        note: Some("it was made".to_owned()),
        action: "Create".to_owned(),
        secondary: None,
    };
    let mut reference = thing.object_ref(&());
    reference.namespace = Some("default".to_owned());
    recorder
        .publish(&event, &reference)
        .await
        .expect("published");
    recorder
        .publish(&event, &reference)
        .await
        .expect("published again");

    let events: Api<CoreEvent> = Api::namespaced(client, "default");
    let about = ListParams::default().fields("involvedObject.kind=Thing,involvedObject.name=a");
    let found = events.list(&about).await.expect("listed").items;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].message.as_deref(), Some("it was made"));
    assert_eq!(
        found[0].series.as_ref().and_then(|series| series.count),
        Some(2)
    );
    control_plane.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shutdown_ends_watches_cleanly_within_a_second() {
    let control_plane = start().await;
    let client = control_plane.remote_client().await.expect("a client");
    let namespaces: Api<Namespace> = Api::all(client);
    let mut stream = namespaces
        .watch(&WatchParams::default(), "0")
        .await
        .expect("a watch")
        .boxed();
    let first = stream.try_next().await.expect("no error");
    assert!(matches!(first, Some(WatchEvent::Added(_))), "{first:?}");
    let ended = tokio::spawn(async move {
        let rest: Vec<Result<_, kube::Error>> = stream.collect().await;
        rest.into_iter().all(|event| event.is_ok())
    });
    tokio::time::timeout(Duration::from_secs(2), control_plane.shutdown())
        .await
        .expect("the shutdown is quick");
    let clean = tokio::time::timeout(Duration::from_secs(2), ended)
        .await
        .expect("the watch ends");
    assert!(clean.expect("no panic"), "the watch ended with an error");
}
