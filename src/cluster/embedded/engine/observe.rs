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
