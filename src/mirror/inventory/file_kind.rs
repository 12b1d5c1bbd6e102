//! Telling kinds of files apart by what they hold.

use std::{fmt, path::Path};

use serde::Serialize;
use serde_json::Value;

use super::list;
use crate::mirror::document::{Document, DocumentError, Fault};

/// A kind of file that names images.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum FileKind {
    /// An image vector of Gardener.
    ImageVector,
    /// Overwrites of components with vectors of their own.
    ComponentOverwrites,
    /// The list that Gardener's copy job works through.
    CopyList,
    /// Kubernetes objects, or kind's cluster document.
    Objects,
    /// References, one a line or one an item.
    List,
    /// The configuration of containerd.
    Containerd,
}

impl FileKind {
    /// The kind of a text. A name that ends in `.toml` is believed.
    ///
    /// # Errors
    ///
    /// The text is none of these, or no YAML.
    pub fn of(text: &str, origin: &str) -> Result<Self, DocumentError> {
        if Path::new(origin)
            .extension()
            .is_some_and(|ending| ending == "toml")
        {
            return Ok(Self::Containerd);
        }
        if list::begins_with_reference(text) {
            return Ok(Self::List);
        }
        let documents = Document::all(text, origin)?;
        let values: Vec<&Value> = documents.iter().filter_map(Document::value).collect();
        if values.is_empty() {
            return Ok(Self::List);
        }
        if values.iter().any(|value| is_object(value)) {
            return Ok(Self::Objects);
        }
        Self::of_value(values[0]).ok_or_else(|| {
            let reason = match values[0] {
                Value::Object(map) => {
                    let keys: Vec<&str> = map.keys().map(String::as_str).take(5).collect();
                    format!(
                        "it has {} but neither `images`, `components` nor `kind`",
                        keys.join(", ")
                    )
                }
                _ => "it is not a map".to_owned(),
            };
            DocumentError::Faults(vec![(documents[0].place(""), Fault::Unknown { reason })])
        })
    }

    fn of_value(value: &Value) -> Option<Self> {
        if let Value::Array(items) = value {
            return items.iter().all(Value::is_string).then_some(Self::List);
        }
        let field = |name: &str| {
            let mut fields = value.as_object()?.iter();
            let (_, value) = fields.find(|(key, _)| key.eq_ignore_ascii_case(name))?;
            Some(value)
        };
        if let Some(images) = field("images") {
            let is_copy = |item: &Value| item.get("source").is_some();
            let is_copies = images
                .as_array()
                .and_then(|items| items.first())
                .is_some_and(is_copy);
            return Some(if is_copies {
                Self::CopyList
            } else {
                Self::ImageVector
            });
        }
        field("components").map(|_| Self::ComponentOverwrites)
    }
}

/// Whether a value is a Kubernetes object, or looks like one.
fn is_object(value: &Value) -> bool {
    value["kind"].is_string() && value["apiVersion"].is_string()
}

impl fmt::Display for FileKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::ImageVector => "image vector",
            Self::ComponentOverwrites => "overwrites of components",
            Self::CopyList => "list of copies",
            Self::Objects => "manifests",
            Self::List => "list of references",
            Self::Containerd => "containerd configuration",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_what_they_hold() {
        for (text, origin, kind) in [
            (
                "images: [{name: a, repository: r}]",
                "x",
                FileKind::ImageVector,
            ),
            ("images: []", "x", FileKind::ImageVector),
            ("images:\n- source: a\n  tags: [b]", "x", FileKind::CopyList),
            ("components: []", "x", FileKind::ComponentOverwrites),
            ("apiVersion: v1\nkind: Pod", "x", FileKind::Objects),
            (
                "{\"kind\": \"List\", \"apiVersion\": \"v1\", \"items\": []}",
                "x",
                FileKind::Objects,
            ),
            ("# mine\n\nalpine:3\n", "x", FileKind::List),
            ("[::1]:5000/a:1 # local\n", "x", FileKind::List),
            ("- alpine:3\n- nginx\n", "x", FileKind::List),
            ("# nothing\n", "x", FileKind::List),
            ("version = 3", "config.toml", FileKind::Containerd),
        ] {
            assert_eq!(FileKind::of(text, origin).unwrap(), kind, "{text}");
        }
    }

    #[test]
    fn what_names_no_images_is_refused_with_what_was_looked_for() {
        let error = FileKind::of("name: x\nvalues: {}\n", "values.yaml").unwrap_err();
        let text = error.to_string();
        assert!(
            text.starts_with("values.yaml:1:1: this is no image vector"),
            "{text}"
        );
        assert!(FileKind::of("a: [", "x").is_err());
    }
}
