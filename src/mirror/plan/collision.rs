//! Different sources that would share one target.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde::Serialize;

use super::{Origin, PlannedCopy, copy::repository_of};
use crate::mirror::naming;

/// Sources that would become one repository, or different contents that would become one tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Collision {
    /// The repository that they would share.
    pub target: String,
    /// The sources.
    pub sources: Vec<CollidingSource>,
    /// The tags that more than one of them has.
    pub shared_tags: Vec<String>,
}

/// One of several sources for a target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CollidingSource {
    /// The repository; with a digest, where one repository is in conflict with itself.
    pub repository: String,
    /// Its tags that are wanted.
    pub tags: Vec<String>,
    /// Who wants it.
    pub why: Vec<Origin>,
}

impl fmt::Display for Collision {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sources: Vec<&str> = self
            .sources
            .iter()
            .map(|source| source.repository.as_str())
            .collect();
        write!(
            formatter,
            "{} would all be copied to {}",
            sources.join(" and "),
            self.target
        )
    }
}

/// The copies of one target repository.
#[derive(Default)]
struct Group<'a> {
    copies: Vec<&'a PlannedCopy>,
}

/// All collisions, in the order in which their targets were asked for.
pub(super) fn find(copies: &[PlannedCopy]) -> Vec<Collision> {
    let mut order = Vec::new();
    let mut groups: BTreeMap<String, Group<'_>> = BTreeMap::new();
    for copy in copies {
        let target = repository_of(&copy.target);
        let group = groups.entry(target.clone()).or_insert_with(|| {
            order.push(target);
            Group::default()
        });
        group.copies.push(copy);
    }
    order
        .into_iter()
        .filter_map(|target| groups[&target].collision(&target))
        .collect()
}

impl Group<'_> {
    fn collision(&self, target: &str) -> Option<Collision> {
        let sources = self.sources();
        let shared = shared_tags(&sources);
        if sources.len() < 2 || self.is_same_content(&shared) {
            return self.pinned_twice(target);
        }
        let sources = sources
            .into_iter()
            .map(|(repository, copies)| CollidingSource::new(repository, &copies));
        Some(Collision {
            target: target.to_owned(),
            sources: sources.collect(),
            shared_tags: shared.into_iter().collect(),
        })
    }

    /// The copies by source. A copy in Gardener's mirror counts as the source it is known to be a copy of.
    fn sources(&self) -> BTreeMap<String, Vec<&PlannedCopy>> {
        let mut sources: BTreeMap<String, Vec<&PlannedCopy>> = BTreeMap::new();
        for copy in &self.copies {
            sources
                .entry(repository_of(&copy.source))
                .or_default()
                .push(copy);
        }
        let copied: Vec<(String, String)> = sources
            .iter()
            .map(|(repository, copies)| {
                let copy = naming::mirrored_repository(&copies[0].source);
                (copy, repository.clone())
            })
            .filter(|(copy, repository)| copy != repository)
            .collect();
        for (copy, original) in copied {
            if let Some(copies) = sources.remove(&copy) {
                sources.entry(original).or_default().extend(copies);
            }
        }
        sources
    }

    /// Whether all sources have proven, by digest, to hold the same under every tag that they share.
    fn is_same_content(&self, shared: &BTreeSet<String>) -> bool {
        !shared.is_empty()
            && shared.iter().all(|tag| {
                let mut digests = self
                    .copies
                    .iter()
                    .filter(|copy| copy.source.tag() == Some(tag))
                    .map(|copy| copy.source.digest());
                match digests.next() {
                    Some(Some(first)) => digests.all(|digest| digest == Some(first)),
                    _ => false,
                }
            })
    }

    /// A repository in conflict with itself: one tag, different digests.
    fn pinned_twice(&self, target: &str) -> Option<Collision> {
        let mut by_tag: BTreeMap<&str, Vec<&PlannedCopy>> = BTreeMap::new();
        for copy in &self.copies {
            if let (Some(tag), Some(_)) = (copy.source.tag(), copy.source.digest()) {
                by_tag.entry(tag).or_default().push(copy);
            }
        }
        let (tag, copies) = by_tag.into_iter().find(|(_, copies)| {
            copies
                .iter()
                .any(|copy| copy.source.digest() != copies[0].source.digest())
        })?;
        let sources = copies.iter().map(|copy| {
            let digest = copy.source.digest().map(ToString::to_string);
            let repository = format!(
                "{}@{}",
                repository_of(&copy.source),
                digest.unwrap_or_default()
            );
            CollidingSource::new(repository, &[copy])
        });
        Some(Collision {
            target: target.to_owned(),
            sources: sources.collect(),
            shared_tags: vec![tag.to_owned()],
        })
    }
}

impl CollidingSource {
    fn new(repository: String, copies: &[&PlannedCopy]) -> Self {
        let mut tags: Vec<String> = Vec::new();
        let mut why: Vec<Origin> = Vec::new();
        for copy in copies {
            tags.extend(copy.source.tag().map(str::to_owned));
            for origin in &copy.why {
                if !why.contains(origin) {
                    why.push(origin.clone());
                }
            }
        }
        tags.dedup();
        Self {
            repository,
            tags,
            why,
        }
    }
}

fn shared_tags(sources: &BTreeMap<String, Vec<&PlannedCopy>>) -> BTreeSet<String> {
    let mut holders: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (repository, copies) in sources {
        for tag in copies.iter().filter_map(|copy| copy.source.tag()) {
            holders.entry(tag).or_default().insert(repository);
        }
    }
    holders
        .into_iter()
        .filter(|(_, repositories)| repositories.len() > 1)
        .map(|(tag, _)| tag.to_owned())
        .collect()
}
