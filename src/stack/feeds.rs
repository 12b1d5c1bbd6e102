//! Watches that fill a store, wake controllers, and let bystanders look.

use std::{fmt::Debug, hash::Hash, pin::Pin, time::Duration};

use futures_util::{Stream, StreamExt as _, TryStreamExt as _, stream};
use kube::{
    Api, Resource,
    runtime::{
        WatchStreamExt as _,
        reflector::{Lookup, Store, store::Writer},
        watcher::{self, Event},
    },
};
use serde::de::DeserializeOwned;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// A stream of objects that changed, as controllers take it.
pub(crate) type Feed<K> = Pin<Box<dyn Stream<Item = Result<K, watcher::Error>> + Send>>;

/// Watches a kind into a store. `look` sees every event after the store has it.
pub(crate) fn feed<K>(
    api: Api<K>,
    config: watcher::Config,
    writer: Writer<K>,
    look: impl Fn(&Event<K>) + Send + 'static,
) -> Feed<K>
where
    K: Resource<DynamicType: Default + Eq + Hash + Clone> + Clone,
    K: DeserializeOwned + Debug + Send + Sync + 'static,
{
    watcher::watcher(api, config)
        .default_backoff()
        // Nobody here reads who owns which field, and it is the larger half of most objects.
        .modify(|object| object.meta_mut().managed_fields = None)
        .reflect(writer)
        .inspect_ok(look)
        .inspect_err(|error| tracing::debug!(%error, "a watch is tried again"))
        .applied_objects()
        .boxed()
}

/// How often a store that is not filled yet is looked at.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Waits until a store holds what there is.
///
/// A store of kube-runtime 5.0 wakes only one of those who wait for it, and its controller may be
/// another one: so nobody here relies on being woken.
pub(crate) async fn filled<K>(store: &Store<K>)
where
    K: Lookup<DynamicType: Eq + Hash + Clone> + Clone + 'static,
{
    // A dropped writer means that the stack is stopping; then whatever is there has to do.
    while tokio::time::timeout(LOOK_AGAIN, store.wait_until_ready())
        .await
        .is_err()
    {}
}

/// The sending and the receiving end of a queue of wake-up calls.
pub(crate) fn queue<T: Send + 'static>() -> (UnboundedSender<T>, impl Stream<Item = T> + Send) {
    let (sender, mut receiver): (_, UnboundedReceiver<T>) = unbounded_channel();
    let stream = stream::poll_fn(move |context| receiver.poll_recv(context));
    (sender, stream)
}

/// The object of an event that is about one object.
pub(crate) fn object_of<K>(event: &Event<K>) -> Option<&K> {
    match event {
        Event::Apply(object) | Event::InitApply(object) | Event::Delete(object) => Some(object),
        Event::Init | Event::InitDone => None,
    }
}
