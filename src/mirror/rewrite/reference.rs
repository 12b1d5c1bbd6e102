//! The new text of a reference.

use crate::mirror::{
    ImageRef,
    plan::{DraftSettings, Origin, PlanError},
};

/// The text of the copy of what `text` names, with tag and digest only where they were written;
/// nothing, if it stays as it is.
pub(super) fn relocated(
    text: &str,
    origin: &Origin,
    settings: &DraftSettings,
) -> Result<Option<String>, PlanError> {
    let Ok(image) = text.parse::<ImageRef>() else {
        return Ok(None);
    };
    let copy = settings.relocate(&image, origin)?;
    Ok(copy.map(|copy| format!("{}/{}{}", copy.registry(), copy.repository(), suffix(text))))
}

/// Tag and digest of a reference as they are written.
fn suffix(text: &str) -> &str {
    let name_end = text.find('@').unwrap_or(text.len());
    let last = text[..name_end].rfind('/').map_or(0, |slash| slash + 1);
    let tag = text[last..name_end].find(':').map(|colon| last + colon);
    &text[tag.unwrap_or(name_end)..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_written_is_not_added() {
        for (text, expected) in [
            ("alpine", ""),
            ("alpine:3", ":3"),
            ("[::1]:5000/a/b", ""),
            ("[::1]:5000/a/b:1", ":1"),
            ("localhost:5000", ":5000"),
            ("a/b:1@sha256:00", ":1@sha256:00"),
            ("a/b@sha256:00", "@sha256:00"),
        ] {
            assert_eq!(suffix(text), expected, "{text}");
        }
    }
}
