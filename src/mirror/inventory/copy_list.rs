//! The list of Gardener's copy job: `images[].{source, destination, tags[]}`.

use crate::mirror::{
    ImageRef,
    document::{Document, DocumentError, Fault, Faults, Fields},
    plan::{Origin, Wanted},
};

/// Reads a list of copies: one wanted image for every tag.
pub(super) fn read(text: &str, origin: &str) -> Result<Vec<Wanted>, DocumentError> {
    let document = Document::first(text, origin)?;
    let mut faults = Vec::new();
    let mut wanted = Vec::new();
    if let Some(fields) = document.fields(&mut faults) {
        for entry in fields.maps("images", &mut faults) {
            wanted.extend(images(&document, &entry, &mut faults));
        }
    }
    if faults.is_empty() {
        return Ok(wanted);
    }
    faults.sort_by(|left, right| left.0.cmp(&right.0));
    Err(DocumentError::Faults(faults))
}

fn images(document: &Document<'_>, entry: &Fields<'_, '_>, faults: &mut Faults) -> Vec<Wanted> {
    let source = repository(entry, "source", faults);
    let destination = repository(entry, "destination", faults);
    let tags = entry.texts("tags", faults).unwrap_or_default();
    let field = entry.field("tags");
    if tags.is_empty() {
        faults.push((
            entry.place(&field),
            Fault::Missing {
                field: field.clone(),
            },
        ));
    }
    let (Some(source), Some(destination)) = (source, destination) else {
        return Vec::new();
    };
    let mut wanted = Vec::new();
    for (index, tag) in tags.iter().enumerate() {
        let path = format!("{field}[{index}]");
        let place = entry.place(&path);
        // What YAML takes for a number may have lost digits.
        if let Some(raw) = document.raw(&path)
            && raw.trim_matches(['"', '\'']) != tag
        {
            let number = tag.clone();
            faults.push((
                place,
                Fault::Number {
                    field: path,
                    number,
                },
            ));
            continue;
        }
        let tagged = |repository: &str| format!("{repository}:{tag}").parse::<ImageRef>();
        match (tagged(&source), tagged(&destination)) {
            (Ok(image), Ok(copy)) => wanted.push(Wanted {
                origin: Origin {
                    file: place.file,
                    line: Some(place.line),
                    what: format!("copy of {source}"),
                },
                source: image,
                destination: Some(copy),
            }),
            (Err(source), _) | (_, Err(source)) => {
                faults.push((
                    place,
                    Fault::Reference {
                        field: path,
                        source,
                    },
                ));
            }
        }
    }
    wanted
}

/// A repository without tag or digest.
fn repository(entry: &Fields<'_, '_>, name: &str, faults: &mut Faults) -> Option<String> {
    let field = entry.field(name);
    let text = entry.text(name, faults).unwrap_or_default();
    if text.is_empty() {
        faults.push((entry.place(&field), Fault::Missing { field }));
        return None;
    }
    match format!("{text}:tag").parse::<ImageRef>() {
        Ok(_) => Some(text),
        Err(source) => {
            faults.push((entry.place(&field), Fault::Reference { field, source }));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tag_is_an_image_with_the_line_it_stands_on() {
        let text = "images:\n# old\n- source: alpine\n  destination: mirror.local/3rd/alpine\n  tags:\n  - 3.24.1\n  \
                    - \"3.10\"\n";
        let wanted = read(text, "images.yaml").unwrap();
        assert_eq!(wanted.len(), 2);
        assert_eq!(
            wanted[1].source.to_string(),
            "docker.io/library/alpine:3.10"
        );
        let destination = wanted[0].destination.as_ref().unwrap();
        assert_eq!(destination.to_string(), "mirror.local/3rd/alpine:3.24.1");
        assert_eq!(
            wanted[0].origin.to_string(),
            "images.yaml:6: copy of alpine"
        );
    }

    #[test]
    fn tags_that_are_numbers_to_yaml_are_refused_instead_of_changed() {
        let text = "images:\n- source: a\n  destination: m.io/a\n  tags: [3.10, 7, 1e6]\n";
        let error = read(text, "images.yaml").unwrap_err();
        assert_eq!(
            error.to_string(),
            "images.yaml:4:10: `images[0].tags[0]` is the number 3.1 to YAML; write it in quotes\n\
             images.yaml:4:19: `images[0].tags[2]` is the number 1e+06 to YAML; write it in quotes"
        );
    }

    #[test]
    fn every_fault_is_told() {
        let text = "images:\n- source: a:1\n  tags: []\n";
        let error = read(text, "images.yaml").unwrap_err().to_string();
        assert_eq!(error.lines().count(), 3, "{error}");
    }
}
