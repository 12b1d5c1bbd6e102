//! The image that containerd runs in every pod.

use std::ops::Range;

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::mirror::document::{DocumentError, Fault, FilePlace};

/// Where containerd's configuration names the image: versions 1 and 2, then version 3.
const PATHS: [&[&str]; 3] = [
    &["plugins", "io.containerd.grpc.v1.cri", "sandbox_image"],
    &["plugins", "cri", "sandbox_image"],
    &[
        "plugins",
        "io.containerd.cri.v1.images",
        "pinned_images",
        "sandbox",
    ],
];

/// A text in a TOML file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::mirror) struct TomlText {
    /// What it says.
    pub(in crate::mirror) text: String,
    /// Its bytes in the file, quotes included.
    pub(in crate::mirror) span: Range<usize>,
    /// Its line, counted from 1.
    pub(in crate::mirror) line: usize,
}

/// The image, if the configuration names one.
pub(in crate::mirror) fn sandbox_image(
    text: &str,
    origin: &str,
) -> Result<Option<TomlText>, DocumentError> {
    let table = DeTable::parse(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        let before = &text[..at.min(text.len())];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let place = FilePlace {
            file: origin.to_owned(),
            line: line_of(before),
            column: before[line_start..].chars().count() + 1,
        };
        let reason = error.message().to_owned();
        DocumentError::Faults(vec![(place, Fault::Toml { reason })])
    })?;
    let found = PATHS.iter().find_map(|path| find(table.get_ref(), path));
    Ok(found.and_then(|value| match value.get_ref() {
        DeValue::String(image) => Some(TomlText {
            text: image.to_string(),
            span: value.span(),
            line: line_of(&text[..value.span().start]),
        }),
        _ => None,
    }))
}

fn find<'t, 'a>(table: &'t DeTable<'a>, path: &[&str]) -> Option<&'t Spanned<DeValue<'a>>> {
    let (last, parents) = path.split_last()?;
    let mut table = table;
    for parent in parents {
        let DeValue::Table(inner) = table.get(*parent)?.get_ref() else {
            return None;
        };
        table = inner;
    }
    table.get(*last)
}

fn line_of(before: &str) -> usize {
    before.matches('\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_version_of_the_configuration_is_understood() {
        for (text, line) in [
            (
                "version = 2\n[plugins.\"io.containerd.grpc.v1.cri\"]\n  sandbox_image = 'registry.k8s.io/pause:3.10'\n",
                3,
            ),
            (
                "version = 3\n[plugins.'io.containerd.cri.v1.images'.pinned_images]\nsandbox = \"registry.k8s.io/pause:3.10\" # p\n",
                3,
            ),
            (
                "plugins.cri.sandbox_image = \"registry.k8s.io/pause:3.10\"",
                1,
            ),
        ] {
            let found = sandbox_image(text, "config.toml").unwrap().unwrap();
            assert_eq!(
                (found.text.as_str(), found.line),
                ("registry.k8s.io/pause:3.10", line)
            );
            assert_eq!(
                text[found.span].trim_matches(['"', '\'']),
                "registry.k8s.io/pause:3.10"
            );
        }
        assert_eq!(sandbox_image("version = 3", "config.toml").unwrap(), None);
    }

    #[test]
    fn what_is_no_toml_is_told_with_its_place() {
        let error = sandbox_image("a = 1\nb = = 2\n", "config.toml").unwrap_err();
        assert!(error.to_string().starts_with("config.toml:2:"), "{error}");
    }
}
