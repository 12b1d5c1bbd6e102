//! What a look-up finds.

use std::fmt;

use serde::Serialize;

/// How digests in the tag of an entry begin. Others are not recognised, as upstream.
const DIGEST: &str = "sha256:";

/// An image that a look-up found. Its text is what can be pulled, if the vector is right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Image {
    /// The name that was asked for.
    pub name: String,
    /// A whole reference.
    #[serde(rename = "ref")]
    pub reference: Option<String>,
    /// The repository.
    pub repository: Option<String>,
    /// The tag, a digest, or both.
    pub tag: Option<String>,
    /// The version, for people.
    pub version: Option<String>,
}

impl Image {
    /// Fills in a tag where neither the vector nor the asked version gave one: a component's own release.
    #[must_use]
    pub fn with_optional_tag(mut self, tag: &str) -> Self {
        if self.lacks_tag() {
            self.tag = Some(tag.to_owned());
        }
        self
    }

    /// Whether nothing says which version is meant.
    pub fn lacks_tag(&self) -> bool {
        self.reference.is_none() && self.tag.is_none()
    }
}

impl fmt::Display for Image {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(reference) = &self.reference {
            return formatter.write_str(reference);
        }
        let Some(repository) = &self.repository else {
            return Ok(());
        };
        formatter.write_str(repository)?;
        match &self.tag {
            Some(tag) if tag.starts_with(DIGEST) => write!(formatter, "@{tag}"),
            Some(tag) => write!(formatter, ":{tag}"),
            None => Ok(()),
        }
    }
}
