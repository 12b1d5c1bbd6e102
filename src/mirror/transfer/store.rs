//! A repository of a registry, or a layout: what can be asked of both.

use std::sync::Arc;

use http::StatusCode;

use crate::mirror::{
    Descriptor, Digest, Existing, FetchedManifest, MirrorError, RegistryClient,
    layout::Layout,
    registry::{BlobPut, BlobSource, Flow, Whereabouts, fallback_tag},
};

/// Where the parts of an image are.
#[derive(Debug, Clone)]
pub enum Store {
    /// A repository of a registry.
    Registry {
        /// The registry.
        client: RegistryClient,
        /// The repository.
        repository: String,
    },
    /// A layout, which has no repositories.
    Layout(Arc<Layout>),
}

/// What a store has under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Head {
    Absent,
    /// It is there; some registries do not say its digest.
    Present(Option<Digest>),
}

impl Store {
    /// Within what a blob can be shared.
    pub(super) fn key(&self) -> String {
        match self {
            Self::Registry { client, .. } => client.name().to_owned(),
            Self::Layout(layout) => format!("oci:{}", layout.folder().display()),
        }
    }

    /// The repository; a layout is one.
    pub(super) fn repository(&self) -> &str {
        match self {
            Self::Registry { repository, .. } => repository,
            Self::Layout(_) => "",
        }
    }

    pub(super) fn client(&self) -> Option<&RegistryClient> {
        match self {
            Self::Registry { client, .. } => Some(client),
            Self::Layout(_) => None,
        }
    }

    /// Whether a manifest can only be stored when all it refers to is there, so that one that is there says that
    /// the rest is. Registries check; in a folder everybody writes what he wants.
    pub(super) fn checks_parts(&self) -> bool {
        matches!(self, Self::Registry { .. })
    }

    pub(super) async fn head(&self, reference: &str) -> Result<Head, MirrorError> {
        match self {
            Self::Registry { client, repository } => {
                let head = client.head_manifest(repository, reference).await?;
                Ok(head.map_or(Head::Absent, |head| Head::Present(head.digest)))
            }
            Self::Layout(layout) => Ok(match layout.find(reference)? {
                Some(found) => Head::Present(Some(found.digest)),
                None => Head::Absent,
            }),
        }
    }

    /// The same of a target: some registries forbid to look at what is not there.
    pub(super) async fn head_of_target(&self, reference: &str) -> Result<Head, MirrorError> {
        match self.head(reference).await {
            Err(error) if error.status() == Some(StatusCode::FORBIDDEN) => Ok(Head::Absent),
            head => head,
        }
    }

    /// A manifest by name or digest.
    pub(in crate::mirror) async fn fetch(
        &self,
        reference: &str,
    ) -> Result<Option<FetchedManifest>, MirrorError> {
        match self {
            Self::Registry { client, repository } => client.fetch(repository, reference).await,
            Self::Layout(layout) => match layout.find(reference)? {
                Some(descriptor) => layout.fetch(&descriptor).map(Some),
                None => Ok(None),
            },
        }
    }

    pub(in crate::mirror) async fn has_blob(
        &self,
        descriptor: &Descriptor,
    ) -> Result<bool, MirrorError> {
        match self {
            Self::Registry { client, repository } => {
                client.has_blob(repository, &descriptor.digest).await
            }
            Self::Layout(layout) => Ok(layout.has_blob(descriptor)),
        }
    }

    pub(in crate::mirror) fn source(&self, digest: &Digest) -> BlobSource {
        match self {
            Self::Registry { client, repository } => BlobSource::Registry {
                client: client.clone(),
                repository: repository.clone(),
            },
            Self::Layout(layout) => BlobSource::File(layout.blob_path(digest)),
        }
    }

    /// Stores a blob. A folder is not asked where it has it.
    pub(super) async fn put_blob(
        &self,
        descriptor: &Descriptor,
        source: &BlobSource,
        whereabouts: Whereabouts<'_>,
        flow: &Arc<Flow>,
    ) -> Result<Existing, MirrorError> {
        match self {
            Self::Registry { client, repository } => {
                let put = BlobPut {
                    repository,
                    descriptor,
                    source,
                    whereabouts,
                    flow,
                };
                client.put_blob(&put).await
            }
            Self::Layout(layout) => put_in_folder(layout, descriptor, source, flow).await,
        }
    }

