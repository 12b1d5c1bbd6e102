//! The registries and layouts of a run: each is opened once and shared by all images.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use super::{Place, Store};
use crate::mirror::{
    ImageRef, MirrorError, RegistryClient,
    layout::Layout,
    registry::{Endpoint, Session},
};

/// The registries and layouts of a run.
#[derive(Debug, Default)]
pub struct Stores {
    session: Session,
    plain_http: BTreeSet<String>,
    endpoints: BTreeMap<String, Endpoint>,
    clients: Mutex<HashMap<String, RegistryClient>>,
    layouts: tokio::sync::Mutex<HashMap<(PathBuf, bool), Arc<Layout>>>,
}

impl Stores {
    /// Stores that share connections and credentials.
    pub fn new(session: Session) -> Self {
        Self {
            session,
            ..Self::default()
        }
    }

    /// Speaks to these registries without TLS.
    #[must_use]
    pub fn plain_http(mut self, registries: impl IntoIterator<Item = String>) -> Self {
        let canonical = |name: String| {
            let image = format!("{name}/x").parse::<ImageRef>();
            image.map_or(name, |image| image.canonical_registry())
        };
        self.plain_http
            .extend(registries.into_iter().map(canonical));
        self
    }

    /// Reaches a registry elsewhere than its name says.
    #[must_use]
    pub fn reached_at(mut self, registry: &str, endpoint: Endpoint) -> Self {
        self.endpoints.insert(registry.to_owned(), endpoint);
        self
    }

    /// Where an image is read.
    pub async fn source(&self, place: &Place) -> Result<Store, MirrorError> {
        self.open(place, false).await
    }

    /// Where an image is written.
    pub async fn target(&self, place: &Place) -> Result<Store, MirrorError> {
        self.open(place, true).await
    }

    async fn open(&self, place: &Place, writes: bool) -> Result<Store, MirrorError> {
        match place {
            Place::Registry(image) => Ok(Store::Registry {
                client: self.client(image)?,
                repository: image.repository().to_owned(),
            }),
            Place::Layout { folder, .. } => Ok(Store::Layout(self.layout(folder, writes).await?)),
        }
    }

    fn client(&self, image: &ImageRef) -> Result<RegistryClient, MirrorError> {
        let name = image.canonical_registry();
        let mut clients = self
            .clients
            .lock()
            .expect("no panic happens under this lock");
        if let Some(client) = clients.get(&name) {
            return Ok(client.clone());
        }
        let endpoint = match self.endpoints.get(&name) {
            Some(endpoint) => endpoint.clone(),
            None => Endpoint::of_registry(&name, self.plain_http.contains(&name))?,
        };
        let client = RegistryClient::in_session(&endpoint, &self.session);
        clients.insert(name, client.clone());
        Ok(client)
    }

    async fn layout(&self, folder: &Path, writes: bool) -> Result<Arc<Layout>, MirrorError> {
        let mut layouts = self.layouts.lock().await;
        let key = (folder.to_owned(), writes);
        if let Some(layout) = layouts.get(&key) {
            return Ok(Arc::clone(layout));
        }
        let layout = Arc::new(if writes {
            Layout::create(folder).await?
        } else {
            Layout::open(folder)?
        });
        layouts.insert(key, Arc::clone(&layout));
        Ok(layout)
    }

    /// The registries that were opened.
    pub fn clients(&self) -> Vec<RegistryClient> {
        let clients = self
            .clients
            .lock()
            .expect("no panic happens under this lock");
        clients.values().cloned().collect()
    }

    /// Gives up what was begun, after an interrupt.
    pub async fn abandon(&self) {
        let clients = self.clients();
        let abandoned = clients.iter().map(RegistryClient::abandon_uploads);
        futures_util::future::join_all(abandoned).await;
    }
}
