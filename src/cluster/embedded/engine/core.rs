//! The engine value: a cheap handle on store, registry and options.

use std::sync::{Arc, Weak};

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::request::Request;
use super::{Operation, Outcome, Tokens, User, Verb};
use crate::cluster::embedded::controllers;
use crate::cluster::embedded::kinds::service::ServiceAddresses;
use crate::cluster::embedded::kinds::{Registry, builtin_kinds};
use crate::cluster::embedded::options::EngineOptions;
use crate::cluster::embedded::status::Status;
use crate::cluster::embedded::store::Store;

/// A handle on one control plane's state; clones share it.
#[derive(Debug, Clone)]
pub struct Engine {
    pub(super) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) store: Arc<Store>,
    pub(super) registry: Arc<Registry>,
    pub(super) options: EngineOptions,
    pub(super) addresses: ServiceAddresses,
    pub(super) tokens: Tokens,
    pub(super) stop: CancellationToken,
    pub(super) tasks: TaskTracker,
}

/// A handle that does not keep the control plane alive, for tasks that live inside of it.
#[derive(Debug, Clone)]
pub(in crate::cluster::embedded) struct WeakEngine {
    inner: Weak<Inner>,
}

impl WeakEngine {
    pub(in crate::cluster::embedded) fn upgrade(&self) -> Option<Engine> {
        self.inner.upgrade().map(|inner| Engine { inner })
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Engine {
    /// Makes a control plane with the objects every cluster has and starts its controllers on the
    /// current tokio runtime; call [`Engine::stop`] to end them.
    pub fn new(options: EngineOptions) -> Result<Self, Status> {
        let store = match &options.log {
            None => Store::default(),
            Some(path) => Store::open(path).map_err(Status::internal)?,
        };
        let registry = Registry::default();
        for kind in builtin_kinds() {
            registry.add(kind);
        }
        let addresses = ServiceAddresses::new(&options.service_cidrs);
        let engine = Self {
            inner: Arc::new(Inner {
                store: Arc::new(store),
                registry: Arc::new(registry),
                options,
                addresses,
                tokens: Tokens::default(),
                stop: CancellationToken::new(),
                tasks: TaskTracker::new(),
            }),
        };
        engine.bootstrap()?;
        controllers::start(&engine);
        Ok(engine)
    }

    /// The kinds served right now.
    pub fn registry(&self) -> &Registry {
        &self.inner.registry
    }

    /// The objects themselves, for controllers that live in this process.
    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    /// Is cancelled when the engine stops.
    pub fn stopping(&self) -> &CancellationToken {
        &self.inner.stop
    }

    pub(in crate::cluster::embedded) fn downgrade(&self) -> WeakEngine {
        WeakEngine {
            inner: Arc::downgrade(&self.inner),
        }
    }

    /// The tasks that [`Engine::stop`] waits for.
    pub(in crate::cluster::embedded) fn tasks(&self) -> &TaskTracker {
        &self.inner.tasks
    }

    /// The options the engine was made with.
    pub fn options(&self) -> &EngineOptions {
        &self.inner.options
    }

    /// The time stamp of now, in whole seconds as `metav1.Time` is.
    pub(in crate::cluster::embedded) fn now(&self) -> String {
        self.inner
            .options
            .clock
            .now()
            .strftime("%Y-%m-%dT%H:%M:%SZ")
            .to_string()
    }

    /// Runs any verb except watch.
    pub async fn run(&self, operation: Operation) -> Result<Outcome, Status> {
        let (request, body) = Request::resolve(&self.inner.registry, operation)?;
        self.authorize(&request)?;
        match (request.verb, request.subresource()) {
            (Verb::Get, Some("scale")) => self.get_scale(&request),
            (Verb::Get, _) => self.get(&request),
            (Verb::List, _) => self.list(&request),
            (Verb::Watch, _) => Err(Status::bad_request("a watch is not a single answer")),
            (Verb::Create, None) if request.kind.verbs == ["create"] => self.review(&request, body),
            (Verb::Create, None) => self.create(&request, body).await,
            (Verb::Create, Some("token")) => self.create_token(&request, body),
            (Verb::Create, Some(_)) => Err(Status::no_such_path()),
            (Verb::Update, Some("scale")) => self.update_scale(&request, body).await,
            (Verb::Update, Some("finalize")) => self.finalize(&request, body).await,
            (Verb::Update, _) => self.update(&request, body).await,
            (Verb::Patch, Some("scale")) => self.patch_scale(&request, body).await,
            (Verb::Patch, _) => self.patch(&request, body).await,
            (Verb::Delete, _) => self.delete(&request, body).await,
            (Verb::DeleteCollection, _) => self.delete_collection(&request, body).await,
        }
    }

    /// The user behind a bearer token that this engine issued.
    pub fn identify(&self, token: &str) -> Option<User> {
        self.inner
            .tokens
            .identify(token, self.inner.options.clock.now())
    }

    /// Ends every watch and stops the controllers.
    pub async fn stop(&self) {
        self.inner.stop.cancel();
        self.inner.tasks.close();
        self.inner.tasks.wait().await;
    }
}
