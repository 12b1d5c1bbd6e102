//! Image vectors from files, with what overwrites them.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    clock::{Clock as _, SystemClock},
    commands::Context,
    failure::Failure,
    fsutil::FileError,
    mirror::vector::{ImageVector, dead_overwrites, merge, read, read_components},
};

/// What is said instead of a vector.
#[derive(Clone, Debug, Default)]
pub struct Overwrites {
    /// Vectors that overwrite, in the order in which they apply.
    pub files: Vec<PathBuf>,
    /// The overwrites of components.
    pub components: Option<PathBuf>,
    /// The component whose overwrite applies.
    pub component: Option<String>,
}

/// Reads a vector, and what overwrites it.
pub(super) fn load(
    context: &Context,
    path: &Path,
    overwrites: &Overwrites,
) -> Result<ImageVector, Failure> {
    let mut vector = parse(path)?;
    for overwrite in overwrites.read()? {
        warn_of_dead(context, &vector, &overwrite);
        vector = merge(vector, overwrite);
    }
    Ok(vector)
}

impl Overwrites {
    /// The vectors that overwrite, in order.
    pub(super) fn read(&self) -> Result<Vec<ImageVector>, Failure> {
        let files = self.files.iter().map(|path| parse(path));
        let mut vectors = files.collect::<Result<Vec<_>, _>>()?;
        if let (Some(path), Some(component)) = (&self.components, &self.component) {
            vectors.push(of_component(path, component)?);
        }
        Ok(vectors)
    }
}

/// An entry that looks like an overwrite and is none is told: nothing else would.
fn warn_of_dead(context: &Context, base: &ImageVector, overwrite: &ImageVector) {
    for source in dead_overwrites(base, overwrite) {
        context.ui.progress().warn(format!(
            "{}: this entry overwrites no `{}`: constraints and architectures are not written as in the vector",
            source.place, source.name
        ));
    }
}

fn of_component(path: &Path, component: &str) -> Result<ImageVector, Failure> {
    let origin = path.display().to_string();
    let all = read_components(&text(path)?, &origin, SystemClock.now()).map_err(Failure::usage)?;
    let Some(overwrite) = all.get(component) else {
        let names: Vec<&str> = all.keys().map(String::as_str).collect();
        let problem = format!("{origin} has no overwrite for component `{component}`");
        return Err(Failure::usage(problem).hint(format!("it has {}", names.join(", "))));
    };
    let origin = format!("{origin} ({component})");
    read(overwrite, &origin, SystemClock.now()).map_err(Failure::usage)
}

fn parse(path: &Path) -> Result<ImageVector, Failure> {
    let text = text(path)?;
    read(&text, &path.display().to_string(), SystemClock.now()).map_err(Failure::usage)
}

fn text(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| Failure::usage(FileError::new("read", path, error)))
}
