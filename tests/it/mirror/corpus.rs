//! Images made of noise from a seed: the same on every machine, and nothing in them is worth compressing.

use bytes::Bytes;
use garden6::mirror::{Descriptor, Digest, RegistryClient, media_type};
use serde_json::{Value, json};

/// The platforms of a made index.
pub(super) const PLATFORMS: [&str; 4] =
    ["linux/amd64", "linux/arm64", "linux/arm/v7", "linux/s390x"];

/// Bytes that are the same for the same seed.
pub(super) fn noise(seed: u64, length: usize) -> Bytes {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes.into()
}

fn descriptor(kind: &str, bytes: &Bytes) -> Descriptor {
    Descriptor {
        media_type: kind.to_owned(),
        digest: Digest::of(bytes),
        size: bytes.len() as u64,
    }
}

/// An image of layers of noise, with whitespace in its manifest that nobody may touch.
pub(super) struct Image {
    pub(super) manifest: Bytes,
    pub(super) blobs: Vec<Bytes>,
    platform: String,
}

impl Image {
    pub(super) fn new(seed: u64, platform: &str, layers: &[usize]) -> Self {
        let layers = layers.iter().enumerate();
        let layers = layers.map(|(number, size)| noise(seed * 1000 + number as u64, *size));
        Self::of_layers(seed, platform, layers.collect())
    }

    pub(super) fn of_layers(seed: u64, platform: &str, layers: Vec<Bytes>) -> Self {
        let mut words = platform.split('/');
        let config = json!({
            "os": words.next(), "architecture": words.next(), "variant": words.next(),
            "seed": seed, "rootfs": {"type": "layers", "diff_ids": []},
        });
        let config = Bytes::from(config.to_string());
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": media_type::MANIFEST,
            "config": descriptor(media_type::CONFIG, &config),
            "layers": layers.iter().map(|layer| descriptor(media_type::LAYER_GZIP, layer)).collect::<Vec<_>>(),
            "annotations": {"z": "first", "a": "second"},
        });
        let mut blobs = vec![config];
        blobs.extend(layers);
        Self {
            manifest: format!("{manifest:#}\n").into(),
            blobs,
            platform: platform.to_owned(),
        }
    }

    /// A statement about a manifest, as `BuildKit` stores it.
    fn attestation(seed: u64) -> Self {
        Self::new(seed, "unknown/unknown", &[300])
    }

    /// A statement about a manifest, as OCI 1.1 stores it.
    pub(super) fn about(subject: &Bytes, seed: u64) -> Self {
        let mut image = Self::new(seed, "unknown/unknown", &[200]);
        let mut manifest: Value = serde_json::from_slice(&image.manifest).expect("JSON");
        manifest["artifactType"] = "application/vnd.test.signature".into();
        manifest["subject"] = json!(descriptor(media_type::MANIFEST, subject));
        image.manifest = manifest.to_string().into();
        image
    }

    pub(super) fn digest(&self) -> Digest {
        Digest::of(&self.manifest)
    }

    async fn push_blobs(&self, client: &RegistryClient, repository: &str) {
        for blob in &self.blobs {
            client
                .put_bytes(repository, blob.clone())
                .await
                .expect("a blob is stored");
        }
    }

    /// Stores the image under a tag, or under its digest.
    pub(super) async fn push(&self, client: &RegistryClient, repository: &str, tag: Option<&str>) {
        self.push_blobs(client, repository).await;
        let digest = self.digest().to_string();
        client
            .put_manifest(
                repository,
                tag.unwrap_or(&digest),
                media_type::MANIFEST,
                self.manifest.clone(),
            )
            .await
            .expect("a manifest is stored");
    }
}

/// An index of four platforms, each with an attestation; the platforms share a layer.
pub(super) struct Index {
    pub(super) bytes: Bytes,
    pub(super) images: Vec<Image>,
}

