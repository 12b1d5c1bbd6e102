//! Platforms of an image index (OCI image specification, "Image Index").

use std::{fmt, str::FromStr};

use serde::{Serialize, Serializer};
use thiserror::Error;

/// An operating system and a processor, in the words of Go: `linux/arm64`, `linux/arm/v7`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Platform {
    /// The operating system.
    pub os: String,
    /// The processor.
    pub architecture: String,
    /// Which kind of that processor, where it matters; without one every kind is meant.
    pub variant: Option<String>,
}

/// A text that names no platform.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "`{text}` is not a platform: write OS/ARCHITECTURE or OS/ARCHITECTURE/VARIANT, as in linux/arm64"
)]
pub struct PlatformError {
    /// What was written.
    pub text: String,
}

impl FromStr for Platform {
    type Err = PlatformError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refuse = || PlatformError {
            text: text.to_owned(),
        };
        let is_word = |word: &&str| {
            !word.is_empty()
                && word
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        let words: Vec<&str> = text.split('/').collect();
        if !words.iter().all(is_word) {
            return Err(refuse());
        }
        let (os, architecture, variant) = match words[..] {
            [os, architecture] => (os, architecture, None),
            [os, architecture, variant] => (os, architecture, Some(variant)),
            _ => return Err(refuse()),
        };
        Ok(Self {
            os: os.to_owned(),
            architecture: architecture.to_owned(),
            variant: variant.map(str::to_owned),
        })
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.os, self.architecture)?;
        match &self.variant {
            Some(variant) => write!(formatter, "/{variant}"),
            None => Ok(()),
        }
    }
}

impl Serialize for Platform {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Which platforms of an index are copied.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Platforms {
    /// All of them; the digest of the index stays.
    #[default]
    All,
    /// Only these.
    Only(Vec<Platform>),
}

impl Platforms {
    /// Only these platforms, or all where none is named.
    pub fn of(platforms: Vec<Platform>) -> Self {
        if platforms.is_empty() {
            Self::All
        } else {
            Self::Only(platforms)
        }
    }

    /// Whether an entry of an index is copied.
    pub fn take(&self, os: &str, architecture: &str, variant: Option<&str>) -> bool {
        match self {
            Self::All => true,
            Self::Only(platforms) => platforms.iter().any(|platform| {
                platform.os == os
                    && platform.architecture == architecture
                    && (platform.variant.is_none() || platform.variant.as_deref() == variant)
            }),
        }
    }
}

impl fmt::Display for Platforms {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => formatter.write_str("all"),
            Self::Only(platforms) => {
                let names: Vec<String> = platforms.iter().map(Platform::to_string).collect();
                formatter.write_str(&names.join(","))
            }
        }
    }
}

impl Serialize for Platforms {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::All => serializer.serialize_str("all"),
            Self::Only(platforms) => platforms.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms_are_read_and_written_alike() {
        for text in ["linux/amd64", "linux/arm/v7", "windows/amd64"] {
            assert_eq!(text.parse::<Platform>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "linux",
            "linux/",
            "/amd64",
            "linux/arm/v7/x",
            "Linux/amd64",
            "linux amd64",
        ] {
            assert!(text.parse::<Platform>().is_err(), "{text}");
        }
    }

    #[test]
    fn without_a_variant_every_variant_is_taken() {
        let only = |text: &str| Platforms::of(vec![text.parse().unwrap()]);
        assert!(only("linux/arm64").take("linux", "arm64", Some("v8")));
        assert!(only("linux/arm64").take("linux", "arm64", None));
        assert!(only("linux/arm/v7").take("linux", "arm", Some("v7")));
        assert!(!only("linux/arm/v7").take("linux", "arm", Some("v6")));
        assert!(!only("linux/arm/v7").take("linux", "arm", None));
        assert!(!only("linux/arm64").take("unknown", "unknown", None));
        assert!(Platforms::of(Vec::new()).take("unknown", "unknown", None));
    }
}
