//! Rewriting a file where it stands.

use jiff::Timestamp;
use serde::Serialize;

use super::{RewriteError, containerd, lines, yaml};
use crate::mirror::{
    inventory::FileKind,
    plan::{DraftSettings, Origin},
};

/// A file with copies instead of sources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewritten {
    /// What kind of file it is.
    pub kind: FileKind,
    /// The new text.
    pub text: String,
    /// What was replaced, in the order of the file.
    pub changes: Vec<Change>,
}

/// A reference that was replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Where it stands.
    #[serde(rename = "where")]
    pub origin: Origin,
    /// What it was.
    pub before: String,
    /// What it is.
    pub after: String,
}

/// Replaces every image that the settings take. Every result is read back.
///
/// # Errors
///
/// A file that cannot be used or rewritten.
pub fn in_place(
    text: &str,
    origin: &str,
    settings: &DraftSettings,
    now: Timestamp,
) -> Result<Rewritten, RewriteError> {
    let kind = FileKind::of(text, origin)?;
    let (text, changes) = match kind {
        FileKind::ImageVector => yaml::vector(text, origin, settings, now)?,
        FileKind::Objects => yaml::objects(text, origin, settings)?,
        FileKind::List if lines::is_lines(text) => lines::rewrite(text, origin, settings)?,
        FileKind::List => yaml::list(text, origin, settings)?,
        FileKind::Containerd => containerd::rewrite(text, origin, settings)?,
        FileKind::CopyList | FileKind::ComponentOverwrites => {
            let file = origin.to_owned();
            return Err(RewriteError::Kind { file, kind });
        }
    };
    Ok(Rewritten {
        kind,
        text,
        changes,
    })
}

#[cfg(test)]
mod tests;
