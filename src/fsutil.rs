//! Files that are whole or absent: atomic writes, private folders, lock files.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    time::Duration,
};

use nix::fcntl::{Flock, FlockArg};
use thiserror::Error;

/// A file operation that failed, with the file and what was attempted.
#[derive(Debug, Error)]
#[error("cannot {action} {}", path.display())]
pub struct FileError {
    /// What was attempted, as a verb: `write`, `create folder`.
    pub action: &'static str,
    /// The file or folder.
    pub path: PathBuf,
    /// What the system said.
    #[source]
    pub source: io::Error,
}

impl FileError {
    /// Wraps what the system said about `path`.
    pub fn new(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self {
            action,
            path: path.to_owned(),
            source,
        }
    }
}

/// Replaces the content of `path` in one step: a reader sees the old content or the new one.
///
/// The new file has exactly the permission bits `mode` from its first moment on; content and
/// folder entry are on disk when this returns.
pub fn write_atomic(path: &Path, content: &[u8], mode: u32) -> Result<(), FileError> {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let write = || -> io::Result<()> {
        let mut temporary = tempfile::Builder::new()
            .prefix(".garden6-")
            .permissions(std::os::unix::fs::PermissionsExt::from_mode(mode))
            .tempfile_in(folder)?;
        temporary.write_all(content)?;
        temporary.as_file().sync_all()?;
        temporary.persist(path).map_err(|error| error.error)?;
        File::open(folder)?.sync_all()
    };
    write().map_err(|source| FileError::new("write", path, source))
}

/// Creates a folder and its parents; those that are new are readable by this user only.
pub fn create_private_dir(path: &Path) -> Result<(), FileError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|source| FileError::new("create folder", path, source))
}

/// Reads a file that may be absent.
pub fn read_optional(path: &Path) -> Result<Option<String>, FileError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(FileError::new("read", path, source)),
    }
}

/// Removes a file that may be absent.
pub fn remove_optional(path: &Path) -> Result<(), FileError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(FileError::new("remove", path, error))
        }
        _ => Ok(()),
    }
}

/// An advisory lock that ends with the process, however it ends. The file names the holder.
#[derive(Debug)]
pub struct LockFile {
    _lock: Flock<File>,
}

/// Why a lock was not had.
#[derive(Debug, Error)]
pub enum LockError {
    /// Another process has it.
    #[error("{} is held by process {holder}", path.display())]
    Held {
        /// The lock file.
        path: PathBuf,
        /// The process id that the holder wrote, or `unknown`.
        holder: String,
    },
    /// The file cannot be used.
    #[error(transparent)]
    File(#[from] FileError),
}

impl LockFile {
    /// The id of the process that holds the lock, if one does. Sees only what it asks for: the
    /// lock of a process that died is free.
    pub fn holder(path: &Path) -> Result<Option<u32>, FileError> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(FileError::new("open lock", path, error)),
        };
        // A shared lock is enough to find out, and two that find out do not see each other.
        match Flock::lock(file, FlockArg::LockSharedNonblock) {
            Ok(_free) => Ok(None),
            Err((mut held, _)) => {
                let mut holder = String::new();
                held.read_to_string(&mut holder)
                    .map_err(|source| FileError::new("read lock", path, source))?;
                Ok(holder.parse().ok())
            }
        }
    }

    /// Takes the lock, waiting at most `wait` for a holder to let go.
    pub async fn acquire(path: &Path, wait: Duration) -> Result<Self, LockError> {
        const RETRY: Duration = Duration::from_millis(100);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path)
            .map_err(|source| FileError::new("open lock", path, source))?;
        let mut left = wait;
        loop {
            match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
                Ok(mut lock) => {
                    let note = |lock: &mut Flock<File>| -> io::Result<()> {
                        lock.set_len(0)?;
                        lock.seek(SeekFrom::Start(0))?;
                        write!(lock, "{}", std::process::id())
                    };
                    note(&mut lock).map_err(|source| FileError::new("write", path, source))?;
                    return Ok(Self { _lock: lock });
                }
                Err((mut unlocked, _)) if left.is_zero() => {
                    let mut holder = String::new();
                    let read = unlocked.read_to_string(&mut holder);
                    return Err(LockError::Held {
                        path: path.to_owned(),
                        holder: match read {
                            Ok(length) if length > 0 => holder,
                            _ => "unknown".to_owned(),
                        },
                    });
                }
                Err((unlocked, _)) => file = unlocked,
            }
            let pause = RETRY.min(left);
            tokio::time::sleep(pause).await;
            left -= pause;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_written_file_has_its_content_and_mode_and_leaves_no_other_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kubeconfig.yaml");
        write_atomic(&path, b"one", 0o600).unwrap();
        write_atomic(&path, b"two", 0o600).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_failed_write_names_the_file() {
        let error = write_atomic(Path::new("/nowhere/at/all"), b"", 0o600).unwrap_err();
        assert_eq!(error.to_string(), "cannot write /nowhere/at/all");
    }

    #[tokio::test]
    async fn a_held_lock_names_its_holder() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let held = LockFile::acquire(&path, Duration::ZERO).await.unwrap();
        let refused = LockFile::acquire(&path, Duration::ZERO).await.unwrap_err();
        assert!(
            refused
                .to_string()
                .ends_with(&format!("is held by process {}", std::process::id()))
        );
        assert_eq!(LockFile::holder(&path).unwrap(), Some(std::process::id()));
        drop(held);
        assert_eq!(LockFile::holder(&path).unwrap(), None);
        LockFile::acquire(&path, Duration::ZERO).await.unwrap();
    }
}
