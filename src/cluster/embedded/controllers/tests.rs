//! The controllers on a whole engine.

use std::time::Duration;

use serde_json::{Value, json};

use crate::cluster::embedded::engine::testing::{Cluster, SHOOTS, shoot};
use crate::cluster::embedded::engine::{Body, RequestOptions, Verb};
use crate::cluster::embedded::status::Status;

const OWNER: &str = "garden.test/v1/shoots/owner";
const CHILD: &str = "v1/configmaps/child";

/// Waits until the controllers have brought an object to some state.
async fn eventually(cluster: &Cluster, path: &str, state: impl Fn(&Result<Value, Status>) -> bool) {
    let settled = async {
        while !state(&cluster.get(path).await) {
            tokio::task::yield_now().await;
        }
    };
    let in_time = tokio::time::timeout(Duration::from_secs(10), settled).await;
    assert!(
        in_time.is_ok(),
        "{path} stays {:?}",
        cluster.get(path).await
    );
}

fn gone(answer: &Result<Value, Status>) -> bool {
    answer.as_ref().is_err_and(|status| status.code == 404)
}

/// A Shoot `owner` and a `ConfigMap` `child` that it owns.
async fn family(blocks: bool, finalizers: &[&str]) -> Cluster {
    let cluster = Cluster::new().await;
    let owner = cluster.create(SHOOTS, shoot("owner")).await.unwrap();
    let child = json!({ "metadata": {
        "name": "child",
        "finalizers": finalizers,
        "ownerReferences": [{
            "apiVersion": "garden.test/v1", "kind": "Shoot", "name": "owner",
            "uid": owner["metadata"]["uid"], "blockOwnerDeletion": blocks,
        }],
    } });
    cluster.create("v1/configmaps", child).await.unwrap();
    cluster
}

async fn delete(cluster: &Cluster, path: &str, policy: &str) -> Value {
    let body = Some(Body::Object(json!({ "propagationPolicy": policy })));
    cluster
        .run(Verb::Delete, path, body, RequestOptions::default())
        .await
        .unwrap()
        .1
}

#[tokio::test]
async fn dependents_follow_their_owner_in_the_background() {
    let cluster = family(false, &[]).await;
    assert_eq!(
        delete(&cluster, OWNER, "Background").await["status"],
        "Success"
    );
    eventually(&cluster, CHILD, gone).await;
}

#[tokio::test]
async fn a_foreground_owner_waits_for_dependents_that_block() {
    let cluster = family(true, &["test/hold"]).await;
    let held = delete(&cluster, OWNER, "Foreground").await;
    assert_eq!(
        held["metadata"]["finalizers"],
        json!(["foregroundDeletion"])
    );
    eventually(&cluster, CHILD, |child| {
        child
            .as_ref()
            .is_ok_and(|child| child["metadata"].get("deletionTimestamp").is_some())
    })
    .await;
    assert!(cluster.get(OWNER).await.is_ok());
    cluster
        .merge(CHILD, json!({ "metadata": { "finalizers": null } }))
        .await
        .unwrap();
    eventually(&cluster, OWNER, gone).await;
}

#[tokio::test]
async fn orphans_forget_their_owner_before_it_goes() {
    let cluster = family(false, &[]).await;
    delete(&cluster, OWNER, "Orphan").await;
    eventually(&cluster, OWNER, gone).await;
    let child = cluster.get(CHILD).await.unwrap();
    assert!(child["metadata"].get("ownerReferences").is_none());
}

#[tokio::test]
async fn an_owner_that_never_was_is_no_owner() {
    let cluster = Cluster::new().await;
    let reference = |api_version: &str, kind: &str| json!([{ "apiVersion": api_version, "kind": kind, "name": "ghost", "uid": "u1" }]);
    for (name, references) in [
        ("child", reference("v1", "ConfigMap")),
        ("safe", reference("no.test/v1", "Unknown")),
    ] {
        let child = json!({ "metadata": { "name": name, "ownerReferences": references } });
        cluster.create("v1/configmaps", child).await.unwrap();
    }
    eventually(&cluster, CHILD, gone).await;
    assert!(
        cluster.get("v1/configmaps/safe").await.is_ok(),
        "the kind of its owner is unknown"
    );
}

#[tokio::test]
async fn a_namespace_goes_after_its_content_and_says_what_it_waits_for() {
    let cluster = Cluster::new().await;
    let held = json!({ "metadata": { "name": "child", "finalizers": ["test/hold"] } });
    cluster.create("v1/configmaps", held).await.unwrap();
    let namespace = cluster.delete("v1/namespaces/ns").await.unwrap();
    assert_eq!(namespace["status"]["phase"], "Terminating");
    let status = cluster.create(SHOOTS, shoot("late")).await.unwrap_err();
    assert_eq!(
        status.details.unwrap().causes[0].reason,
        "NamespaceTerminating"
    );
    eventually(&cluster, "v1/namespaces/ns", |namespace| {
        let conditions = namespace
            .as_ref()
            .ok()
            .and_then(|found| found["status"]["conditions"].as_array().cloned());
        conditions.into_iter().flatten().any(|condition| {
            condition["type"] == "NamespaceFinalizersRemaining" && condition["status"] == "True"
        })
    })
    .await;
    cluster
        .merge(CHILD, json!({ "metadata": { "finalizers": null } }))
        .await
        .unwrap();
    eventually(&cluster, "v1/namespaces/ns", gone).await;
}

#[tokio::test]
async fn a_definition_takes_its_objects_along() {
    let cluster = Cluster::new().await;
    cluster.create(SHOOTS, shoot("a")).await.unwrap();
    let path = "apiextensions.k8s.io/v1/customresourcedefinitions/shoots.garden.test";
    let held = cluster.delete(path).await.unwrap();
    let finalizers = held["metadata"]["finalizers"].as_array().unwrap();
    assert_eq!(finalizers, &["customresourcecleanup.apiextensions.k8s.io"]);
    eventually(&cluster, path, gone).await;
    assert_eq!(
        cluster
            .get("garden.test/v1/shoots/a")
            .await
            .unwrap_err()
            .code,
        404
    );
}

#[tokio::test]
async fn every_namespace_has_a_default_account() {
    let cluster = Cluster::new().await;
    eventually(&cluster, "v1/serviceaccounts/default", Result::is_ok).await;
    cluster.delete("v1/serviceaccounts/default").await.unwrap();
    eventually(&cluster, "v1/serviceaccounts/default", Result::is_ok).await;
}
