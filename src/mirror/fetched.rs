//! What a manifest refers to, read from its bytes. The bytes themselves are never written again from this.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;

use super::{Descriptor, Digest, MirrorError, media_type, plan::Platform};

/// A manifest as it came, with what was read from it.
#[derive(Debug, Clone)]
pub struct FetchedManifest {
    /// The exact bytes, which the digest is of.
    pub bytes: Bytes,
    /// What it is: its own `mediaType`, else what the registry said.
    pub media_type: String,
    /// Its digest.
    pub digest: Digest,
    /// What it refers to.
    pub content: Content,
    /// What it is a statement about (OCI image specification 1.1, `subject`).
    pub subject: Option<Descriptor>,
}

/// What a manifest refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Manifests, one per platform as a rule.
    Index(Vec<Child>),
    /// Blobs: configuration first, then layers; each digest once.
    Image(Vec<Descriptor>),
}

/// An entry of an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Child {
    /// The manifest.
    pub descriptor: Descriptor,
    /// What it runs on, if the index says so.
    pub platform: Option<Platform>,
    /// The manifest this one is about, as `BuildKit` writes attestations.
    pub attests: Option<Digest>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw {
    schema_version: u32,
    media_type: Option<String>,
    manifests: Option<Vec<RawChild>>,
    config: Option<Descriptor>,
    layers: Option<Vec<RawLayer>>,
    subject: Option<Descriptor>,
}

#[derive(Deserialize)]
struct RawChild {
    #[serde(flatten)]
    descriptor: Descriptor,
    platform: Option<RawPlatform>,
    annotations: Option<Value>,
}

#[derive(Deserialize)]
struct RawPlatform {
    os: String,
    architecture: String,
    variant: Option<String>,
}

#[derive(Deserialize)]
struct RawLayer {
    #[serde(flatten)]
    descriptor: Descriptor,
    #[serde(default)]
    urls: Vec<String>,
}

impl RawLayer {
    /// Layers that their publisher forbids to distribute, and says where to get.
    fn is_foreign(&self) -> bool {
        let kind = &self.descriptor.media_type;
        !self.urls.is_empty() && (kind.contains("nondistributable") || kind.contains(".foreign."))
    }
}

impl FetchedManifest {
    /// Reads a manifest.
    ///
    /// `told` is the content type of the answer, `wanted` the digest that was asked for.
    ///
    /// # Errors
    ///
    /// [`MirrorError::DigestDiffers`] if the bytes are others than asked for; [`MirrorError::Manifest`] if they
    /// are no manifest of a kind that can be copied byte for byte.
    pub fn read(
        what: &str,
        bytes: Bytes,
        told: &str,
        wanted: Option<&Digest>,
    ) -> Result<Self, MirrorError> {
        let digest = match wanted {
            Some(wanted) if wanted.matches(&bytes) => wanted.clone(),
            Some(wanted) => {
                return Err(MirrorError::DigestDiffers {
                    what: format!("manifest {what}"),
                    found: Digest::of(&bytes),
                    wanted: wanted.clone(),
                });
            }
            None => Digest::of(&bytes),
        };
        let refuse = |reason: String| MirrorError::Manifest {
            what: what.to_owned(),
            reason,
        };
        if told.contains("docker.distribution.manifest.v1+") {
            return Err(refuse(
                "it has the format of 2015 (schema 1), whose digest is not that of its bytes"
                    .to_owned(),
            ));
        }
        let raw: Raw = serde_json::from_slice(&bytes)
            .map_err(|error| refuse(format!("it is no manifest: {error}")))?;
        if raw.schema_version != 2 {
            return Err(refuse(format!(
                "its schema version is {}",
                raw.schema_version
            )));
        }
        let media_type = match raw.media_type {
            Some(own) if is_manifest(told) && own != told => {
                return Err(refuse(format!(
                    "it says it is {own}, the registry says {told}"
                )));
            }
            Some(own) => own,
            None if is_manifest(told) => told.to_owned(),
            None if raw.manifests.is_some() => media_type::INDEX.to_owned(),
            None => media_type::MANIFEST.to_owned(),
        };
        let content = match (raw.manifests, raw.config) {
            (Some(children), None) => Content::Index(children.into_iter().map(child).collect()),
            (None, Some(config)) => {
                let layers = raw.layers.unwrap_or_default();
                let layers = layers.into_iter().filter(|layer| !layer.is_foreign());
                let mut blobs = vec![config];
                for layer in layers {
                    if !blobs
                        .iter()
                        .any(|blob| blob.digest == layer.descriptor.digest)
                    {
                        blobs.push(layer.descriptor);
                    }
                }
                Content::Image(blobs)
            }
            _ => return Err(refuse("it is neither an image nor an index".to_owned())),
        };
        Ok(Self {
            bytes,
            media_type,
            digest,
            content,
            subject: raw.subject,
        })
    }

