//! Rewriting YAML by its structure: only values that name images change.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::Value;

use super::{
    Change, RewriteError,
    edit::{self, Edit},
    reference::relocated,
};
use crate::mirror::{
    document::{Document, DocumentError, Fault, FilePlace},
    inventory,
    plan::{DraftSettings, Origin},
    vector,
};

/// A value that names an image.
struct Field {
    document: usize,
    path: String,
    text: String,
    what: String,
}

type Outcome = Result<(String, Vec<Change>), RewriteError>;

/// Manifests, and kind's cluster document.
pub(super) fn objects(text: &str, file: &str, settings: &DraftSettings) -> Outcome {
    let documents = read(text, file)?;
    let mut fields = Vec::new();
    for (document, content) in documents.iter().enumerate() {
        let found = content.value().map(inventory::image_fields);
        fields.extend(found.into_iter().flatten().map(|field| Field {
            document,
            path: field.path,
            text: field.text,
            what: field.what,
        }));
    }
    rewrite(text, file, &documents, &fields, settings)
}

/// A YAML list of references.
pub(super) fn list(text: &str, file: &str, settings: &DraftSettings) -> Outcome {
    let documents = read(text, file)?;
    let mut fields = Vec::new();
    for (document, content) in documents.iter().enumerate() {
        let items = content.value().into_iter().flat_map(inventory::items);
        fields.extend(items.map(|(path, text)| Field {
            document,
            path,
            text: text.to_owned(),
            what: String::new(),
        }));
    }
    rewrite(text, file, &documents, &fields, settings)
}

/// An image vector. Repositories change and tags stay.
pub(super) fn vector(text: &str, file: &str, settings: &DraftSettings, now: Timestamp) -> Outcome {
    vector::read(text, file, now)?;
    let documents = read(text, file)?;
    let mut fields = Vec::new();
    let mut faults = Vec::new();
    let first = documents
        .first()
        .and_then(|first| first.fields(&mut faults));
    for entry in first
        .iter()
        .flat_map(|first| first.maps("images", &mut Vec::new()))
    {
        let name = entry.text("name", &mut Vec::new()).unwrap_or_default();
        for key in ["ref", "repository"] {
            if let (path, Some(Value::String(text))) = entry.get(key) {
                fields.push(Field {
                    document: 0,
                    path,
                    text: text.clone(),
                    what: format!("image {name}"),
                });
            }
        }
    }
    rewrite(text, file, &documents, &fields, settings)
}

fn read<'a>(text: &'a str, file: &'a str) -> Result<Vec<Document<'a>>, RewriteError> {
    Document::all(text, file).map_err(|error| DocumentError::from(error).into())
}

fn rewrite(
    text: &str,
    file: &str,
    documents: &[Document<'_>],
    fields: &[Field],
    settings: &DraftSettings,
) -> Outcome {
    let (mut edits, mut changes) = (Vec::new(), Vec::new());
    let mut wanted: Vec<HashMap<&str, String>> = vec![HashMap::new(); documents.len()];
    for field in fields {
        let document = &documents[field.document];
        let place = document.place(&field.path);
        check(field, &place)?;
        let origin = Origin {
            file: place.file,
            line: Some(place.line),
            what: field.what.clone(),
        };
        let Some(after) = relocated(&field.text, &origin, settings)? else {
            continue;
        };
        // What is not written here, such as an alias, changes with what it stands for, or is found
        // out when the result is read.
        if let Some(span) = document.span(&field.path)
            && let Some(quoted) = edit::requote(&text[span.clone()], &field.text, &after)
        {
            edits.push(Edit { span, text: quoted });
        }
        wanted[field.document].insert(&field.path, after.clone());
        changes.push(Change {
            origin,
            before: field.text.clone(),
            after,
        });
    }
    let result = edit::apply(text, edits);
    verify(&result, file, documents, &wanted)?;
    Ok((result, changes))
}

fn check(field: &Field, place: &FilePlace) -> Result<(), RewriteError> {
    let Err(source) = field.text.parse::<crate::mirror::ImageRef>() else {
        return Ok(());
    };
    let fault = Fault::Reference {
        field: field.path.clone(),
        source,
    };
    Err(DocumentError::Faults(vec![(place.clone(), fault)]).into())
}

/// Reads the result and makes sure that it differs from the original in the wanted values only.
fn verify(
    result: &str,
    file: &str,
    before: &[Document<'_>],
    wanted: &[HashMap<&str, String>],
) -> Result<(), RewriteError> {
    let read_back = |reason: String| RewriteError::ReadBack {
        file: file.to_owned(),
        reason,
    };
    let after = Document::all(result, file).map_err(|error| read_back(error.to_string()))?;
    if after.len() != before.len() {
        return Err(read_back("there are more or fewer documents".to_owned()));
    }
    for ((old, new), wanted) in before.iter().zip(&after).zip(wanted) {
        let (Some(old_value), Some(new_value)) = (old.value(), new.value()) else {
            continue;
        };
        let expected = |path: &str| wanted.get(path).map(String::as_str);
        if let Some(path) = difference(old_value, new_value, String::new(), &expected) {
            let place = old.place(&path);
            return Err(if wanted.contains_key(path.as_str()) {
                RewriteError::Elsewhere { place, path }
            } else {
                RewriteError::Shared { place, path }
            });
        }
    }
    Ok(())
}

/// The first path at which the new value is not what is expected there, or not the old one.
fn difference<'w>(
    old: &Value,
    new: &Value,
    path: String,
    expected: &impl Fn(&str) -> Option<&'w str>,
) -> Option<String> {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) if old.keys().eq(new.keys()) => {
            old.iter().zip(new.values()).find_map(|((key, old), new)| {
                let path = match path.as_str() {
                    "" => key.clone(),
                    parent => format!("{parent}.{key}"),
                };
                difference(old, new, path, expected)
            })
        }
        (Value::Array(old), Value::Array(new)) if old.len() == new.len() => {
            let items = old.iter().zip(new).enumerate();
            items
                .map(|(index, (old, new))| {
                    difference(old, new, format!("{path}[{index}]"), expected)
                })
                .find(Option::is_some)
                .flatten()
        }
        (old, new) => {
            let wanted = expected(&path);
            let is_good = match wanted {
                Some(text) => new.as_str() == Some(text),
                None => old == new,
            };
            (!is_good).then_some(path)
        }
    }
}
