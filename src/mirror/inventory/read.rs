//! From a file to the images that it names.

use jiff::Timestamp;

use super::{FileKind, Selection, containerd, copy_list, image_fields, list};
use crate::mirror::{
    ImageRef,
    document::{Document, DocumentError, Fault, FilePlace},
    plan::{Origin, Wanted},
    vector::{self, Image, ImageSource, ImageVector},
};

/// The images of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inventory {
    /// What kind of file it is.
    pub kind: FileKind,
    /// The images, in the order of the file.
    pub images: Vec<Wanted>,
    /// Images of which the version is not known.
    pub open: Vec<Open>,
}

/// An entry of a vector that has no tag, and nothing fills one in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// The name of the image.
    pub name: String,
    /// Its repository.
    pub repository: String,
    /// Where it is.
    pub origin: Origin,
}

/// Reads a file of any kind. `now` decides whether authorities in it have expired.
///
/// # Errors
///
/// A file of no known kind, or everything that is wrong with it, with places.
pub fn read(
    text: &str,
    origin: &str,
    selection: &Selection,
    now: Timestamp,
) -> Result<Inventory, DocumentError> {
    let kind = FileKind::of(text, origin)?;
    let mut reader = Reader {
        images: Vec::new(),
        open: Vec::new(),
        faults: Vec::new(),
    };
    match kind {
        FileKind::CopyList => reader.images = copy_list::read(text, origin)?,
        FileKind::ImageVector => {
            let vector = vector::read(text, origin, now)?;
            reader.vector(&selection.overwritten(vector), selection);
        }
        FileKind::ComponentOverwrites => {
            for (name, text) in vector::read_components(text, origin, now)? {
                let origin = format!("{origin} ({name})");
                reader.vector(&vector::read(&text, &origin, now)?, selection);
            }
        }
        FileKind::Objects => reader.objects(&Document::all(text, origin)?),
        FileKind::List => reader.list(text, origin)?,
        FileKind::Containerd => {
            if let Some(found) = containerd::sandbox_image(text, origin)? {
                let place = FilePlace {
                    file: origin.to_owned(),
                    line: found.line,
                    column: 1,
                };
                reader.push(
                    &found.text,
                    place,
                    "sandbox image",
                    "containerd's sandbox image",
                );
            }
        }
    }
    if !reader.faults.is_empty() {
        return Err(DocumentError::Faults(reader.faults));
    }
    Ok(Inventory {
        kind,
        images: reader.images,
        open: reader.open,
    })
}

struct Reader {
    images: Vec<Wanted>,
    open: Vec<Open>,
    faults: Vec<(FilePlace, Fault)>,
}

impl Reader {
    fn push(&mut self, text: &str, place: FilePlace, field: &str, what: &str) {
        match text.parse::<ImageRef>() {
            Ok(source) => self.images.push(Wanted {
                source,
                destination: None,
                origin: Origin {
                    file: place.file,
                    line: Some(place.line),
                    what: what.to_owned(),
                },
            }),
            Err(source) => {
                let field = field.to_owned();
                self.faults
                    .push((place, Fault::Reference { field, source }));
            }
        }
    }

    fn vector(&mut self, vector: &ImageVector, selection: &Selection) {
        let mut wanted: Vec<(&ImageSource, Image)> = Vec::new();
        if selection.questions.is_empty() {
            let all = vector.images.iter();
            wanted.extend(all.map(|source| (source, source.image(None))));
        }
        for name in vector.names() {
            for question in &selection.questions {
                // A name without an entry for this question is not needed for it.
                if let Ok(Some(source)) = vector.source(name, question) {
                    let image = source.image(question.target_version.as_deref());
                    if !wanted.iter().any(|(_, known)| *known == image) {
                        wanted.push((source, image));
                    }
                }
            }
        }
        for (source, image) in wanted {
            let image = match &selection.release {
                Some(tag) => image.with_optional_tag(tag),
                None => image,
            };
            let what = format!("image {}", image.name);
            if image.lacks_tag() {
                self.open.push(Open {
                    name: image.name,
                    repository: image.repository.unwrap_or_default(),
                    origin: Origin {
                        file: source.place.file.clone(),
                        line: Some(source.place.line),
                        what,
                    },
                });
            } else {
                self.push(&image.to_string(), source.place.clone(), &what, &what);
            }
        }
    }

    fn objects(&mut self, documents: &[Document<'_>]) {
        for document in documents {
            for field in document.value().map(image_fields).unwrap_or_default() {
                self.push(
                    &field.text,
                    document.place(&field.path),
                    &field.path,
                    &field.what,
                );
            }
        }
    }

    fn list(&mut self, text: &str, origin: &str) -> Result<(), DocumentError> {
        if !list::begins_with_reference(text) {
            for document in Document::all(text, origin)? {
                for (path, item) in document.value().into_iter().flat_map(list::items) {
                    self.push(item, document.place(&path), &path, "");
                }
            }
            return Ok(());
        }
        for entry in list::entries(text) {
            let place = FilePlace {
                file: origin.to_owned(),
                line: entry.line,
                column: 1,
            };
            self.push(entry.text, place, "the line", "");
        }
        Ok(())
    }
}
