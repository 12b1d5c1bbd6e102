//! The shared libraries of a program, found the way the dynamic loader finds them.

use std::{
    collections::{BTreeMap, VecDeque},
    fs,
    path::{Path, PathBuf},
};

use super::elf;
use crate::mirror::MirrorError;

/// Where loaders look without any configuration; multi-architecture folders come from the configuration.
const DEFAULT_FOLDERS: &[&str] = &["/lib64", "/usr/lib64", "/lib", "/usr/lib"];
const CONFIGURATION: &str = "/etc/ld.so.conf";
const CONFIGURATION_FOLDER: &str = "/etc/ld.so.conf.d";

/// Files a program needs beside itself, by their path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Resolved {
    /// The dynamic loader and the libraries.
    pub files: Vec<PathBuf>,
}

impl Resolved {
    /// The folders of the files, each once.
    pub fn folders(&self) -> Vec<String> {
        let mut folders: Vec<String> = self
            .files
            .iter()
            .filter_map(|file| Some(file.parent()?.display().to_string()))
            .collect();
        folders.sort();
        folders.dedup();
        folders
    }
}

/// Finds the loader and every library of a program, including those that libraries need.
///
/// # Errors
///
/// [`MirrorError::Program`] for something that is no Linux program, [`MirrorError::Library`] for a
/// library that is nowhere.
pub fn resolve(program: &Path) -> Result<Resolved, MirrorError> {
    let needs = needs_of(program)?;
    let Some(loader) = needs.loader else {
        return Ok(Resolved::default());
    };
    let folders = folders();
    let loader = PathBuf::from(loader);
    let mut found: BTreeMap<String, PathBuf> = BTreeMap::new();
    if let Some(name) = loader.file_name() {
        found.insert(name.to_string_lossy().into_owned(), loader.clone());
    }
    let mut queue: VecDeque<(PathBuf, String)> = needs
        .libraries
        .into_iter()
        .map(|library| (program.to_owned(), library))
        .collect();
    while let Some((needed_by, library)) = queue.pop_front() {
        if found.contains_key(&library) {
            continue;
        }
        let path = folders
            .iter()
            .map(|folder| folder.join(&library))
            .find(|path| path.exists() && needs_of(path).is_ok())
            .ok_or_else(|| MirrorError::Library {
                path: needed_by,
                library: library.clone(),
            })?;
        let further = needs_of(&path)?.libraries;
        queue.extend(further.into_iter().map(|library| (path.clone(), library)));
        found.insert(library, path);
    }
    let mut files: Vec<PathBuf> = found.into_values().collect();
    files.sort();
    Ok(Resolved { files })
}

fn needs_of(path: &Path) -> Result<elf::Needs, MirrorError> {
    let bytes = fs::read(path).map_err(|source| MirrorError::File {
        path: path.to_owned(),
        source,
    })?;
    elf::read(&bytes).map_err(|reason| MirrorError::Program {
        path: path.to_owned(),
        reason,
    })
}

/// The folders of the loader's configuration, then the built-in ones.
fn folders() -> Vec<PathBuf> {
    let mut files = vec![PathBuf::from(CONFIGURATION)];
    if let Ok(entries) = fs::read_dir(CONFIGURATION_FOLDER) {
        let mut included: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        included.sort();
        files.extend(included);
    }
    files
        .iter()
        .filter_map(|file| fs::read_to_string(file).ok())
        .flat_map(|text| configured(&text))
        .chain(DEFAULT_FOLDERS.iter().map(PathBuf::from))
        .collect()
}

/// The folders in one configuration file; `include` lines are known to name the folder read anyway.
fn configured(text: &str) -> Vec<PathBuf> {
    text.lines()
        .map(|line| line.split('#').next().unwrap_or_default().trim())
        .filter(|line| line.starts_with('/'))
        .map(PathBuf::from)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configuration_lines_that_are_folders_count() {
        let text = "# Multiarch support\ninclude /etc/ld.so.conf.d/*.conf\n/lib/x86_64-linux-gnu # one\n\n";
        assert_eq!(configured(text), [PathBuf::from("/lib/x86_64-linux-gnu")]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_very_program_resolves_with_its_loader() {
        let program = std::env::current_exe().unwrap();
        let resolved = resolve(&program).unwrap();
        if needs_of(&program).unwrap().loader.is_some() {
            let names: Vec<String> = resolved
                .files
                .iter()
                .map(|file| file.file_name().unwrap().to_string_lossy().into_owned())
                .collect();
            assert!(
                names.iter().any(|name| name.starts_with("libc.")),
                "{names:?}"
            );
            assert!(
                names.iter().any(|name| name.starts_with("ld-")),
                "{names:?}"
            );
        }
    }
}
