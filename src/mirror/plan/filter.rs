//! Which of the wanted images are copied.

use regex::Regex;
use thiserror::Error;

use super::copy::repository_of;
use crate::mirror::{ImageRef, naming};

/// A choice among images. An empty one takes all.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Registries to take; any, where none is named.
    registries: Vec<String>,
    /// Repositories to leave out.
    excluded: Vec<Regex>,
    /// What tags look like; any, where nothing is said.
    tags: Option<Regex>,
    /// Only what an IPv6-only cluster is better off with a copy of.
    needed: bool,
}

/// A filter that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FilterError {
    /// Not a registry.
    #[error("`{text}` is not a registry: write HOST or HOST:PORT, an IPv6 address in brackets")]
    Registry {
        /// What was written.
        text: String,
    },
    /// Not a regular expression.
    #[error("`{text}` is not a regular expression: {reason}")]
    Pattern {
        /// What was written.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl Filter {
    /// Takes images of these registries only; of all, where none is named.
    ///
    /// # Errors
    ///
    /// A text that is no registry.
    pub fn registries(mut self, registries: &[String]) -> Result<Self, FilterError> {
        for text in registries {
            let sample = format!("{text}/x").parse::<ImageRef>();
            let registry = sample
                .ok()
                .filter(|image| image.repository() == "x" || image.repository() == "library/x")
                .map(|image| image.canonical_registry())
                .ok_or_else(|| FilterError::Registry { text: text.clone() })?;
            self.registries.push(registry);
        }
        Ok(self)
    }

    /// Leaves out the repositories that these patterns mean. A pattern is `REGISTRY/REPOSITORY`, where
    /// `*` stands for any number of characters.
    #[must_use]
    pub fn excluding(mut self, patterns: &[String]) -> Self {
        for pattern in patterns {
            let parts: Vec<String> = pattern.split('*').map(regex::escape).collect();
            let expression = Regex::new(&format!("^{}$", parts.join(".*")));
            self.excluded
                .push(expression.expect("invariant: escaped text is a regular expression"));
        }
        self
    }

    /// Takes only tags that this regular expression matches as a whole.
    ///
    /// # Errors
    ///
    /// A text that is no regular expression.
    pub fn tags(mut self, expression: Option<&str>) -> Result<Self, FilterError> {
        self.tags = expression
            .map(|text| {
                Regex::new(&format!("^(?:{text})$")).map_err(|error| FilterError::Pattern {
                    text: text.to_owned(),
                    reason: error.to_string(),
                })
            })
            .transpose()?;
        Ok(self)
    }

    /// Takes only what an IPv6-only cluster is better off with a copy of, by the list of
    /// [`naming::is_better_copied`].
    #[must_use]
    pub fn needed(mut self, needed: bool) -> Self {
        self.needed = needed;
        self
    }

    /// Whether an image is taken.
    pub fn takes(&self, image: &ImageRef) -> bool {
        let registry = image.canonical_registry();
        let repository = repository_of(image);
        let tag_fits = |expression: &Regex| image.tag().is_some_and(|tag| expression.is_match(tag));
        (self.registries.is_empty() || self.registries.contains(&registry))
            && !self
                .excluded
                .iter()
                .any(|pattern| pattern.is_match(&repository))
            && self.tags.as_ref().is_none_or(tag_fits)
            && (!self.needed || naming::is_better_copied(image))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(filter: &Filter, text: &str) -> bool {
        filter.takes(&text.parse().unwrap())
    }

    #[test]
    fn an_empty_filter_takes_everything() {
        assert!(takes(&Filter::default(), "[::1]:5000/a"));
    }

    #[test]
    fn registries_are_compared_under_all_their_names() {
        let registries = ["registry-1.docker.io".to_owned(), "[0::1]:5000".to_owned()];
        let filter = Filter::default().registries(&registries).unwrap();
        assert!(takes(&filter, "alpine:3"));
        assert!(takes(&filter, "[::1]:5000/a:1"));
        assert!(!takes(&filter, "ghcr.io/a/b:1"));
    }

    #[test]
    fn a_path_is_no_registry() {
        for text in ["ghcr.io/a", "somebody", ""] {
            let filter = Filter::default().registries(&[text.to_owned()]);
            assert!(filter.is_err(), "{text}");
        }
    }

    #[test]
    fn excluded_repositories_and_other_tags_are_left_out() {
        let filter = Filter::default()
            .excluding(&["registry.k8s.io/coredns/*".to_owned()])
            .tags(Some(r"v1\.\d+"))
            .unwrap();
        assert!(takes(&filter, "registry.k8s.io/pause:v1.2"));
        assert!(!takes(&filter, "registry.k8s.io/coredns/coredns:v1.2"));
        assert!(!takes(&filter, "registry.k8s.io/pause:v1.2.3"));
        assert!(!takes(&filter, "registry.k8s.io/pause"));
        assert!(Filter::default().tags(Some("(")).is_err());
    }
}
