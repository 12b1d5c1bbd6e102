//! Looking an image up.

use thiserror::Error;

use super::{
    AskedVersion, DEFAULT_ARCHITECTURES, Image, ImageSource, ImageVector, VersionConstraint,
    VersionError,
};
use crate::{mirror::document::FilePlace, nearest};

/// The architecture that is meant where none is named.
const DEFAULT_ARCHITECTURE: &str = "amd64";

/// What is known about the place that an image is for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Question {
    /// The version of the cluster that runs the image.
    pub runtime_version: Option<String>,
    /// The version of the cluster that the image works on.
    pub target_version: Option<String>,
    /// The architecture; amd64 where none is named.
    pub architecture: Option<String>,
}

/// Why no image was found.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FindError {
    /// No entry has the name.
    #[error("no image is called `{name}`{}", nearest::hint(.similar))]
    Name {
        /// The name.
        name: String,
        /// Names that look like it.
        similar: Vec<String>,
    },
    /// Entries have the name, but none of them is for this.
    #[error("no image `{name}` fits {asked}; there are entries at {}", places(.entries))]
    Nothing {
        /// The name.
        name: String,
        /// What was asked for.
        asked: String,
        /// The entries of that name.
        entries: Vec<FilePlace>,
    },
    /// A version is asked for that cannot be compared.
    #[error("{entry}: the constraint `{constraint}` cannot be checked")]
    Version {
        /// The entry with the constraint.
        entry: FilePlace,
        /// The constraint.
        constraint: String,
        /// What is wrong with the version.
        #[source]
        source: VersionError,
    },
}

fn places(entries: &[FilePlace]) -> String {
    let texts: Vec<String> = entries.iter().map(ToString::to_string).collect();
    texts.join(", ")
}

impl ImageVector {
    /// The image of a name. Most points win, an earlier entry wins a tie.
    ///
    /// # Errors
    ///
    /// No entry fits, or a version is no version and an entry has a constraint on it.
    pub fn find(&self, name: &str, question: &Question) -> Result<Image, FindError> {
        if let Some(source) = self.source(name, question)? {
            return Ok(source.image(question.target_version.as_deref()));
        }
        let named = self.images.iter().filter(|source| source.name == name);
        let entries: Vec<FilePlace> = named.map(|source| source.place.clone()).collect();
        if entries.is_empty() {
            let names = self.images.iter().map(|source| source.name.clone());
            return Err(FindError::Name {
                name: name.to_owned(),
                similar: nearest::nearest(name, names),
            });
        }
        Err(FindError::Nothing {
            name: name.to_owned(),
            asked: question.to_string(),
            entries,
        })
    }

    /// The entry of a name that fits best, if any fits.
    ///
    /// # Errors
    ///
    /// A version is no version and an entry has a constraint on it.
    pub fn source(
        &self,
        name: &str,
        question: &Question,
    ) -> Result<Option<&ImageSource>, FindError> {
        let mut best: Option<(&ImageSource, u8)> = None;
        for source in self.images.iter().filter(|source| source.name == name) {
            if let Some(points) = source.points(question)?
                && best.is_none_or(|(_, most)| points > most)
            {
                best = Some((source, points));
            }
        }
        Ok(best.map(|(source, _)| source))
    }

    /// The names of all images, each once, in the order of the file.
    pub fn names(&self) -> Vec<&str> {
        let mut seen = std::collections::HashSet::new();
        self.images
            .iter()
            .map(|source| source.name.as_str())
            .filter(|name| seen.insert(*name))
            .collect()
    }
}

impl ImageSource {
    /// How well the entry fits; nothing if it does not.
    ///
    /// # Errors
    ///
    /// A version that must be compared is none.
    pub fn points(&self, question: &Question) -> Result<Option<u8>, FindError> {
        let constraints = [
            (&self.runtime_version, &question.runtime_version),
            (&self.target_version, &question.target_version),
        ];
        let mut sum = 0;
        for (constraint, version) in constraints {
            match self.version_points(constraint.as_ref(), version.as_deref())? {
                Some(points) => sum += points,
                None => return Ok(None),
            }
        }
        let points = self.architecture_points(question.architecture.as_deref());
        Ok(points.map(|points| sum + points))
    }

    fn version_points(
        &self,
        constraint: Option<&VersionConstraint>,
        version: Option<&str>,
    ) -> Result<Option<u8>, FindError> {
        let (Some(constraint), Some(version)) = (constraint, version) else {
            return Ok(Some(0));
        };
        let version = AskedVersion::read(version).map_err(|source| FindError::Version {
            entry: self.place.clone(),
            constraint: constraint.text().to_owned(),
            source,
        })?;
        Ok(constraint.matches(version).then(|| constraint.points()))
    }

    fn architecture_points(&self, asked: Option<&str>) -> Option<u8> {
        let asked = asked.unwrap_or(DEFAULT_ARCHITECTURE);
        let (fits, number) = match &self.architectures {
            Some(list) => (list.iter().any(|one| one == asked), list.len()),
            None => (
                DEFAULT_ARCHITECTURES.contains(&asked),
                DEFAULT_ARCHITECTURES.len(),
            ),
        };
        fits.then_some(if number == 1 { 2 } else { 1 })
    }

    /// The image of the entry. A missing tag becomes the target version, whatever that is.
    pub fn image(&self, target_version: Option<&str>) -> Image {
        let of_target =
            || target_version.map(|version| format!("v{}", version.trim_start_matches('v')));
        let tag = match &self.reference {
            Some(_) => None,
            None => self.tag.clone().or_else(of_target),
        };
        Image {
            name: self.name.clone(),
            reference: self.reference.clone(),
            repository: match &self.reference {
                Some(_) => None,
                None => self.repository.clone(),
            },
            version: self.version.clone().or_else(|| tag.clone()),
            tag,
        }
    }
}

impl std::fmt::Display for Question {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(version) = &self.runtime_version {
            write!(formatter, "runtime version {version}, ")?;
        }
        if let Some(version) = &self.target_version {
            write!(formatter, "target version {version}, ")?;
        }
        let architecture = self.architecture.as_deref().unwrap_or(DEFAULT_ARCHITECTURE);
        write!(formatter, "architecture {architecture}")
    }
}
