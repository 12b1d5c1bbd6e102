//! Building the image and bringing it to a registry.

use std::{collections::BTreeMap, path::Path};

use bytes::Bytes;

use super::{
    layer::{Layer, PROGRAM_PATH},
    libraries::{Resolved, resolve},
};
use crate::mirror::{
    Descriptor, Digest, Existing, ImageManifest, ImageRef, MirrorError, RegistryClient,
    manifest::{ImageConfig, RootFs, RunConfig},
    media_type,
};

/// Where the image is in a registry.
const REPOSITORY: &str = "garden6/garden6";
/// Nobody: the program needs no rights in its container.
const USER: &str = "65532:65532";
/// Digits of the content digest in the tag: enough to tell builds apart, short enough to read.
const TAG_DIGITS: usize = 12;

/// The image of a program, ready to be pushed.
#[derive(Debug)]
pub struct OwnImage {
    layer: Layer,
    resolved: Resolved,
    diff_id: Digest,
    version: String,
}

/// What came of a push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pushed {
    /// How nodes call the image.
    pub image: ImageRef,
    /// Whether anything had to be sent.
    pub existing: Existing,
    /// Size of the compressed layer; zero if nothing was sent.
    pub size: u64,
}

impl OwnImage {
    /// Looks at a program and its libraries. Reads all of them once; call it off the async threads.
    ///
    /// # Errors
    ///
    /// [`MirrorError::Program`] on a system whose programs do not run in a Linux container.
    pub fn of(program: &Path, version: &str) -> Result<Self, MirrorError> {
        let resolved = resolve(program)?;
        let layer = Layer::new(program, &resolved);
        let diff_id = layer.diff_id()?;
        Ok(Self {
            layer,
            resolved,
            diff_id,
            version: version.to_owned(),
        })
    }

    /// How nodes call the image in a registry.
    pub fn reference(&self, registry: &str) -> Result<ImageRef, MirrorError> {
        Ok(ImageRef::with_tag(registry, REPOSITORY, &self.tag())?)
    }

    /// The version and the beginning of the content digest: another program, another tag.
    fn tag(&self) -> String {
        let version = self.version.replace('+', "_");
        format!("{version}-{}", &self.diff_id.hex()[..TAG_DIGITS])
    }

    /// Pushes the image, unless the registry has its tag.
    ///
    /// `registry` is the name nodes use; `client` reaches the same registry from here.
    pub async fn push(
        self,
        client: &RegistryClient,
        registry: &str,
    ) -> Result<Pushed, MirrorError> {
        let image = self.reference(registry)?;
        let tag = self.tag();
        if client.manifest_digest(REPOSITORY, &tag).await?.is_some() {
            return Ok(Pushed {
                image,
                existing: Existing::Found,
                size: 0,
            });
        }
        let config = Bytes::from(self.config());
        let layer = self.layer;
        let compressed = tokio::task::spawn_blocking(move || layer.compress())
            .await
            .expect("invariant: compressing does not panic")?;
        client
            .put_file(REPOSITORY, &compressed.descriptor, compressed.file.path())
            .await?;
        client.put_bytes(REPOSITORY, config.clone()).await?;
        let descriptor = Descriptor {
            media_type: media_type::CONFIG.to_owned(),
            digest: Digest::of(&config),
            size: config.len() as u64,
        };
        let size = compressed.descriptor.size;
        let manifest = ImageManifest::new(descriptor, vec![compressed.descriptor]);
        client
            .put_manifest(REPOSITORY, &tag, media_type::MANIFEST, encode(&manifest))
            .await?;
        Ok(Pushed {
            image,
            existing: Existing::Sent,
            size,
        })
    }

    fn config(&self) -> Vec<u8> {
        let mut env = vec!["PATH=/usr/bin".to_owned(), "HOME=/tmp".to_owned()];
        let folders = self.resolved.folders();
        if !folders.is_empty() {
            // There is no loader cache in the image.
            env.push(format!("LD_LIBRARY_PATH={}", folders.join(":")));
        }
        let label = "org.opencontainers.image.version".to_owned();
        encode(&ImageConfig {
            architecture: architecture().to_owned(),
            os: "linux".to_owned(),
            config: RunConfig {
                user: USER.to_owned(),
                env,
                entrypoint: vec![PROGRAM_PATH.to_owned()],
                labels: BTreeMap::from([(label, self.version.clone())]),
            },
            rootfs: RootFs {
                kind: "layers".to_owned(),
                diff_ids: vec![self.diff_id.clone()],
            },
        })
        .to_vec()
    }
}

fn encode(document: &impl serde::Serialize) -> Bytes {
    serde_json::to_vec(document)
        .expect("invariant: documents have string keys and no failing serialiser")
        .into()
}

/// Go's names of processors.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}
