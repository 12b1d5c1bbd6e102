//! Where an image is: in a registry, or in a folder.

use std::{fmt, path::PathBuf, str::FromStr};

use thiserror::Error;

use crate::mirror::{Digest, ImageRef, ReferenceError};

const LAYOUT: &str = "oci:";

/// Where an image is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Place {
    /// In a registry.
    Registry(ImageRef),
    /// In an OCI layout: `oci:FOLDER`, `oci:FOLDER:NAME`, `oci:FOLDER@DIGEST`.
    Layout {
        /// The folder.
        folder: PathBuf,
        /// The name or the digest in it; empty for the only image there is.
        name: String,
    },
}

/// A text that names no place.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PlaceError {
    /// No image reference.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
    /// No folder.
    #[error("`{text}` names no folder: write oci:FOLDER, oci:FOLDER:NAME or oci:FOLDER@DIGEST")]
    Folder {
        /// What was written.
        text: String,
    },
}

impl Place {
    /// What is asked for there: the tag, else the digest, of an image; the name in a layout.
    pub fn reference(&self) -> String {
        match self {
            Self::Registry(image) => match (image.tag(), image.digest()) {
                (Some(tag), _) => tag.to_owned(),
                (None, Some(digest)) => digest.to_string(),
                (None, None) => String::new(),
            },
            Self::Layout { name, .. } => name.clone(),
        }
    }

    /// The digest that decides, where one is given.
    pub fn digest(&self) -> Option<Digest> {
        match self {
            Self::Registry(image) => image.digest().cloned(),
            Self::Layout { name, .. } => name.parse().ok(),
        }
    }
}

impl FromStr for Place {
    type Err = PlaceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let Some(rest) = text.strip_prefix(LAYOUT) else {
            return Ok(Self::Registry(text.parse()?));
        };
        let (folder, name) = match rest.split_once('@') {
            Some((folder, digest)) if digest.parse::<Digest>().is_ok() && !folder.contains(':') => {
                (folder, digest)
            }
            _ => rest.split_once(':').unwrap_or((rest, "")),
        };
        if folder.is_empty() {
            return Err(PlaceError::Folder {
                text: text.to_owned(),
            });
        }
        Ok(Self::Layout {
            folder: folder.into(),
            name: name.to_owned(),
        })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Registry(image) => image.fmt(formatter),
            Self::Layout { folder, name } => {
                write!(formatter, "{LAYOUT}{}", folder.display())?;
                match name.as_str() {
                    "" => Ok(()),
                    name if name.parse::<Digest>().is_ok() => write!(formatter, "@{name}"),
                    name => write!(formatter, ":{name}"),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layouts_are_folders_with_names_in_them() {
        let digest = Digest::of(b"{}");
        for (text, folder, name) in [
            ("oci:images", "images", ""),
            (
                "oci:/srv/images:docker.io/library/alpine:3",
                "/srv/images",
                "docker.io/library/alpine:3",
            ),
            ("oci:images:[::1]:5000/a:b", "images", "[::1]:5000/a:b"),
            (
                &format!("oci:images@{digest}"),
                "images",
                &digest.to_string(),
            ),
        ] {
            let place: Place = text.parse().unwrap();
            let expected = Place::Layout {
                folder: folder.into(),
                name: name.to_owned(),
            };
            assert_eq!(place, expected);
            assert_eq!(place.to_string(), text);
        }
        assert!("oci:".parse::<Place>().is_err());
        assert!("oci::x".parse::<Place>().is_err());
    }

    #[test]
    fn everything_else_is_an_image_reference() {
        let place: Place = "[::1]:5000/a:b".parse().unwrap();
        assert_eq!((place.reference().as_str(), place.digest()), ("b", None));
        assert!("oci".parse::<Place>().is_ok());
        assert!("docker://a".parse::<Place>().is_err());
    }
}
