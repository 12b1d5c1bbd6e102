//! Environments as they are remembered: one folder each, with what was asked for.

use std::time::Duration;

use thiserror::Error;

use crate::{
    config::{Environment, EnvironmentDir, EnvironmentName, StateDir},
    failure::Failure,
    fsutil::{self, FileError, LockError, LockFile},
};

/// How long a command waits for another one that changes the same environment.
const LOCK_WAIT: Duration = Duration::from_secs(2);

/// A remembered environment that cannot be understood.
#[derive(Debug, Error)]
#[error("{path} is damaged or was written by another version: {source}")]
struct Damaged {
    path: String,
    source: serde_json::Error,
}

/// The environments below a state folder.
pub(super) struct Store<'a>(pub(super) &'a StateDir);

impl Store<'_> {
    /// What was asked for when the environment was made, if it was.
    pub(super) fn load(&self, name: &EnvironmentName) -> Result<Option<Environment>, Failure> {
        let path = self.0.environment(name).spec();
        let Some(text) = fsutil::read_optional(&path).map_err(file)? else {
            return Ok(None);
        };
        serde_json::from_str(&text).map(Some).map_err(|source| {
            let path = path.display().to_string();
            Failure::environment(Damaged {
                path: path.clone(),
                source,
            })
            .hint(format!(
                "use the garden6 that made it, or remove what it made by hand and delete {path}"
            ))
        })
    }

    /// Remembers what was asked for.
    pub(super) fn save(&self, environment: &Environment) -> Result<EnvironmentDir, Failure> {
        let folder = self.0.environment(&environment.name);
        fsutil::create_private_dir(&folder.logs()).map_err(file)?;
        let json = serde_json::to_vec_pretty(environment).map_err(Failure::internal)?;
        fsutil::write_atomic(&folder.spec(), &json, 0o600).map_err(file)?;
        Ok(folder)
    }

    /// Forgets an environment that is no more.
    pub(super) fn forget(&self, name: &EnvironmentName) -> Result<(), Failure> {
        let folder = self.0.environment(name);
        match std::fs::remove_dir_all(folder.path()) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(file(FileError::new("remove folder", folder.path(), error)))
            }
            _ => Ok(()),
        }
    }

    /// The names of all environments, sorted.
    pub(super) fn names(&self) -> Result<Vec<EnvironmentName>, Failure> {
        let folder = self.0.environments();
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(file(FileError::new("read folder", &folder, error))),
        };
        let mut names: Vec<EnvironmentName> = entries
            .flatten()
            .filter(|entry| entry.path().join("environment.json").is_file())
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .collect();
        names.sort();
        Ok(names)
    }

    /// Keeps other commands from changing the environment while the lock lives.
    pub(super) async fn lock(&self, name: &EnvironmentName) -> Result<LockFile, Failure> {
        fsutil::create_private_dir(&self.0.environments()).map_err(file)?;
        let path = self.0.environment(name).lock();
        LockFile::acquire(&path, LOCK_WAIT)
            .await
            .map_err(|error| match error {
                LockError::Held { holder, .. } => Failure::environment(format!(
                    "environment `{name}` is being changed by process {holder}"
                ))
                .hint("wait for it to end, or end it; the lock goes with the process"),
                LockError::File(error) => file(error),
            })
    }
}

/// A state folder that cannot be used is the user's to mend.
pub(super) fn file(error: FileError) -> Failure {
    let full = error.source.kind() == std::io::ErrorKind::StorageFull;
    let failure = Failure::environment(error);
    if full {
        failure.hint("free some space on that disk, then run the same command again")
    } else {
        failure.hint("name another state folder with `--state-dir DIR`")
    }
}