    /// Stores a manifest, under a name if it gets one. What it refers to must be there.
    pub(super) async fn put_document(
        &self,
        document: &FetchedManifest,
        name: Option<&str>,
    ) -> Result<(), MirrorError> {
        match self {
            Self::Registry { client, repository } => {
                let digest = document.digest.to_string();
                let stored = client
                    .put_manifest(
                        repository,
                        name.unwrap_or(&digest),
                        &document.media_type,
                        document.bytes.clone(),
                    )
                    .await?;
                match &document.subject {
                    Some(subject) if !stored.keeps_referrers => {
                        list_referrer(client, repository, &subject.digest, document).await
                    }
                    _ => Ok(()),
                }
            }
            Self::Layout(layout) => {
                layout.put_manifest(document).await?;
                if name.is_some() || document.subject.is_some() {
                    layout.list(name, &document.descriptor()).await?;
                }
                Ok(())
            }
        }
    }

    /// The manifests that are about `digest`.
    pub(super) async fn referrers(&self, digest: &Digest) -> Result<Vec<Descriptor>, MirrorError> {
        match self {
            Self::Registry { client, repository } => {
                Ok(client.referrers(repository, digest).await?.manifests)
            }
            Self::Layout(layout) => layout.referrers(digest),
        }
    }
}

/// Stores a blob in a folder. Bytes that came wrong over a line are read again.
async fn put_in_folder(
    layout: &Layout,
    descriptor: &Descriptor,
    source: &BlobSource,
    flow: &Arc<Flow>,
) -> Result<Existing, MirrorError> {
    const ATTEMPTS: u32 = 3;
    let mut attempt = 1;
    loop {
        let part = Arc::new(Flow::within(flow));
        match layout.put_blob(descriptor, source, &part).await {
            Ok(()) => return Ok(Existing::Sent),
            Err(error) => {
                flow.waste(part.passed());
                let may_change =
                    matches!(error, MirrorError::DigestDiffers { .. }) && !source.is_local();
                if attempt == ATTEMPTS || !may_change {
                    return Err(error);
                }
            }
        }
        attempt += 1;
    }
}

/// Writes a manifest into the list of those that are about `subject`, where the registry keeps no such list
/// (distribution specification, "Referrers Tag Schema").
async fn list_referrer(
    client: &RegistryClient,
    repository: &str,
    subject: &Digest,
    document: &FetchedManifest,
) -> Result<(), MirrorError> {
    use serde_json::{Value, json};

    // Two that are stored at the same time must not undo each other's entry.
    static ONE_AT_A_TIME: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    let _one = ONE_AT_A_TIME.lock().await;
    let tag = fallback_tag(subject);
    let mut index = match client.manifest(repository, &tag).await? {
        Some((bytes, _)) => serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        None => Value::Null,
    };
    if !index["manifests"].is_array() {
        let kind = crate::mirror::media_type::INDEX;
        index = json!({"schemaVersion": 2, "mediaType": kind, "manifests": []});
    }
    let mut entry = json!(document.descriptor());
    let own: Value = serde_json::from_slice(&document.bytes).unwrap_or_default();
    let kind = own
        .get("artifactType")
        .or_else(|| own.get("config")?.get("mediaType"));
    if let Some(kind) = kind {
        entry["artifactType"] = kind.clone();
    }
    if let Some(annotations) = own.get("annotations") {
        entry["annotations"] = annotations.clone();
    }
    let Some(entries) = index["manifests"].as_array_mut() else {
        return Ok(());
    };
    if entries
        .iter()
        .any(|known| known["digest"] == entry["digest"])
    {
        return Ok(());
    }
    entries.push(entry);
    let kind = crate::mirror::media_type::INDEX;
    let bytes = index.to_string().into();
    client.put_manifest(repository, &tag, kind, bytes).await?;
    Ok(())
}
