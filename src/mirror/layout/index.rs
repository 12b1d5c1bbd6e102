//! `index.json` of a layout: which manifests are meant, and under which names.

use serde_json::{Value, json};

use crate::mirror::{Descriptor, media_type};

/// The name of an entry (OCI image specification, "Annotations").
const REF_NAME: &str = "org.opencontainers.image.ref.name";
/// The name containerd writes beside it.
const CONTAINERD_NAME: &str = "io.containerd.image.name";

/// The index, with everything in it that we do not know.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Index(Value);

impl Index {
    pub(super) fn empty() -> Self {
        Self(json!({"schemaVersion": 2, "mediaType": media_type::INDEX, "manifests": []}))
    }

    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        if value["manifests"].is_array() {
            Ok(Self(value))
        } else {
            Err("index.json has no list of manifests".to_owned())
        }
    }

    pub(super) fn render(&self) -> Vec<u8> {
        serde_json::to_vec(&self.0).expect("invariant: a JSON value can be written")
    }

    fn entries(&self) -> impl Iterator<Item = &Value> {
        self.0["manifests"].as_array().into_iter().flatten()
    }

    /// The entries that can be read, with their names.
    pub(super) fn manifests(&self) -> Vec<(Option<String>, Descriptor)> {
        self.entries()
            .filter_map(|entry| {
                let descriptor = serde_json::from_value(entry.clone()).ok()?;
                Some((name(entry).map(str::to_owned), descriptor))
            })
            .collect()
    }

    /// The entry of a name.
    pub(super) fn find(&self, wanted: &str) -> Option<Descriptor> {
        let entry = self
            .entries()
            .find(|entry| name(entry) == Some(wanted))
            .or_else(|| {
                self.entries()
                    .find(|entry| annotation(entry, CONTAINERD_NAME) == Some(wanted))
            })?;
        serde_json::from_value(entry.clone()).ok()
    }

    /// Makes a name mean a manifest; without a name the manifest is only listed. Says whether anything changed.
    pub(super) fn set(&mut self, wanted: Option<&str>, descriptor: &Descriptor) -> bool {
        let before = self.clone();
        let digest = descriptor.digest.to_string();
        let mut entry = json!(descriptor);
        if let Some(wanted) = wanted {
            entry["annotations"] = json!({REF_NAME: wanted});
        }
        let is_same = |old: &Value| match wanted {
            Some(wanted) => name(old) == Some(wanted),
            None => name(old).is_none() && old["digest"] == digest.as_str(),
        };
        let Some(entries) = self.0["manifests"].as_array_mut() else {
            return false;
        };
        match entries.iter_mut().find(|old| is_same(old)) {
            Some(old) if old["digest"] == digest.as_str() => {}
            Some(old) => *old = entry,
            None => entries.push(entry),
        }
        *self != before
    }
}

fn name(entry: &Value) -> Option<&str> {
    annotation(entry, REF_NAME)
}

fn annotation<'a>(entry: &'a Value, key: &str) -> Option<&'a str> {
    entry.get("annotations")?.get(key)?.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mirror::Digest;

    fn descriptor(content: &str) -> Descriptor {
        Descriptor {
            media_type: media_type::MANIFEST.to_owned(),
            digest: Digest::of(content.as_bytes()),
            size: content.len() as u64,
        }
    }

    #[test]
    fn a_name_moves_and_what_others_wrote_stays() {
        let mut index = Index::parse(
            r#"{"schemaVersion":2,"annotations":{"a":"b"},"manifests":[{"mediaType":"m","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2,"annotations":{"io.containerd.image.name":"docker.io/library/a:1"}}]}"#,
        )
        .unwrap();
        assert!(index.set(Some("a:2"), &descriptor("one")));
        assert!(index.set(Some("a:2"), &descriptor("two")));
        assert!(!index.set(Some("a:2"), &descriptor("two")));
        assert!(index.set(None, &descriptor("two")));
        assert!(!index.set(None, &descriptor("two")));
        assert_eq!(index.find("a:2"), Some(descriptor("two")));
        assert_eq!(index.find("docker.io/library/a:1").unwrap().size, 2);
        assert_eq!(index.find("a:1"), None);
        assert_eq!(index.manifests().len(), 3);
        assert!(
            String::from_utf8(index.render())
                .unwrap()
                .contains(r#""annotations":{"a":"b"}"#)
        );
    }
}