    /// Its entry in an index or a layout.
    pub fn descriptor(&self) -> Descriptor {
        Descriptor {
            media_type: self.media_type.clone(),
            digest: self.digest.clone(),
            size: self.bytes.len() as u64,
        }
    }
}

fn child(raw: RawChild) -> Child {
    const ATTESTS: &str = "vnd.docker.reference.digest";
    let attests = raw
        .annotations
        .as_ref()
        .and_then(|annotations| annotations.get(ATTESTS)?.as_str()?.parse().ok());
    Child {
        descriptor: raw.descriptor,
        platform: raw.platform.map(|platform| Platform {
            os: platform.os,
            architecture: platform.architecture,
            variant: platform.variant.filter(|variant| !variant.is_empty()),
        }),
        attests,
    }
}

/// Whether a media type is one of the four manifests; anything else says nothing about the bytes.
pub(super) fn is_manifest(kind: &str) -> bool {
    [
        media_type::INDEX,
        media_type::MANIFEST,
        media_type::DOCKER_LIST,
        media_type::DOCKER_MANIFEST,
    ]
    .contains(&kind)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(document: &Value, told: &str) -> Result<FetchedManifest, MirrorError> {
        FetchedManifest::read("a:b", document.to_string().into(), told, None)
    }

    fn descriptor(content: &str) -> Value {
        json!({
            "mediaType": "application/vnd.test",
            "digest": Digest::of(content.as_bytes()),
            "size": content.len(),
        })
    }

    #[test]
    fn an_image_refers_to_each_blob_once_and_not_to_foreign_layers() {
        let mut foreign = descriptor("foreign");
        foreign["mediaType"] = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip".into();
        foreign["urls"] = json!(["https://example.com/layer"]);
        let document = read(
            &json!({
                "schemaVersion": 2,
                "config": descriptor("config"),
                "layers": [descriptor("one"), foreign, descriptor("one"), descriptor("two")],
            }),
            media_type::DOCKER_MANIFEST,
        )
        .unwrap();
        let Content::Image(blobs) = &document.content else {
            panic!("{document:?}");
        };
        let wanted = ["config", "one", "two"].map(|content| Digest::of(content.as_bytes()));
        assert_eq!(
            blobs
                .iter()
                .map(|blob| blob.digest.clone())
                .collect::<Vec<_>>(),
            wanted
        );
        assert_eq!(document.media_type, media_type::DOCKER_MANIFEST);
    }

    #[test]
    fn an_index_knows_platforms_and_attestations() {
        let mut image = descriptor("image");
        image["platform"] =
            json!({"os": "linux", "architecture": "arm", "variant": "v7", "os.version": "1"});
        let mut attestation = descriptor("attestation");
        attestation["platform"] = json!({"os": "unknown", "architecture": "unknown"});
        attestation["annotations"] = json!({
            "vnd.docker.reference.type": "attestation-manifest",
            "vnd.docker.reference.digest": Digest::of(b"image"),
        });
        let index = json!({
            "schemaVersion": 2, "mediaType": media_type::INDEX, "manifests": [image, attestation],
        });
        let document = read(&index, "application/octet-stream").unwrap();
        let Content::Index(children) = document.content else {
            panic!("no index");
        };
        assert_eq!(children[0].platform, Some("linux/arm/v7".parse().unwrap()));
        assert_eq!(children[1].attests, Some(Digest::of(b"image")));
    }

    #[test]
    fn what_cannot_be_copied_byte_for_byte_is_refused_with_the_reason() {
        let image = json!({"schemaVersion": 2, "config": descriptor("c"), "layers": []});
        let mut lies = image.clone();
        lies["mediaType"] = media_type::MANIFEST.into();
        for (document, told, reason) in [
            (
                json!({"schemaVersion": 1}),
                "application/vnd.docker.distribution.manifest.v1+prettyjws",
                "schema 1",
            ),
            (
                json!({"schemaVersion": 1}),
                "application/json",
                "schema version is 1",
            ),
            (json!({"schemaVersion": 2}), media_type::MANIFEST, "neither"),
            (json!("x"), media_type::MANIFEST, "no manifest"),
            (lies, media_type::DOCKER_MANIFEST, "the registry says"),
        ] {
            let error = read(&document, told).unwrap_err().to_string();
            assert!(error.contains(reason), "{error}");
        }
        let other = Digest::of(b"other");
        let read = FetchedManifest::read("a:b", image.to_string().into(), "", Some(&other));
        assert!(matches!(read, Err(MirrorError::DigestDiffers { .. })));
    }
}
