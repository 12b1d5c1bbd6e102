//! Files to standard output, to disk, or compared with what is on disk.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use similar::TextDiff;

use super::{Mode, OutputRequest};
use crate::{
    commands::Context,
    exit::Exit,
    failure::Failure,
    fsutil::{self, FileError},
    generate::Artifact,
};

/// Does with the files what was asked for.
pub(super) fn deliver(
    context: &Context,
    request: &OutputRequest,
    artifacts: &[Artifact],
) -> Result<Exit, Failure> {
    let Some(out) = &request.out else {
        return print(context, artifacts);
    };
    // All files are looked at before the first one is touched.
    let files = targets(out, artifacts)?
        .into_iter()
        .map(|(path, artifact)| File::look(path, artifact))
        .collect::<Result<Vec<_>, _>>()
        .map_err(Failure::usage)?;
    if request.mode == Mode::Write {
        for file in &files {
            context.ui.say(&file.write().map_err(Failure::environment)?);
        }
        return Ok(Exit::Success);
    }
    let differing: Vec<&File> = files.iter().filter(|file| !file.is_current()).collect();
    let text: String = differing.iter().map(|file| file.diff()).collect();
    context.ui.data(&text)?;
    if differing.is_empty() || request.mode == Mode::Diff {
        return Ok(Exit::Success);
    }
    context.ui.warn(&format!(
        "{} of {} files are not as they would be generated, the same command without `--check` writes them",
        differing.len(),
        files.len()
    ));
    Ok(Exit::Failure)
}

fn print(context: &Context, artifacts: &[Artifact]) -> Result<Exit, Failure> {
    let [artifact] = artifacts else {
        let names: Vec<&str> = artifacts.iter().map(|file| file.path.as_str()).collect();
        return Err(Failure::usage(format!(
            "these are {} files: {}",
            names.len(),
            names.join(", ")
        ))
        .hint("name a folder for them with `--out DIR`"));
    };
    context.ui.data(&artifact.content)?;
    Ok(Exit::Success)
}

/// Where every file goes: one alone may be named, several need a folder.
fn targets<'a>(
    out: &Path,
    artifacts: &'a [Artifact],
) -> Result<Vec<(PathBuf, &'a Artifact)>, Failure> {
    let names_a_folder = out.is_dir() || out.as_os_str().to_string_lossy().ends_with('/');
    if let ([artifact], false) = (artifacts, names_a_folder) {
        return Ok(vec![(out.to_owned(), artifact)]);
    }
    if out.exists() && !out.is_dir() {
        return Err(Failure::usage(format!(
            "{} is a file, but {} files need a folder",
            out.display(),
            artifacts.len()
        )));
    }
    let place = |artifact: &'a Artifact| (out.join(&artifact.path), artifact);
    Ok(artifacts.iter().map(place).collect())
}

/// A file as it should be, and as it is.
struct File<'a> {
    path: PathBuf,
    wanted: &'a Artifact,
    found: Option<Vec<u8>>,
}

impl<'a> File<'a> {
    fn look(path: PathBuf, wanted: &'a Artifact) -> Result<Self, FileError> {
        let found = match fs::read(&path) {
            Ok(content) => Some(content),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(source) => return Err(FileError::new("read", &path, source)),
        };
        Ok(Self {
            path,
            wanted,
            found,
        })
    }

    fn is_current(&self) -> bool {
        self.found.as_deref() == Some(self.wanted.content.as_bytes())
    }

    fn found_text(&self) -> String {
        String::from_utf8_lossy(self.found.as_deref().unwrap_or_default()).into_owned()
    }

    /// How what is there becomes what should be there.
    fn diff(&self) -> String {
        let path = self.path.display().to_string();
        let before = match self.found {
            Some(_) => path.clone(),
            None => "/dev/null".to_owned(),
        };
        TextDiff::from_lines(&self.found_text(), &self.wanted.content)
            .unified_diff()
            .header(&before, &path)
            .to_string()
    }

    /// Writes the file unless it is as it should be, and says what that changed.
    fn write(&self) -> Result<String, FileError> {
        let path = self.path.display();
        if self.is_current() {
            return Ok(format!("{path} is up to date"));
        }
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)
                .map_err(|source| FileError::new("create folder", folder, source))?;
        }
        let mode = if self.wanted.executable { 0o755 } else { 0o644 };
        fsutil::write_atomic(&self.path, self.wanted.content.as_bytes(), mode)?;
        if self.found.is_none() {
            return Ok(format!("{path} written"));
        }
        let before = self.found_text();
        let diff = TextDiff::from_lines(&before, &self.wanted.content);
        let count = |tag| {
            diff.iter_all_changes()
                .filter(|change| change.tag() == tag)
                .count()
        };
        Ok(format!(
            "{path} changed: {} lines added, {} removed",
            count(similar::ChangeTag::Insert),
            count(similar::ChangeTag::Delete)
        ))
    }
}
