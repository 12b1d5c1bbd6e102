//! Overwriting one vector with another.

use std::collections::HashMap;

use super::{ImageSource, ImageVector, VersionConstraint};

/// What makes two entries the same: texts, not meanings. Architectures count as upstream joins them,
/// without anything in between.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    name: String,
    runtime_version: String,
    target_version: String,
    architectures: Option<String>,
}

impl Key {
    /// The key of an entry.
    pub fn of(source: &ImageSource) -> Self {
        let text = |constraint: &Option<VersionConstraint>| {
            constraint
                .as_ref()
                .map_or("", VersionConstraint::text)
                .to_owned()
        };
        Self {
            name: source.name.clone(),
            runtime_version: text(&source.runtime_version),
            target_version: text(&source.target_version),
            architectures: source.architectures.as_ref().map(|list| list.concat()),
        }
    }
}

/// The base with what the overwrite says instead.
///
/// Entries of the same key merge field by field and keep the place of the first of them, also inside
/// the base; all others are appended.
pub fn merge(base: ImageVector, overwrite: ImageVector) -> ImageVector {
    let mut images: Vec<ImageSource> = Vec::new();
    let mut known: HashMap<Key, usize> = HashMap::new();
    for source in base.images.into_iter().chain(overwrite.images) {
        let key = Key::of(&source);
        if let Some(index) = known.get(&key) {
            images[*index] = merged(&images[*index], source);
        } else {
            known.insert(key, images.len());
            images.push(source);
        }
    }
    ImageVector {
        images,
        ca_bundle: overwrite.ca_bundle.or(base.ca_bundle),
    }
}

fn merged(old: &ImageSource, new: ImageSource) -> ImageSource {
    let reference = match (&new.reference, &new.repository) {
        (None, None) => old.reference.clone(),
        _ => new.reference,
    };
    let tag = new.tag.or_else(|| old.tag.clone());
    // The version falls back to the old tag, so that a new tag without a version shows the old one.
    let version = new
        .version
        .or_else(|| old.version.clone())
        .or_else(|| tag.is_some().then(|| old.tag.clone()).flatten());
    let is_split = reference.is_none();
    ImageSource {
        name: new.name,
        repository: new
            .repository
            .or_else(|| old.repository.clone())
            .filter(|_| is_split),
        tag: tag.filter(|_| is_split),
        reference,
        version,
        runtime_version: new.runtime_version.or_else(|| old.runtime_version.clone()),
        target_version: new.target_version.or_else(|| old.target_version.clone()),
        architectures: new.architectures.or_else(|| old.architectures.clone()),
        place: new.place,
    }
}
