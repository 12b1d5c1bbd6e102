//! The state of one watch: a cursor in the ring of changes and what is due when.
//!
//! A watcher buffers nothing but the batch it is handing out; one that reads too slowly finds its
//! cursor forgotten and ends with a 410, as the Kubernetes API tells clients to expect.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{Stream, stream};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::{EventType, Filter, WatchEvent};
use crate::cluster::embedded::kinds::{Kind, Registry};
use crate::cluster::embedded::status::Status;
use crate::cluster::embedded::store::{Change, ChangeType, Object, Store};

/// Changes read under one lock.
const BATCH: usize = 256;
/// Time between bookmarks.
const BOOKMARK_PERIOD: Duration = Duration::from_secs(60);
/// How long before its time-out a watch sends a last bookmark.
const BOOKMARK_LEAD: Duration = Duration::from_secs(2);

/// Everything a watcher needs to start.
#[derive(Debug)]
pub struct WatcherStart {
    /// Where changes come from.
    pub store: Arc<Store>,
    /// Where the kind is known, as long as it is.
    pub registry: Arc<Registry>,
    /// The kind in the version asked for.
    pub kind: Arc<Kind>,
    /// Which objects.
    pub filter: Filter,
    /// Objects to announce first.
    pub initial: Vec<Arc<Object>>,
    /// The version after which changes are reported.
    pub cursor: u64,
    /// Whether the client asked for bookmarks.
    pub bookmarks: bool,
    /// Whether the end of `initial` is marked with a bookmark.
    pub mark_initial_end: bool,
    /// How long the watch lasts.
    pub timeout: Duration,
    /// Ends every watch.
    pub stop: CancellationToken,
}

struct Watcher {
    start: WatcherStart,
    ready: VecDeque<WatchEvent>,
    moved: watch::Receiver<u64>,
    /// The version the client knows of.
    told: u64,
    deadline: Instant,
    next_bookmark: Instant,
    finished: bool,
}

/// Opens the stream of events of one watch.
pub fn open(start: WatcherStart) -> impl Stream<Item = WatchEvent> + Send + 'static {
    let now = Instant::now();
    let moved = start.store.wake_on(&start.kind.resource);
    let deadline = now + start.timeout;
    let mut watcher = Watcher {
        ready: VecDeque::new(),
        moved,
        told: start.cursor,
        deadline,
        next_bookmark: next_bookmark(now, deadline),
        finished: false,
        start,
    };
    watcher.announce_initial();
    stream::unfold(watcher, |mut watcher| async move {
        let event = watcher.next().await?;
        Some((event, watcher))
    })
}

fn next_bookmark(now: Instant, deadline: Instant) -> Instant {
    let last = deadline.checked_sub(BOOKMARK_LEAD).unwrap_or(deadline);
    let regular = now + BOOKMARK_PERIOD;
    if last > now {
        regular.min(last)
    } else {
        regular
    }
}

impl Watcher {
    fn announce_initial(&mut self) {
        for object in std::mem::take(&mut self.start.initial) {
            self.push(EventType::Added, &object);
        }
        if self.start.mark_initial_end {
            self.push_bookmark(true);
        }
    }

    async fn next(&mut self) -> Option<WatchEvent> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            if self.finished || self.start.stop.is_cancelled() {
                return None;
            }
            self.moved.mark_unchanged();
            self.read_changes();
            if !self.ready.is_empty() {
                continue;
            }
            if !self.is_served() {
                return None;
            }
            let wake = if self.start.bookmarks {
                self.deadline.min(self.next_bookmark)
            } else {
                self.deadline
            };
            tokio::select! {
                biased;
                () = self.start.stop.cancelled() => return None,
                changed = self.moved.changed() => {
                    if changed.is_err() {
                        return None;
                    }
                }
                () = sleep_until(wake) => self.on_time(),
            }
        }
    }

    /// A definition that was removed ends the watches on its kind.
    fn is_served(&self) -> bool {
        let kind = &self.start.kind;
        self.start
            .registry
            .lookup(&kind.group, &kind.version, &kind.plural)
            .is_some()
    }

    fn on_time(&mut self) {
        let now = Instant::now();
        if now >= self.deadline {
            self.finished = true;
            return;
        }
        if now >= self.next_bookmark {
            self.next_bookmark = next_bookmark(now, self.deadline);
            self.read_changes();
            if self.ready.is_empty() && self.start.cursor > self.told {
                self.push_bookmark(false);
            }
        }
    }

    fn read_changes(&mut self) {
        let read =
            self.start
                .store
                .changes_after(&self.start.kind.resource, self.start.cursor, BATCH);
        match read {
            Ok(batch) => {
                for change in &batch.changes {
                    self.push_change(change);
                }
                self.start.cursor = batch.version;
            }
            Err(too_old) => {
                let status = Status::too_old(self.start.cursor, too_old.oldest);
                let object = Arc::new(Object::new(status.to_value(), 0));
                self.ready.push_back(WatchEvent {
                    event_type: EventType::Error,
                    object,
                });
                self.finished = true;
            }
        }
    }

    fn push_change(&mut self, change: &Change) {
        if !self
            .start
            .filter
            .covers(&change.key.namespace, &change.key.name)
        {
            return;
        }
        let before = change
            .previous
            .as_ref()
            .filter(|object| self.start.filter.selects(object));
        let matches_now =
            change.change_type != ChangeType::Deleted && self.start.filter.selects(&change.object);
        match (before, matches_now) {
            (None, false) => {}
            (None, true) => self.push(EventType::Added, &change.object),
            (Some(_), true) => self.push(EventType::Modified, &change.object),
            (Some(_), false) if change.change_type == ChangeType::Deleted => {
                self.push(EventType::Deleted, &change.object);
            }
            (Some(last_match), false) => {
                let gone = at_version(last_match, change.version);
                self.push(EventType::Deleted, &gone);
            }
        }
    }

    fn push(&mut self, event_type: EventType, object: &Arc<Object>) {
        self.told = self.told.max(object.version());
        let object = self.start.kind.show(object);
        self.ready.push_back(WatchEvent { event_type, object });
    }

    fn push_bookmark(&mut self, ends_initial: bool) {
        self.told = self.start.cursor;
        let mut metadata = json!({ "resourceVersion": self.start.cursor.to_string() });
        if ends_initial {
            metadata["annotations"] = json!({ "k8s.io/initial-events-end": "true" });
        }
        let value = json!({
            "kind": self.start.kind.kind,
            "apiVersion": self.start.kind.api_version(),
            "metadata": metadata,
        });
        let object = Arc::new(Object::new(value, self.start.cursor));
        self.ready.push_back(WatchEvent {
            event_type: EventType::Bookmark,
            object,
        });
    }
}

/// The same state under a newer version.
fn at_version(object: &Object, version: u64) -> Arc<Object> {
    let mut value = object.value().clone();
    if let Some(known) = value.pointer_mut("/metadata/resourceVersion") {
        *known = Value::String(version.to_string());
    }
    Arc::new(Object::new(value, version))
}
