//! From paths to objects with places.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::{
    failure::Failure,
    fsutil::FileError,
    parallel,
    yaml::{self, Node, Place, YamlError},
};

/// The endings of manifests in a folder.
const ENDINGS: [&str; 3] = ["json", "yaml", "yml"];

/// A text and what it is called.
pub(in crate::commands) struct Text {
    pub(in crate::commands) name: String,
    pub(in crate::commands) text: String,
}

/// An object in a text.
pub(super) struct Manifest {
    /// The name of the text.
    pub(super) file: String,
    pub(super) value: Value,
    pub(super) node: Node,
    /// Fields that are given twice.
    pub(super) duplicates: Vec<(String, Place)>,
}

/// All objects, and why some texts could not be read to their end.
#[derive(Default)]
pub(super) struct Manifests {
    pub(super) objects: Vec<Manifest>,
    pub(super) errors: Vec<YamlError>,
}

/// Reads files, the manifests in folders, and standard input.
pub(in crate::commands) fn texts(paths: &[PathBuf]) -> Result<Vec<Text>, Failure> {
    let mut texts = Vec::new();
    for path in paths {
        if path.as_os_str() != "-" && path.is_dir() {
            let mut files = Vec::new();
            walk(path, &mut files).map_err(Failure::usage)?;
            if files.is_empty() {
                let problem = format!("{} holds no manifest", path.display());
                let hint = "files in folders must end in .yaml, .yml or .json";
                return Err(Failure::usage(problem).hint(hint));
            }
            files.sort();
            for file in files {
                texts.push(read(&file)?);
            }
        } else {
            texts.push(text(path)?);
        }
    }
    Ok(texts)
}

/// Reads one file; `-` is standard input.
pub(in crate::commands) fn text(path: &Path) -> Result<Text, Failure> {
    if path.as_os_str() != "-" {
        return read(path);
    }
    let text = io::read_to_string(io::stdin())
        .map_err(|error| Failure::usage(format!("standard input cannot be read: {error}")))?;
    let name = "stdin".to_owned();
    Ok(Text { name, text })
}

/// The objects of one file, which must be readable to its end.
pub(super) fn objects(path: &Path) -> Result<Vec<Value>, Failure> {
    let manifests = Manifests::read(&[read(path)?]);
    match manifests.errors.into_iter().next() {
        Some(error) => Err(Failure::usage(error)),
        None => Ok(manifests
            .objects
            .into_iter()
            .map(|manifest| manifest.value)
            .collect()),
    }
}

fn read(path: &Path) -> Result<Text, Failure> {
    let text = fs::read_to_string(path)
        .map_err(|error| Failure::usage(FileError::new("read", path, error)))?;
    let name = path.display().to_string();
    Ok(Text { name, text })
}

/// Symbolic links to folders are not followed: they may lead back.
fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), FileError> {
    let failed = |error| FileError::new("list", folder, error);
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let path = entry.path();
        if entry.file_type().map_err(failed)?.is_dir() {
            walk(&path, files)?;
        } else if path.is_file()
            && path
                .extension()
                .is_some_and(|ending| ENDINGS.iter().any(|known| ending == *known))
        {
            files.push(path);
        }
    }
    Ok(())
}

impl Manifests {
    /// Reads the objects of texts. The items of lists count as objects of their own.
    pub(super) fn read(texts: &[Text]) -> Self {
        let mut all = Self::default();
        for part in parallel::in_parts(texts, Self::read_part) {
            all.objects.extend(part.objects);
            all.errors.extend(part.errors);
        }
        all
    }

    fn read_part(texts: &[Text]) -> Self {
        let (mut objects, mut errors) = (Vec::new(), Vec::new());
        for text in texts {
            let (documents, error) = yaml::located(&text.text, &text.name);
            for document in documents {
                let manifest = Manifest {
                    file: text.name.clone(),
                    value: document.value,
                    node: document.node,
                    duplicates: document.duplicates,
                };
                manifest.unpack(&mut objects);
            }
            errors.extend(error);
        }
        Self { objects, errors }
    }
}

impl Manifest {
    fn unpack(mut self, objects: &mut Vec<Self>) {
        let is_list = self.value["kind"]
            .as_str()
            .is_some_and(|kind| kind.ends_with("List"));
        if !is_list || !self.value["items"].is_array() {
            objects.push(self);
            return;
        }
        let Value::Array(items) = self.value["items"].take() else {
            return;
        };
        for (index, value) in items.into_iter().enumerate() {
            let prefix = format!("items[{index}].");
            let duplicates = self.duplicates.iter().filter_map(|(path, place)| {
                let path = path.strip_prefix(&prefix)?;
                Some((path.to_owned(), *place))
            });
            let item = Self {
                file: self.file.clone(),
                value,
                node: self.node.item("items", index).unwrap_or(&self.node).clone(),
                duplicates: duplicates.collect(),
            };
            item.unpack(objects);
        }
    }
}
