//! Opening watches.

use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use super::read::parse_version;
use super::request::Request;
use super::{Engine, Operation};
use crate::cluster::embedded::status::{Cause, Status};
use crate::cluster::embedded::watch::{WatchStream, WatcherStart, open};

/// Shortest time-out the server chooses; it adds up to as much again at random, as upstream does.
const SHORTEST: u64 = 1800;

impl Engine {
    /// Opens a watch; must be called on a tokio runtime.
    pub fn watch(&self, operation: Operation) -> Result<WatchStream, Status> {
        let (request, _) = Request::resolve(&self.inner.registry, operation)?;
        self.authorize(&request)?;
        let options = &request.options;
        check_initial_events(&request)?;
        let asked = parse_version(options.resource_version.as_deref())?;
        let mut filter = request.filter()?;
        if let Some(name) = &request.target.name {
            filter.name = Some(name.clone());
        }
        let from_now = asked.is_none_or(|version| version == 0);
        let announce = options.send_initial_events.unwrap_or(from_now);
        let resource = &request.kind.resource;
        let (initial, cursor) = if announce {
            let (objects, version) = self.inner.store.list(resource, filter.namespace.as_deref());
            let chosen = objects.into_iter().filter(|object| {
                let name = filter.name.as_deref();
                name.is_none_or(|name| name == object.name()) && filter.selects(object)
            });
            (chosen.collect(), version)
        } else {
            let cursor = asked.filter(|_| !from_now);
            (
                Vec::new(),
                cursor.unwrap_or_else(|| self.inner.store.version()),
            )
        };
        let timeout = options.timeout_seconds.filter(|seconds| *seconds > 0);
        let mark_initial_end =
            options.send_initial_events == Some(true) && options.allow_watch_bookmarks;
        let events = open(WatcherStart {
            store: Arc::clone(&self.inner.store),
            registry: Arc::clone(&self.inner.registry),
            kind: Arc::clone(&request.kind),
            filter,
            initial,
            cursor,
            bookmarks: options.allow_watch_bookmarks,
            mark_initial_end,
            timeout: Duration::from_secs(timeout.unwrap_or_else(default_timeout)),
            stop: self.inner.stop.clone(),
        });
        Ok(WatchStream::new(request.kind, events))
    }
}

/// Spread, so that watches opened together do not all end together.
fn default_timeout() -> u64 {
    let random = u64::from(Uuid::new_v4().as_fields().0);
    SHORTEST + random % SHORTEST
}

