//! A folder of templates that replace those of the program.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use super::failure;
use crate::{
    failure::Failure,
    fsutil::FileError,
    generate::{TEMPLATE_SUFFIX, Templates},
};

/// Reads a folder. Hidden files are passed over, every other one has to replace a template.
pub(super) fn templates(folder: &Path) -> Result<Templates, Failure> {
    let unreadable =
        |(path, source): (PathBuf, _)| Failure::usage(FileError::new("read", &path, source));
    let hint = "`garden6 generate templates --out DIR` writes all templates";
    let mut overrides = BTreeMap::new();
    for path in files(folder).map_err(unreadable)? {
        let text =
            fs::read_to_string(&path).map_err(|source| unreadable((path.clone(), source)))?;
        let relative = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy();
        let Some(name) = relative.strip_suffix(TEMPLATE_SUFFIX) else {
            return Err(Failure::usage(format!(
                "{} is no template: their names end with {TEMPLATE_SUFFIX}",
                path.display()
            ))
            .hint(hint));
        };
        overrides.insert(name.to_owned(), text);
    }
    Templates::with_overrides(overrides).map_err(|error| failure(error).hint(hint))
}

/// All files below a folder but hidden ones.
fn files(folder: &Path) -> Result<Vec<PathBuf>, (PathBuf, io::Error)> {
    let failed = |error| (folder.to_owned(), error);
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    Ok(found)
}
