//! From wanted images to copies, with everything that speaks against them.

use std::collections::HashMap;

use serde::{Serialize, Serializer};
use thiserror::Error;

use super::{
    Collision, Filter, Naming, Origin, Plan, PlannedCopy, Platforms, Target, Wanted, collision,
    copy,
};
use crate::mirror::{ImageRef, ReferenceError};

/// What decides where wanted images go.
#[derive(Debug, Clone, Default)]
pub struct DraftSettings {
    /// Where copies go. Without it, only images that a copy list places can be planned.
    pub target: Option<Target>,
    /// How their names are made.
    pub naming: Naming,
    /// Which platforms of an index.
    pub platforms: Platforms,
    /// Which images.
    pub filter: Filter,
}

/// A plan with everything that speaks against it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The copies that nothing speaks against, in the order in which they were asked for.
    pub copies: Vec<PlannedCopy>,
    /// Sources that would share a target. None of them is among the copies.
    pub collisions: Vec<Collision>,
    /// What is not copied, and why.
    pub left_out: Vec<LeftOut>,
    settings: (Option<Target>, Naming),
}

/// A wanted image that is not copied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// The image.
    #[serde(serialize_with = "as_text")]
    pub source: ImageRef,
    /// Why not.
    #[serde(flatten)]
    pub reason: WhyLeftOut,
    /// Who wants it.
    pub why: Origin,
}

/// Why an image is not copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", tag = "reason")]
pub enum WhyLeftOut {
    /// The filter does not take it.
    Filtered,
    /// It is where copies go.
    InPlace,
}

/// Why images cannot be planned.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PlanError {
    /// Nothing says where a copy goes.
    #[error("{origin}: nothing says where the copy of {source_name} goes")]
    NoTarget {
        /// The image.
        source_name: String,
        /// Who wants it.
        origin: Origin,
    },
    /// A copy would have a name that no registry takes.
    #[error("{origin}: the copy of {source_name} has no possible name")]
    Name {
        /// The image.
        source_name: String,
        /// Who wants it.
        origin: Origin,
        /// What is wrong with the name.
        #[source]
        source: ReferenceError,
    },
    /// Different sources would share a target.
    #[error("{}", collisions.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Collisions {
        /// All of them.
        collisions: Vec<Collision>,
    },
}

impl Draft {
    /// Decides about all wanted images.
    ///
    /// # Errors
    ///
    /// An image with no place to go, or with a copy that cannot be named.
    pub fn new(wanted: &[Wanted], settings: &DraftSettings) -> Result<Self, PlanError> {
        let mut copies: Vec<PlannedCopy> = Vec::new();
        let mut known: HashMap<(String, Option<String>), usize> = HashMap::new();
        let mut left_out = Vec::new();
        for image in wanted {
            let mut leave_out = |reason| {
                left_out.push(LeftOut {
                    source: image.source.clone(),
                    reason,
                    why: image.origin.clone(),
                });
            };
            if !settings.filter.takes(&image.source) {
                leave_out(WhyLeftOut::Filtered);
                continue;
            }
            let destination = image.destination.as_ref();
            let target = settings.place(&image.source, destination, &image.origin)?;
            if settings.is_in_place(&image.source, &target) {
                leave_out(WhyLeftOut::InPlace);
                continue;
            }
            let digest = image.source.digest().map(ToString::to_string);
            let key = (
                format!("{}>{}", comparable(&image.source), comparable(&target)),
                digest,
            );
            if let Some(index) = known.get(&key) {
                let why = &mut copies[*index].why;
                if !why.contains(&image.origin) {
                    why.push(image.origin.clone());
                }
                continue;
            }
            known.insert(key, copies.len());
            copies.push(PlannedCopy {
                source: image.source.clone(),
                target,
                platforms: settings.platforms.clone(),
                why: vec![image.origin.clone()],
            });
        }
        let collisions = collision::find(&copies);
        copies.retain(|copy| {
            let target = copy::repository_of(&copy.target);
            !collisions
                .iter()
                .any(|collision| collision.target == target)
        });
        Ok(Self {
            copies: one_per_target(copies),
            collisions,
            left_out,
            settings: (settings.target.clone(), settings.naming),
        })
    }

    /// The number of different source repositories among the copies.
    pub fn repositories(&self) -> usize {
        copy::repositories(&self.copies)
    }

    /// The plan, if there is nothing against it.
    ///
    /// # Errors
    ///
    /// Sources that would share a target.
    pub fn accept(self) -> Result<Plan, PlanError> {
        if !self.collisions.is_empty() {
            return Err(PlanError::Collisions {
                collisions: self.collisions,
            });
        }
        let (target, naming) = self.settings;
        Ok(Plan {
            copies: self.copies,
            target,
            naming,
        })
    }
}

impl DraftSettings {
    /// The copy of an image, for whoever refers to the image; nothing, if it is not copied. Copies and
    /// rewritten files agree because both are made by this.
    ///
    /// # Errors
    ///
    /// An image with no place to go, or with a copy that cannot be named.
    pub fn relocate(
        &self,
        image: &ImageRef,
        origin: &Origin,
    ) -> Result<Option<ImageRef>, PlanError> {
        if !self.filter.takes(image) {
            return Ok(None);
        }
        let target = self.place(image, None, origin)?;
        Ok((!self.is_in_place(image, &target)).then_some(target))
    }

    /// Where the copy of an image goes: below the target, else where the copy list says.
    fn place(
        &self,
        image: &ImageRef,
        destination: Option<&ImageRef>,
        origin: &Origin,
    ) -> Result<ImageRef, PlanError> {
        let Some(target) = &self.target else {
            return destination.cloned().ok_or_else(|| PlanError::NoTarget {
                source_name: image.to_string(),
                origin: origin.clone(),
            });
        };
        target
            .place(&self.naming.name(image), image)
            .map_err(|source| PlanError::Name {
                source_name: image.to_string(),
                origin: origin.clone(),
                source,
            })
    }

    /// Whether an image is a copy already.
    fn is_in_place(&self, image: &ImageRef, target: &ImageRef) -> bool {
        let below = |place: &Target| place.path_of(image).is_some();
        comparable(image) == comparable(target) || self.target.as_ref().is_some_and(below)
    }
}

/// Repository and tag, comparable.
fn comparable(image: &ImageRef) -> String {
    format!(
        "{}:{}",
        copy::repository_of(image),
        image.tag().unwrap_or_default()
    )
}

/// Folds copies to one target: of the same source, where one of them is pinned, and of a source and
/// its copy in Gardener's mirror. The pinned one stays, else the one that was asked for first.
fn one_per_target(copies: Vec<PlannedCopy>) -> Vec<PlannedCopy> {
    let mut folded: Vec<PlannedCopy> = Vec::new();
    let mut by_target: HashMap<String, usize> = HashMap::new();
    for copy in copies {
        let key = match copy.target.tag() {
            Some(_) => comparable(&copy.target),
            None => copy.target.to_string(),
        };
        let Some(index) = by_target.get(&key).copied() else {
            by_target.insert(key, folded.len());
            folded.push(copy);
            continue;
        };
        let kept = &mut folded[index];
        let mut why = std::mem::take(&mut kept.why);
        why.extend(
            copy.why
                .iter()
                .filter(|origin| !why.contains(origin))
                .cloned()
                .collect::<Vec<_>>(),
        );
        if kept.source.digest().is_none() && copy.source.digest().is_some() {
            *kept = copy;
        }
        kept.why = why;
    }
    folded
}

fn as_text<S: Serializer>(image: &ImageRef, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(image)
}

#[cfg(test)]
mod tests;
