//! Rewriting lists of one reference a line.

use super::{
    Change, RewriteError,
    edit::{self, Edit},
    reference::relocated,
};
use crate::mirror::{
    document::{DocumentError, Fault, FilePlace},
    inventory,
    plan::{DraftSettings, Origin},
};

/// Whether a list is one of lines, not of YAML items.
pub(super) fn is_lines(text: &str) -> bool {
    inventory::begins_with_reference(text)
}

/// The list with copies instead of sources.
pub(super) fn rewrite(
    text: &str,
    file: &str,
    settings: &DraftSettings,
) -> Result<(String, Vec<Change>), RewriteError> {
    let (mut edits, mut changes) = (Vec::new(), Vec::new());
    for entry in inventory::entries(text) {
        if let Err(source) = entry.text.parse::<crate::mirror::ImageRef>() {
            let place = FilePlace {
                file: file.to_owned(),
                line: entry.line,
                column: 1,
            };
            let field = "the line".to_owned();
            let faults = vec![(place, Fault::Reference { field, source })];
            return Err(DocumentError::Faults(faults).into());
        }
        let origin = Origin {
            file: file.to_owned(),
            line: Some(entry.line),
            what: String::new(),
        };
        if let Some(after) = relocated(entry.text, &origin, settings)? {
            edits.push(Edit {
                span: entry.start..entry.start + entry.text.len(),
                text: after.clone(),
            });
            changes.push(Change {
                origin,
                before: entry.text.to_owned(),
                after,
            });
        }
    }
    Ok((edit::apply(text, edits), changes))
}
