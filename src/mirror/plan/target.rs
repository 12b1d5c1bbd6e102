//! Where copies go: a registry and a path below it.

use std::{fmt, str::FromStr};

use serde::{Serialize, Serializer};
use thiserror::Error;

use crate::mirror::{DEFAULT_REGISTRY, ImageRef, ReferenceError};

/// A registry, and the path below which all copies are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    registry: String,
    /// Without slashes at either end; may be empty.
    prefix: String,
}

/// A text that names no place for copies.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TargetError {
    /// No registry, so Docker Hub would be meant.
    #[error(
        "`{text}` names no registry: write HOST:PORT, HOST/PREFIX or HOST:PORT/PREFIX, an IPv6 address in brackets"
    )]
    NoRegistry {
        /// What was written.
        text: String,
    },
    /// The registry or the path is none.
    #[error("`{text}` is no place for copies")]
    Malformed {
        /// What was written.
        text: String,
        /// What is wrong with a reference to an image at that place.
        #[source]
        source: ReferenceError,
    },
}

impl Target {
    /// The registry as it was written.
    pub fn registry(&self) -> &str {
        &self.registry
    }

    /// The path below it; may be empty.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The copy of `image` under a name below this place.
    ///
    /// # Errors
    ///
    /// The path becomes longer than a repository may be.
    pub fn place(&self, name: &str, image: &ImageRef) -> Result<ImageRef, ReferenceError> {
        let tag = image.tag().map(|tag| format!(":{tag}")).unwrap_or_default();
        let digest = image
            .digest()
            .map(|digest| format!("@{digest}"))
            .unwrap_or_default();
        format!("{self}/{name}{tag}{digest}").parse()
    }

    /// The path below this place that a reference has, if it is below it.
    pub fn path_of<'a>(&self, image: &'a ImageRef) -> Option<&'a str> {
        if canonical(&self.registry) != image.canonical_registry() {
            return None;
        }
        if self.prefix.is_empty() {
            return Some(image.repository());
        }
        image
            .repository()
            .strip_prefix(self.prefix.as_str())?
            .strip_prefix('/')
    }
}

fn canonical(registry: &str) -> String {
    format!("{registry}/x")
        .parse::<ImageRef>()
        .map_or_else(|_| registry.to_owned(), |image| image.canonical_registry())
}

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bare = text.strip_suffix('/').unwrap_or(text);
        let (registry, prefix) = bare.split_once('/').unwrap_or((bare, ""));
        let sample = format!("{bare}/x");
        let image: ImageRef = sample.parse().map_err(|source| TargetError::Malformed {
            text: text.to_owned(),
            source,
        })?;
        let is_hub = image.registry() == DEFAULT_REGISTRY && registry != "index.docker.io";
        if is_hub && registry != DEFAULT_REGISTRY {
            return Err(TargetError::NoRegistry {
                text: text.to_owned(),
            });
        }
        Ok(Self {
            registry: registry.to_owned(),
            prefix: prefix.to_owned(),
        })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.registry)?;
        if self.prefix.is_empty() {
            Ok(())
        } else {
            write!(formatter, "/{}", self.prefix)
        }
    }
}

impl Serialize for Target {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_a_registry_with_or_without_a_path() {
        for (text, registry, prefix) in [
            ("[fd00:10::5]:5001", "[fd00:10::5]:5001", ""),
            ("[::1]:5001/3rd/", "[::1]:5001", "3rd"),
            ("registry.local:5001/a/b", "registry.local:5001", "a/b"),
            ("localhost/a", "localhost", "a"),
            ("docker.io/somebody", "docker.io", "somebody"),
        ] {
            let target: Target = text.parse().unwrap();
            assert_eq!(
                (target.registry(), target.prefix()),
                (registry, prefix),
                "{text}"
            );
        }
    }

    #[test]
    fn docker_hub_is_never_meant_by_accident() {
        for text in ["somebody", "mirror/3rd"] {
            let error = text.parse::<Target>().unwrap_err();
            assert!(matches!(error, TargetError::NoRegistry { .. }), "{error}");
        }
        for text in [
            "",
            "/",
            "[::1]:5001//a",
            "[::1]:0/a",
            "::1:5001/a",
            "reg.io/a:tag",
            "reg.io/A",
        ] {
            assert!(text.parse::<Target>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_below_a_target_is_known_however_the_address_is_written() {
        let target: Target = "[0:0::1]:5001/3rd".parse().unwrap();
        let path = |text: &str| {
            let image: ImageRef = text.parse().unwrap();
            target.path_of(&image).map(str::to_owned)
        };
        assert_eq!(path("[::1]:5001/3rd/alpine:3"), Some("alpine".to_owned()));
        assert_eq!(path("[::1]:5001/3rdparty/alpine:3"), None);
        assert_eq!(path("[::2]:5001/3rd/alpine:3"), None);
    }

    #[test]
    fn copies_keep_tag_and_digest() {
        let target: Target = "[::1]:5001/3rd".parse().unwrap();
        let image = format!("quay.io/a/b:v1@sha256:{}", "a3".repeat(32));
        let copy = target.place("a/b", &image.parse().unwrap()).unwrap();
        assert_eq!(
            copy.to_string(),
            format!("[::1]:5001/3rd/a/b:v1@sha256:{}", "a3".repeat(32))
        );
    }
}