/// The rules of streaming lists (`metav1.ListOptions` validation for watches).
fn check_initial_events(request: &Request) -> Result<(), Status> {
    let options = &request.options;
    let how = options
        .resource_version_match
        .as_deref()
        .filter(|how| !how.is_empty());
    let mut causes = Vec::new();
    let field = "resourceVersionMatch";
    match (options.send_initial_events, how) {
        (None, Some(_)) => {
            let why =
                "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided";
            causes.push(Cause::forbidden(field, why));
        }
        (Some(_), None) => {
            let why = "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan";
            causes.push(Cause::forbidden(field, why));
        }
        (Some(_), Some(how)) if how != "NotOlderThan" => {
            causes.push(Cause::not_supported(field, &how.into(), &["NotOlderThan"]));
        }
        _ => {}
    }
    if causes.is_empty() {
        Ok(())
    } else {
        Err(Status::invalid("meta.k8s.io", "ListOptions", "", causes))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt as _;
    use serde_json::{Value, json};

    use crate::cluster::embedded::engine::testing::{Cluster, SHOOTS, fields, shoot};
    use crate::cluster::embedded::engine::{RequestOptions, Verb};
    use crate::cluster::embedded::watch::{EventType, WatchStream};

    const A: &str = "garden.test/v1/shoots/a";

    fn watch(cluster: &Cluster, options: RequestOptions) -> WatchStream {
        let operation = cluster.operation(Verb::Watch, SHOOTS, None, options);
        cluster.engine.watch(operation).unwrap()
    }

    async fn next(stream: &mut WatchStream) -> (EventType, Value) {
        let event = stream.next().await.unwrap();
        (event.event_type, event.object.value().clone())
    }

    fn from(object: &Value) -> RequestOptions {
        RequestOptions {
            resource_version: object["metadata"]["resourceVersion"]
                .as_str()
                .map(str::to_owned),
            ..RequestOptions::default()
        }
    }

    #[tokio::test]
    async fn a_watch_from_now_announces_what_there_is_and_then_what_happens() {
        let cluster = Cluster::new().await;
        cluster.create(SHOOTS, shoot("a")).await.unwrap();
        let mut stream = watch(&cluster, RequestOptions::default());
        assert_eq!(next(&mut stream).await.0, EventType::Added);
        let moved = cluster
            .merge(A, json!({ "spec": { "region": "us" } }))
            .await
            .unwrap();
        assert_eq!(
            next(&mut stream).await,
            (EventType::Modified, moved.clone())
        );
        cluster.delete(A).await.unwrap();
        let (event, gone) = next(&mut stream).await;
        assert_eq!((event, &gone["spec"]), (EventType::Deleted, &moved["spec"]));
        assert_ne!(
            gone["metadata"]["resourceVersion"],
            moved["metadata"]["resourceVersion"]
        );
    }

    #[tokio::test]
    async fn objects_that_begin_or_cease_to_match_are_added_or_deleted() {
        let cluster = Cluster::new().await;
        let made = cluster.create(SHOOTS, shoot("a")).await.unwrap();
        let label = |value: Value| json!({ "metadata": { "labels": { "sel": value } } });
        cluster.merge(A, label("yes".into())).await.unwrap();
        cluster
            .merge(A, json!({ "spec": { "region": "us" } }))
            .await
            .unwrap();
        let last = cluster.merge(A, label(Value::Null)).await.unwrap();
        cluster
            .merge(A, json!({ "spec": { "region": "ap" } }))
            .await
            .unwrap();
        let options = RequestOptions {
            label_selector: Some("sel=yes".into()),
            ..from(&made)
        };
        let mut stream = watch(&cluster, options);
        assert_eq!(next(&mut stream).await.0, EventType::Added);
        assert_eq!(next(&mut stream).await.0, EventType::Modified);
        let (event, gone) = next(&mut stream).await;
        assert_eq!(event, EventType::Deleted);
        assert_eq!(gone["metadata"]["labels"]["sel"], "yes");
        assert_eq!(
            gone["metadata"]["resourceVersion"],
            last["metadata"]["resourceVersion"]
        );
    }

    #[tokio::test]
    async fn a_version_of_the_distant_past_is_an_error_event_and_the_end() {
        let cluster = Cluster::new().await;
        let options = RequestOptions {
            resource_version: Some("1".into()),
            ..RequestOptions::default()
        };
        let mut stream = watch(&cluster, options);
        let (event, status) = next(&mut stream).await;
        assert_eq!((event, &status["code"]), (EventType::Error, &json!(410)));
        assert!(stream.next().await.is_none());
    }

    #[tokio::test]
    async fn a_streaming_list_ends_in_a_marked_bookmark() {
        let cluster = Cluster::new().await;
        cluster.create(SHOOTS, shoot("a")).await.unwrap();
        let options = RequestOptions {
            send_initial_events: Some(true),
            allow_watch_bookmarks: true,
            ..RequestOptions::default()
        };
        let operation = cluster.operation(Verb::Watch, SHOOTS, None, options.clone());
        let status = cluster.engine.watch(operation).unwrap_err();
        assert_eq!(fields(&status), ["resourceVersionMatch"]);
        let matched = RequestOptions {
            resource_version_match: Some("NotOlderThan".into()),
            ..options
        };
        let mut stream = watch(&cluster, matched);
        assert_eq!(next(&mut stream).await.0, EventType::Added);
        let (event, bookmark) = next(&mut stream).await;
        assert_eq!(event, EventType::Bookmark);
        assert_eq!(
            bookmark["metadata"]["annotations"]["k8s.io/initial-events-end"],
            "true"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn bookmarks_come_before_the_end_and_only_when_versions_moved_on() {
        let cluster = Cluster::new().await;
        let options = RequestOptions {
            allow_watch_bookmarks: true,
            timeout_seconds: Some(10),
            ..RequestOptions::default()
        };
        while cluster.get("v1/serviceaccounts/default").await.is_err() {
            tokio::task::yield_now().await;
        }
        let mut quiet = watch(&cluster, options.clone());
        assert!(quiet.next().await.is_none(), "nothing moved on");
        let mut stream = watch(&cluster, options);
        let config = json!({ "metadata": { "name": "c" } });
        let made = cluster.create("v1/configmaps", config).await.unwrap();
        let (event, bookmark) = next(&mut stream).await;
        assert_eq!(event, EventType::Bookmark);
        assert_eq!(
            bookmark["metadata"]["resourceVersion"],
            made["metadata"]["resourceVersion"]
        );
        assert_eq!(bookmark["kind"], "Shoot");
        assert!(stream.next().await.is_none());
    }

    #[tokio::test]
    async fn a_stopped_engine_ends_its_watches() {
        let cluster = Cluster::new().await;
        let mut stream = watch(&cluster, RequestOptions::default());
        cluster.engine.stop().await;
        assert!(stream.next().await.is_none());
    }
}
