//! Rewriting the configuration of containerd.

use super::{
    Change, RewriteError,
    edit::{self, Edit},
    reference::relocated,
};
use crate::mirror::{
    inventory,
    plan::{DraftSettings, Origin},
};

/// The configuration with a copy as sandbox image.
pub(super) fn rewrite(
    text: &str,
    file: &str,
    settings: &DraftSettings,
) -> Result<(String, Vec<Change>), RewriteError> {
    let unchanged = (text.to_owned(), Vec::new());
    let Some(found) = inventory::sandbox_image(text, file)? else {
        return Ok(unchanged);
    };
    let origin = Origin {
        file: file.to_owned(),
        line: Some(found.line),
        what: "containerd's sandbox image".to_owned(),
    };
    let Some(after) = relocated(&found.text, &origin, settings)? else {
        return Ok(unchanged);
    };
    let raw = &text[found.span.clone()];
    let quoted = edit::requote(raw, &found.text, &after);
    let Some(quoted) = quoted else {
        let reason = format!("`{raw}` is not written as one plain text");
        return Err(RewriteError::ReadBack {
            file: file.to_owned(),
            reason,
        });
    };
    let edit = Edit {
        span: found.span,
        text: quoted,
    };
    let result = edit::apply(text, vec![edit]);
    let again = inventory::sandbox_image(&result, file)?;
    if again.is_none_or(|again| again.text != after) {
        return Err(RewriteError::ReadBack {
            file: file.to_owned(),
            reason: format!("the sandbox image is not {after}"),
        });
    }
    let change = Change {
        origin,
        before: found.text,
        after,
    };
    Ok((result, vec![change]))
}
