//! `garden6 images rewrite`: files that refer to copies instead of sources.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};
use similar::TextDiff;

use super::sources::{SourceRequest, Sources, plan_failure};
use crate::{
    clock::{Clock as _, SystemClock},
    commands::Context,
    counted::counted,
    exit::Exit,
    failure::Failure,
    fsutil::{self, FileError},
    mirror::{
        inventory::FileKind,
        plan::{DraftSettings, Wanted},
        rewrite::{self, Change, RewriteError},
    },
    ui::Format,
};

/// Where results go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// Standard output.
    Print,
    /// A file, or a folder for several.
    Out(PathBuf),
    /// Over the files themselves.
    InPlace,
}

/// What is done with results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// They are written.
    Write,
    /// Differences are shown.
    Diff,
    /// Differences are shown, and fail.
    Check,
}

/// A call of the command.
#[derive(Clone, Debug)]
pub struct Request {
    /// The files.
    pub paths: Vec<PathBuf>,
    /// What decides where copies go.
    pub settings: DraftSettings,
    /// An overwrite is made of an image vector, which stays as it is.
    pub overwrite: bool,
    /// Where results go.
    pub destination: Destination,
    /// What is done with them.
    pub mode: Mode,
    /// The shape of the report about changes.
    pub format: Format,
}

/// A file and its result.
struct File {
    name: String,
    before: String,
    after: String,
    changes: Vec<Change>,
}

/// Rewrites the files. None is written before all of them are known to be good.
pub fn run(context: &Context, request: &Request) -> Result<Exit, Failure> {
    let sources = Sources::read(&SourceRequest {
        paths: request.paths.clone(),
        ..SourceRequest::default()
    })?;
    refuse_collisions(&sources, &request.settings)?;
    let files = sources
        .files
        .iter()
        .map(|(text, kind)| request.rewritten(&text.name, &text.text, *kind))
        .collect::<Result<Vec<_>, _>>()
        .map_err(failure)?;
    let pairs = request.pairs(&files)?;
    let changes: usize = files.iter().map(|file| file.changes.len()).sum();
    if request.format != Format::Text {
        context
            .ui
            .report(request.format, &value(&files), |_| String::new())?;
    }
    match request.mode {
        Mode::Write => request.write(context, &pairs)?,
        Mode::Diff | Mode::Check if request.format == Format::Text => {
            let texts: Vec<String> = pairs.iter().map(Pair::diff).collect();
            context.ui.data(&texts.concat())?;
        }
        Mode::Diff | Mode::Check => {}
    }
    context.ui.say(&format!(
        "{} in {}, each read back after rewriting",
        counted(changes, "reference", "references"),
        counted(files.len(), "file", "files")
    ));
    let differs = pairs
        .iter()
        .any(|pair| pair.current.as_deref() != Some(pair.file.after.as_str()));
    Ok(if request.mode == Mode::Check && differs {
        Exit::Failure
    } else {
        Exit::Success
    })
}

/// Copies that cannot be made are not referred to. Entries without tags have copies, too.
fn refuse_collisions(sources: &Sources, settings: &DraftSettings) -> Result<(), Failure> {
    let untagged = sources.open.iter().filter_map(|open| {
        Some(Wanted {
            source: open.repository.parse().ok()?,
            destination: None,
            origin: open.origin.clone(),
        })
    });
    let all = Sources {
        files: Vec::new(),
        wanted: sources.wanted.iter().cloned().chain(untagged).collect(),
        open: Vec::new(),
    };
    all.draft(settings)?.accept().map_err(plan_failure)?;
    Ok(())
}

fn failure(error: RewriteError) -> Failure {
    match error {
        RewriteError::ReadBack { .. } => Failure::internal(error),
        RewriteError::Plan(error) => plan_failure(error),
        RewriteError::Folded { .. } => {
            Failure::usage(error).hint("without `--overwrite` the vector itself is rewritten")
        }
        RewriteError::Kind { .. } => Failure::usage(error)
            .hint("image vectors, manifests, kind's cluster document, lists of references and containerd's configuration can be rewritten"),
        RewriteError::Document(_) | RewriteError::Elsewhere { .. } | RewriteError::Shared { .. } => {
            Failure::usage(error)
        }
    }
}

/// A result and what is there now.
struct Pair<'a> {
    path: Option<PathBuf>,
    current: Option<String>,
    file: &'a File,
}

