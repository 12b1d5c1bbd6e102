//! A part of an index: the platforms that are wanted, and what is attested about them.

use serde_json::Value;

use crate::mirror::{Content, Digest, FetchedManifest, MirrorError, plan::Platforms};

/// The entries of an index that are wanted.
///
/// # Errors
///
/// [`MirrorError::Manifest`] if there is none.
fn wanted(document: &FetchedManifest, platforms: &Platforms) -> Result<Vec<bool>, MirrorError> {
    let Content::Index(children) = &document.content else {
        return Ok(Vec::new());
    };
    let is_wanted: Vec<bool> = children
        .iter()
        .map(|child| {
            child.platform.as_ref().is_some_and(|platform| {
                let variant = platform.variant.as_deref();
                platforms.take(&platform.os, &platform.architecture, variant)
            })
        })
        .collect();
    if !is_wanted.contains(&true) {
        let offered: Vec<String> = children
            .iter()
            .filter_map(|child| child.platform.as_ref().map(ToString::to_string))
            .filter(|platform| platform != "unknown/unknown")
            .collect();
        return Err(MirrorError::Manifest {
            what: document.digest.to_string(),
            reason: format!("it has none of {platforms}, but {}", offered.join(", ")),
        });
    }
    let kept: Vec<&Digest> = children
        .iter()
        .zip(&is_wanted)
        .filter(|(_, wanted)| **wanted)
        .map(|(child, _)| &child.descriptor.digest)
        .collect();
    Ok(children
        .iter()
        .zip(&is_wanted)
        .map(|(child, wanted)| {
            *wanted
                || child
                    .attests
                    .as_ref()
                    .is_some_and(|about| kept.contains(&about))
        })
        .collect())
}

/// The index with the wanted platforms only: another document with another digest, unless all are wanted.
///
/// Everything else in it stays as it is written.
///
/// # Errors
///
/// [`MirrorError::Manifest`] if no platform is wanted.
pub fn filtered(
    document: &FetchedManifest,
    platforms: &Platforms,
) -> Result<FetchedManifest, MirrorError> {
    let is_wanted = wanted(document, platforms)?;
    if is_wanted.iter().all(|wanted| *wanted) {
        return Ok(document.clone());
    }
    let unreadable = |error: serde_json::Error| MirrorError::Manifest {
        what: document.digest.to_string(),
        reason: error.to_string(),
    };
    let mut value: Value = serde_json::from_slice(&document.bytes).map_err(unreadable)?;
    if let Some(entries) = value["manifests"].as_array_mut() {
        let mut wanted = is_wanted.iter();
        entries.retain(|_| wanted.next().copied().unwrap_or(false));
    }
    let bytes = serde_json::to_vec(&value).map_err(unreadable)?;
    FetchedManifest::read(
        "the filtered index",
        bytes.into(),
        &document.media_type,
        None,
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::mirror::media_type;

    fn index() -> FetchedManifest {
        let entry = |name: &str, os: &str, architecture: &str| {
            json!({
                "mediaType": media_type::MANIFEST,
                "digest": Digest::of(name.as_bytes()),
                "size": 1,
                "platform": {"os": os, "architecture": architecture, "os.version": "kept"},
            })
        };
        let attest = |name: &str, about: &str| {
            let mut entry = entry(name, "unknown", "unknown");
            entry["annotations"] =
                json!({"vnd.docker.reference.digest": Digest::of(about.as_bytes())});
            entry
        };
        let index = json!({
            "schemaVersion": 2,
            "mediaType": media_type::INDEX,
            "manifests": [
                entry("amd", "linux", "amd64"), entry("arm", "linux", "arm64"),
                attest("about-amd", "amd"), attest("about-arm", "arm"),
            ],
            "annotations": {"unknown": "kept"},
        });
        FetchedManifest::read("x", index.to_string().into(), media_type::INDEX, None).unwrap()
    }

    fn only(platform: &str) -> Platforms {
        Platforms::of(vec![platform.parse().unwrap()])
    }

    #[test]
    fn attestations_go_with_their_image() {
        let document = filtered(&index(), &only("linux/arm64")).unwrap();
        let Content::Index(children) = &document.content else {
            panic!("no index");
        };
        let kept: Vec<_> = children
            .iter()
            .map(|child| child.descriptor.digest.clone())
            .collect();
        assert_eq!(kept, [Digest::of(b"arm"), Digest::of(b"about-arm")]);
        let text = String::from_utf8(document.bytes.to_vec()).unwrap();
        assert!(
            text.contains("os.version") && text.contains("unknown\":\"kept"),
            "{text}"
        );
        assert!(document.digest.matches(&document.bytes));
    }

    #[test]
    fn the_same_filter_gives_the_same_digest_and_all_keep_the_source_s() {
        let source = index();
        let once = filtered(&source, &only("linux/amd64")).unwrap();
        assert_eq!(
            once.digest,
            filtered(&source, &only("linux/amd64")).unwrap().digest
        );
        assert_ne!(once.digest, source.digest);
        let both = Platforms::of(vec![
            "linux/amd64".parse().unwrap(),
            "linux/arm64".parse().unwrap(),
        ]);
        assert_eq!(filtered(&source, &both).unwrap().digest, source.digest);
    }

    #[test]
    fn no_platform_at_all_is_refused_with_what_there_is() {
        let error = filtered(&index(), &only("windows/amd64"))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("none of windows/amd64, but linux/amd64, linux/arm64"),
            "{error}"
        );
    }
}
