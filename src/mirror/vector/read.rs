//! Reading and checking a vector.

use jiff::Timestamp;

use super::{CaBundle, ImageSource, ImageVector, VersionConstraint};
use crate::mirror::document::{Document, DocumentError, Fault, Faults, Fields};

/// Reads an image vector. `now` decides whether its authorities have expired.
///
/// References, architectures and unknown fields are not checked, as upstream.
///
/// # Errors
///
/// A text that is no YAML, or everything that is wrong with the entries, with places.
pub fn read(text: &str, origin: &str, now: Timestamp) -> Result<ImageVector, DocumentError> {
    let document = Document::first(text, origin)?;
    let mut faults = Vec::new();
    let mut vector = ImageVector::default();
    if let Some(fields) = document.fields(&mut faults) {
        for entry in fields.maps("images", &mut faults) {
            vector.images.push(source(&entry, &mut faults));
        }
        vector.ca_bundle = ca_bundle(&fields, now, &mut faults);
    }
    if faults.is_empty() {
        return Ok(vector);
    }
    faults.sort_by(|left, right| left.0.cmp(&right.0));
    Err(DocumentError::Faults(faults))
}

fn source(entry: &Fields<'_, '_>, faults: &mut Faults) -> ImageSource {
    let before = faults.len();
    let source = ImageSource {
        name: entry.text("name", faults).unwrap_or_default(),
        reference: entry.text("ref", faults),
        repository: entry.text("repository", faults),
        tag: entry.text("tag", faults),
        version: entry.text("version", faults),
        runtime_version: constraint(entry, "runtimeVersion", faults),
        target_version: constraint(entry, "targetVersion", faults),
        architectures: entry.texts("architectures", faults),
        place: entry.place(&entry.path),
    };
    // What could not be read is not also called missing.
    if faults.len() == before {
        check(&source, entry, faults);
    }
    source
}

fn check(source: &ImageSource, entry: &Fields<'_, '_>, faults: &mut Faults) {
    let mut fault = |name: &str, fault: fn(String) -> Fault| {
        let field = entry.field(name);
        faults.push((entry.place(&field), fault(field)));
    };
    let is_empty = |text: &Option<String>| text.as_ref().is_some_and(String::is_empty);
    if source.name.is_empty() {
        fault("name", |field| Fault::Missing { field });
    }
    if source.reference.is_some() {
        if is_empty(&source.reference) {
            fault("ref", |field| Fault::Empty { field });
        }
        if source.repository.is_some() {
            fault("repository", |field| Fault::BesideRef { field });
        }
        if source.tag.is_some() {
            fault("tag", |field| Fault::BesideRef { field });
        }
        return;
    }
    if is_empty(&source.repository) {
        fault("repository", |field| Fault::Empty { field });
    }
    if is_empty(&source.tag) {
        fault("tag", |field| Fault::Empty { field });
    }
    if source.repository.is_none() {
        let fault = Fault::NoImage {
            entry: entry.path.clone(),
        };
        faults.push((entry.place(&entry.path), fault));
    }
}

fn constraint(
    entry: &Fields<'_, '_>,
    name: &str,
    faults: &mut Faults,
) -> Option<VersionConstraint> {
    let text = entry.text(name, faults)?;
    match text.parse() {
        Ok(constraint) => Some(constraint),
        Err(source) => {
            let field = entry.field(name);
            faults.push((entry.place(&field), Fault::Constraint { field, source }));
            None
        }
    }
}

fn ca_bundle(fields: &Fields<'_, '_>, now: Timestamp, faults: &mut Faults) -> Option<CaBundle> {
    let entry = fields.map("caBundle", faults)?;
    let bundle = CaBundle {
        inline: entry.text("inline", faults),
    };
    let field = entry.field("inline");
    let fault = bundle.fault(&field, now);
    faults.extend(fault.map(|fault| (entry.place(&field), fault)));
    Some(bundle)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(text: &str) -> String {
        read(text, "images.yaml", Timestamp::UNIX_EPOCH)
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn every_fault_is_told_with_its_place() {
        let text = "images:\n- repository: r\n- name: a\n  tag: x\n- {name: b, ref: r, tag: t}\n- name: c\n  \
                    repository: r\n  targetVersion: '>='\n";
        assert_eq!(
            errors(text),
            "images.yaml:2:3: `images[0].name` is missing or empty\n\
             images.yaml:3:3: `images[1]` needs `repository` (with or without `tag`) or `ref`\n\
             images.yaml:5:26: `images[2].tag` cannot stand beside `ref`\n\
             images.yaml:8:18: `images[3].targetVersion`: `>=` is not a version constraint: write one as in \
             `>= 1.31, < 1.34` or `1.33.x`"
        );
    }

    #[test]
    fn types_are_checked_as_far_as_upstream_does() {
        assert_eq!(
            errors("- a"),
            "images.yaml:1:1: `the document` must be a map"
        );
        assert_eq!(
            errors("images: {}"),
            "images.yaml:1:1: `images` must be a list"
        );
        assert_eq!(
            errors("images: [{name: {}, repository: r}]"),
            "images.yaml:1:11: `images[0].name` must be a text"
        );
        for text in [
            "",
            "# nothing\n",
            "images:\n",
            "images: []\n",
            "unknown: 1\n",
        ] {
            let vector = read(text, "test", Timestamp::UNIX_EPOCH).unwrap();
            assert_eq!(vector.images, [], "{text}");
        }
    }

    #[test]
    fn fields_are_found_without_regard_to_case() {
        let vector = read(
            "Images: [{NAME: a, Repository: r}]",
            "test",
            Timestamp::UNIX_EPOCH,
        );
        assert_eq!(vector.unwrap().images[0].repository.as_deref(), Some("r"));
    }

    #[test]
    fn an_empty_list_of_architectures_is_not_the_same_as_none() {
        let text = "images: [{name: a, repository: r, architectures: []}, {name: a, repository: r, architectures: null}]";
        let vector = read(text, "test", Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(vector.images[0].architectures, Some(Vec::new()));
        assert_eq!(vector.images[1].architectures, None);
    }

    #[test]
    fn authorities_are_certificates_that_have_not_expired() {
        let certificate = rcgen::generate_simple_self_signed(["mirror.local".to_owned()]).unwrap();
        let pem = certificate.cert.pem().replace('\n', "\n    ");
        let text = format!("images: []\ncaBundle:\n  inline: |\n    {pem}\n");
        let vector = read(&text, "test", Timestamp::UNIX_EPOCH).unwrap();
        assert!(vector.ca_bundle.is_some());
        let late = read(&text, "test", Timestamp::MAX).unwrap_err();
        assert!(late.to_string().contains("expired"), "{late}");
        assert!(errors("caBundle: {inline: text}").contains("PEM form"));
        read("caBundle: {}", "test", Timestamp::MAX).unwrap();
    }
}