impl Index {
    pub(super) fn new(seed: u64, layers: &[usize]) -> Self {
        let shared = noise(seed * 77, 5000);
        let mut entries = Vec::new();
        let mut images = Vec::new();
        for (number, platform) in PLATFORMS.iter().enumerate() {
            let seed = seed * 100 + number as u64;
            let own = layers.iter().enumerate();
            let own = own.map(|(number, size)| noise(seed * 1000 + number as u64, *size));
            let layers = std::iter::once(shared.clone()).chain(own).collect();
            let image = Image::of_layers(seed, platform, layers);
            let attestation = Image::attestation(seed + 50);
            entries.push(entry(&image, None));
            entries.push(entry(&attestation, Some(&image)));
            images.push(image);
            images.push(attestation);
        }
        let index = json!({
            "schemaVersion": 2, "mediaType": media_type::INDEX, "manifests": entries,
            "annotations": {"z": "first"},
        });
        Self {
            bytes: format!("{index:#}").into(),
            images,
        }
    }

    pub(super) fn digest(&self) -> Digest {
        Digest::of(&self.bytes)
    }

    /// Bytes of the different blobs.
    pub(super) fn blob_bytes(&self) -> u64 {
        let blobs: std::collections::BTreeMap<Digest, u64> = self
            .images
            .iter()
            .flat_map(|image| &image.blobs)
            .map(|blob| (Digest::of(blob), blob.len() as u64))
            .collect();
        blobs.values().sum()
    }

    pub(super) async fn push(&self, client: &RegistryClient, repository: &str, tag: &str) {
        for image in &self.images {
            image.push(client, repository, None).await;
        }
        client
            .put_manifest(repository, tag, media_type::INDEX, self.bytes.clone())
            .await
            .expect("the index is stored");
    }
}

fn entry(image: &Image, about: Option<&Image>) -> Value {
    let mut words = image.platform.split('/');
    let mut platform = json!({"os": words.next(), "architecture": words.next()});
    if let Some(variant) = words.next() {
        platform["variant"] = variant.into();
    }
    let mut entry = json!(descriptor(media_type::MANIFEST, &image.manifest));
    entry["platform"] = platform;
    if let Some(about) = about {
        entry["annotations"] = json!({
            "vnd.docker.reference.type": "attestation-manifest",
            "vnd.docker.reference.digest": about.digest(),
        });
    }
    entry
}

/// Everything below a manifest, as a registry serves it, read without the client under test: digests and bytes.
pub(super) async fn everything(
    address: std::net::SocketAddr,
    repository: &str,
    reference: &str,
) -> Option<Vec<(Digest, Bytes)>> {
    drop(rustls::crypto::ring::default_provider().install_default());
    let http = reqwest::Client::builder()
        .no_proxy()
        .build()
        .expect("a client");
    let mut found = Vec::new();
    let mut open = vec![(true, reference.to_owned())];
    while let Some((is_manifest, name)) = open.pop() {
        let kind = if is_manifest { "manifests" } else { "blobs" };
        let answer = http
            .get(format!("http://{address}/v2/{repository}/{kind}/{name}"))
            .header("accept", media_type::ACCEPT)
            .send()
            .await
            .expect("an answer");
        if !answer.status().is_success() {
            return None;
        }
        let bytes = answer.bytes().await.expect("all of it");
        if is_manifest {
            let value: Value = serde_json::from_slice(&bytes).expect("JSON");
            let below = |key: &str| value[key].as_array().cloned().unwrap_or_default();
            let name = |value: &Value| value["digest"].as_str().expect("a digest").to_owned();
            open.extend(below("manifests").iter().map(|entry| (true, name(entry))));
            open.extend(below("layers").iter().map(|entry| (false, name(entry))));
            open.extend(value.get("config").map(|entry| (false, name(entry))));
        }
        if let Ok(wanted) = name.parse::<Digest>() {
            assert_eq!(
                Digest::of(&bytes),
                wanted,
                "a registry serves something else"
            );
        }
        found.push((Digest::of(&bytes), bytes));
    }
    found.sort();
    found.dedup();
    Some(found)
}
