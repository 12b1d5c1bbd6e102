//! Images with layers that are real gzip of noise; skopeo looks at what it copies.

use std::io::Write as _;

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use garden6::mirror::{Descriptor, Digest, Endpoint, RegistryClient, media_type};
use serde_json::{Value, json};

use super::registry::Registry;

/// Blobs and manifests in the order in which they can be stored; the last one gets the tag.
pub(crate) struct Corpus {
    blobs: Vec<Bytes>,
    manifests: Vec<(&'static str, Bytes)>,
}

impl Corpus {
    /// An image with layers of these sizes.
    pub(crate) fn image(seed: u64, layers: &[usize]) -> Self {
        let layers: Vec<Bytes> = layers
            .iter()
            .enumerate()
            .map(|(number, size)| layer(seed * 1000 + number as u64, *size))
            .collect();
        let config = json!({
            "architecture": "amd64", "os": "linux", "seed": seed,
            "rootfs": {"type": "layers", "diff_ids": layers.iter().map(|layer| Digest::of(layer)).collect::<Vec<_>>()},
        });
        let config = Bytes::from(config.to_string());
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": media_type::MANIFEST,
            "config": descriptor(media_type::CONFIG, &config),
            "layers": layers.iter().map(|layer| descriptor(media_type::LAYER_GZIP, layer)).collect::<Vec<_>>(),
        });
        let mut blobs = vec![config];
        blobs.extend(layers);
        Self {
            blobs,
            manifests: vec![(media_type::MANIFEST, manifest.to_string().into())],
        }
    }

    /// An index of images with layers of these sizes.
    pub(crate) fn index(seed: u64, platforms: u64, layers: &[usize]) -> Self {
        let mut whole = Self {
            blobs: Vec::new(),
            manifests: Vec::new(),
        };
        let mut entries: Vec<Value> = Vec::new();
        for platform in 0..platforms {
            let image = Self::image(seed + platform, layers);
            let (kind, manifest) = &image.manifests[0];
            let mut entry = json!(descriptor(kind, manifest));
            entry["platform"] = json!({"os": "linux", "architecture": format!("arch{platform}")});
            entries.push(entry);
            whole.blobs.extend(image.blobs);
            whole.manifests.extend(image.manifests);
        }
        let index =
            json!({"schemaVersion": 2, "mediaType": media_type::INDEX, "manifests": entries});
        whole
            .manifests
            .push((media_type::INDEX, index.to_string().into()));
        whole
    }

    /// Stores it as `NAME:v1`.
    pub(crate) fn push(&self, registry: &Registry, name: &str) {
        let address = registry.address().to_string();
        let address = address.parse().expect("an address");
        let client = RegistryClient::new(&Endpoint::plain_http(&address)).expect("a client");
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(async {
            for blob in &self.blobs {
                client
                    .put_bytes(name, blob.clone())
                    .await
                    .expect("a blob is stored");
            }
            for (number, (kind, manifest)) in self.manifests.iter().enumerate() {
                let digest = Digest::of(manifest).to_string();
                let is_last = number + 1 == self.manifests.len();
                let reference = if is_last { "v1" } else { &digest };
                let stored = client.put_manifest(name, reference, kind, manifest.clone());
                stored.await.expect("a manifest is stored");
            }
        });
    }
}

fn descriptor(kind: &str, bytes: &Bytes) -> Descriptor {
    Descriptor {
        media_type: kind.to_owned(),
        digest: Digest::of(bytes),
        size: bytes.len() as u64,
    }
}

fn layer(seed: u64, size: usize) -> Bytes {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut gzip = GzEncoder::new(Vec::with_capacity(size + size / 100), Compression::none());
    let mut chunk = vec![0; 64 * 1024];
    let mut left = size;
    while left > 0 {
        let part = left.min(chunk.len());
        random.fill(&mut chunk[..part]);
        gzip.write_all(&chunk[..part])
            .expect("memory takes everything");
        left -= part;
    }
    gzip.finish().expect("memory takes everything").into()
}
