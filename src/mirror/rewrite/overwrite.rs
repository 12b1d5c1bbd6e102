//! An overwrite for an image vector that stays as it is.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{Change, RewriteError, reference::relocated};
use crate::{
    mirror::{
        document::FilePlace,
        plan::{DraftSettings, Origin},
        vector::{self, ImageSource, ImageVector, merge},
    },
    yaml,
};

/// An overwrite that puts copies in the place of sources, and what it replaces. Every entry repeats the
/// key of the entry that it means to the letter: any other is a new entry that loses.
///
/// # Errors
///
/// A text that is no image vector, or one of which an overwrite would change more than repositories.
pub fn overwrite(
    text: &str,
    file: &str,
    settings: &DraftSettings,
    now: Timestamp,
) -> Result<(String, Vec<Change>), RewriteError> {
    let base = vector::read(text, file, now)?;
    refuse_folding(&base)?;
    let (mut entries, mut changes) = (Vec::new(), Vec::new());
    for source in &base.images {
        let origin = Origin {
            file: source.place.file.clone(),
            line: Some(source.place.line),
            what: format!("image {}", source.name),
        };
        let (key, before) = match (&source.reference, &source.repository) {
            (Some(reference), _) => ("ref", reference),
            (None, Some(repository)) => ("repository", repository),
            (None, None) => continue,
        };
        if let Some(after) = relocated(before, &origin, settings)? {
            entries.push(entry(source, key, &after));
            changes.push(Change {
                origin,
                before: before.clone(),
                after,
            });
        }
    }
    let result = yaml::emit(&json!({ "images": entries }));
    verify(&result, file, base, &changes, now)?;
    Ok((result, changes))
}

fn entry(source: &ImageSource, key: &str, after: &str) -> Value {
    let mut entry = Map::new();
    entry.insert("name".to_owned(), json!(source.name));
    let constraints = [
        ("runtimeVersion", &source.runtime_version),
        ("targetVersion", &source.target_version),
    ];
    for (key, constraint) in constraints {
        if let Some(constraint) = constraint {
            entry.insert(key.to_owned(), json!(constraint.text()));
        }
    }
    if let Some(architectures) = &source.architectures {
        entry.insert("architectures".to_owned(), json!(architectures));
    }
    entry.insert(key.to_owned(), json!(after));
    Value::Object(entry)
}

/// Two entries of one key are two entries only as long as nothing is overwritten.
fn refuse_folding(base: &ImageVector) -> Result<(), RewriteError> {
    let mut known: HashMap<vector::Key, &FilePlace> = HashMap::new();
    for source in &base.images {
        if let Some(first) = known.insert(vector::Key::of(source), &source.place) {
            return Err(RewriteError::Folded {
                first: first.clone(),
                second: source.place.clone(),
            });
        }
    }
    Ok(())
}

/// Applies the overwrite as Gardener does and looks at every entry.
fn verify(
    overwrite: &str,
    file: &str,
    base: ImageVector,
    changes: &[Change],
    now: Timestamp,
) -> Result<(), RewriteError> {
    let overwrite = vector::read(overwrite, "overwrite", now)?;
    let number = base.images.len();
    let merged = merge(base, overwrite);
    let mut found = merged
        .images
        .iter()
        .filter_map(|source| source.reference.as_ref().or(source.repository.as_ref()));
    let mut missing = changes
        .iter()
        .filter(|change| !found.any(|text| *text == change.after));
    match missing.next() {
        None if merged.images.len() == number => Ok(()),
        missing => Err(RewriteError::ReadBack {
            file: file.to_owned(),
            reason: missing.map_or_else(
                || "the overwrite adds entries".to_owned(),
                |change| format!("{} is not overwritten", change.origin),
            ),
        }),
    }
}

#[cfg(test)]
mod tests;
