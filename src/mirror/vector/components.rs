//! Overwrites that are handed on to components which have image vectors of their own.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::read;
use crate::mirror::document::{Document, DocumentError, Fault};

/// Component by component, the text of its overwrite.
pub type ComponentOverwrites = BTreeMap<String, String>;

/// Reads the overwrites of components. Of a component that is named twice the last text counts, and
/// only that one is checked, as upstream.
///
/// # Errors
///
/// A text that is no YAML, or everything that is wrong with the components, with places.
pub fn read_components(
    text: &str,
    origin: &str,
    now: Timestamp,
) -> Result<ComponentOverwrites, DocumentError> {
    let document = Document::first(text, origin)?;
    let mut faults = Vec::new();
    let mut components = BTreeMap::new();
    if let Some(fields) = document.fields(&mut faults) {
        for entry in fields.maps("components", &mut faults) {
            let name = entry.text("name", &mut faults).unwrap_or_default();
            let overwrite = entry.text("imageVectorOverwrite", &mut faults);
            let places = ["name", "imageVectorOverwrite"].map(|name| {
                let field = entry.field(name);
                (entry.place(&field), field)
            });
            components.insert(name, (overwrite.unwrap_or_default(), places));
        }
    }
    for (name, (overwrite, [name_field, overwrite_field])) in &components {
        if name.is_empty() {
            let (place, field) = name_field.clone();
            faults.push((place, Fault::Missing { field }));
        }
        if let Err(error) = read(overwrite, "overwrite", now) {
            let (place, field) = overwrite_field.clone();
            let reason = error.to_string();
            faults.push((place, Fault::Overwrite { field, reason }));
        }
    }
    if faults.is_empty() {
        let texts = components
            .into_iter()
            .map(|(name, (overwrite, _))| (name, overwrite));
        return Ok(texts.collect());
    }
    faults.sort_by(|left, right| left.0.cmp(&right.0));
    Err(DocumentError::Faults(faults))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_text_of_a_component_counts_and_is_checked() {
        let text = "components:\n- {name: x, imageVectorOverwrite: 'images: [{}]'}\n- name: x\n  \
                    imageVectorOverwrite: |\n    images: []\n";
        let components = read_components(text, "test", Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(components["x"], "images: []\n");
    }

    #[test]
    fn a_text_that_is_no_vector_is_told_with_the_place_of_the_component() {
        let text = "components:\n- name: x\n  imageVectorOverwrite: |\n    images: [{name: a}]\n";
        let error = read_components(text, "c.yaml", Timestamp::UNIX_EPOCH).unwrap_err();
        assert_eq!(
            error.to_string(),
            "c.yaml:4:5: `components[0].imageVectorOverwrite` is no image vector: overwrite:1:10: `images[0]` needs \
             `repository` (with or without `tag`) or `ref`"
        );
    }
}