impl Pair<'_> {
    fn diff(&self) -> String {
        let name = self
            .path
            .as_ref()
            .map_or_else(|| self.file.name.clone(), |path| path.display().to_string());
        let current = self.current.as_deref().unwrap_or_default();
        let before = if self.current.is_some() {
            &name
        } else {
            "/dev/null"
        };
        TextDiff::from_lines(current, &self.file.after)
            .unified_diff()
            .header(before, &name)
            .to_string()
    }
}

impl Request {
    fn rewritten(&self, name: &str, text: &str, kind: FileKind) -> Result<File, RewriteError> {
        let now = SystemClock.now();
        let (after, changes) = if self.overwrite {
            if kind != FileKind::ImageVector {
                let file = name.to_owned();
                return Err(RewriteError::Kind { file, kind });
            }
            rewrite::overwrite(text, name, &self.settings, now)?
        } else {
            let rewritten = rewrite::in_place(text, name, &self.settings, now)?;
            (rewritten.text, rewritten.changes)
        };
        Ok(File {
            name: name.to_owned(),
            before: text.to_owned(),
            after,
            changes,
        })
    }

    /// Every result with the place where it goes and what is there. What goes to standard output is
    /// compared with the file that it was made of.
    fn pairs<'a>(&self, files: &'a [File]) -> Result<Vec<Pair<'a>>, Failure> {
        let names_a_folder = |out: &Path| {
            files.len() > 1 || out.is_dir() || out.as_os_str().to_string_lossy().ends_with('/')
        };
        let mut pairs: Vec<Pair<'a>> = Vec::new();
        for file in files {
            let given = Path::new(&file.name);
            let path = match &self.destination {
                Destination::Print => None,
                Destination::InPlace => Some(given.to_owned()),
                Destination::Out(out) if names_a_folder(out) => {
                    Some(out.join(given.file_name().unwrap_or(given.as_os_str())))
                }
                Destination::Out(out) => Some(out.clone()),
            };
            if let Some(path) = &path
                && pairs.iter().any(|pair| pair.path.as_ref() == Some(path))
            {
                let path = path.display();
                return Err(Failure::usage(format!(
                    "two files would both become {path}"
                )));
            }
            let current = match (&self.destination, &path) {
                (Destination::Out(_), Some(path)) => optional(path)?,
                // An overwrite is another file than the vector that it is made of.
                _ if self.overwrite => None,
                _ => Some(file.before.clone()),
            };
            pairs.push(Pair {
                path,
                current,
                file,
            });
        }
        Ok(pairs)
    }

    fn write(&self, context: &Context, pairs: &[Pair<'_>]) -> Result<(), Failure> {
        if self.destination == Destination::Print {
            let [pair] = pairs else {
                return Err(Failure::usage(format!("these are {} files", pairs.len()))
                    .hint("name a folder for them with `--out DIR`, or rewrite them with `--in-place`"));
            };
            // A report of changes goes to the same place.
            return match self.format {
                Format::Text => context.ui.data(&pair.file.after),
                _ => Ok(()),
            };
        }
        for pair in pairs {
            let Some(path) = &pair.path else {
                continue;
            };
            if pair.current.as_deref() == Some(pair.file.after.as_str()) {
                context.ui.say(&format!("{} is up to date", path.display()));
                continue;
            }
            write(path, &pair.file.after).map_err(Failure::environment)?;
            context.ui.say(&format!(
                "{} written, {}",
                path.display(),
                counted(pair.file.changes.len(), "reference", "references")
            ));
        }
        Ok(())
    }
}

fn optional(path: &Path) -> Result<Option<String>, Failure> {
    fsutil::read_optional(path).map_err(Failure::usage)
}

/// Writes beside the file and puts it in its place. Permissions stay.
fn write(path: &Path, text: &str) -> Result<(), FileError> {
    use std::os::unix::fs::PermissionsExt as _;

    let mode = match fs::metadata(path) {
        Ok(metadata) => metadata.permissions().mode() & 0o7777,
        Err(error) if error.kind() == io::ErrorKind::NotFound => 0o644,
        Err(error) => return Err(FileError::new("read", path, error)),
    };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)
            .map_err(|error| FileError::new("create folder", folder, error))?;
    }
    fsutil::write_atomic(path, text.as_bytes(), mode)
}

fn value(files: &[File]) -> Value {
    let files = files.iter().map(|file| {
        json!({
            "file": file.name,
            "changed": file.before != file.after,
            "changes": file.changes,
        })
    });
    json!({ "files": files.collect::<Vec<_>>() })
}
