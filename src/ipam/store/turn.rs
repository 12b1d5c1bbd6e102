//! One process at a time, in turns.

use std::{
    fs::{File, OpenOptions},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use nix::fcntl::{Flock, FlockArg};

use super::StoreError;
use crate::fsutil::FileError;

/// How long a process waits for its turn.
const WAIT: Duration = Duration::from_secs(30);
/// How often it looks.
const PAUSE: Duration = Duration::from_micros(200);

/// Two locks beside the log, so that who just had a turn cannot take the next one as well: to wait
/// for the second lock means to hold the first, and who comes back finds it held.
#[derive(Debug)]
pub(super) struct Turnstile {
    entrance: PathBuf,
    inside: PathBuf,
}

/// A turn; it ends when this is dropped, and with the process.
#[derive(Debug)]
pub(super) struct Turn {
    _lock: Flock<File>,
}

impl Turnstile {
    /// The turnstile of a log. The files stay: a lock on a removed file locks nobody out.
    pub(super) fn beside(log: &Path) -> Result<Self, StoreError> {
        let named = |ending: &str| {
            let mut name = log.file_name().unwrap_or_default().to_owned();
            name.push(ending);
            log.with_file_name(name)
        };
        let turnstile = Self {
            entrance: named(".queue"),
            inside: named(".lock"),
        };
        for path in [&turnstile.entrance, &turnstile.inside] {
            open(path)?;
        }
        Ok(turnstile)
    }

    /// Waits for a turn.
    pub(super) fn wait(&self) -> Result<Turn, StoreError> {
        let deadline = Instant::now() + WAIT;
        let entrance = lock(&self.entrance, deadline)?;
        let inside = lock(&self.inside, deadline)?;
        drop(entrance);
        Ok(Turn { _lock: inside })
    }
}

fn open(path: &Path) -> Result<File, FileError> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map_err(|source| FileError::new("open lock", path, source))
}

fn lock(path: &Path, deadline: Instant) -> Result<Flock<File>, StoreError> {
    let mut file = open(path)?;
    loop {
        match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(lock) => return Ok(lock),
            Err((_, error)) if error != nix::errno::Errno::EWOULDBLOCK => {
                return Err(FileError::new("lock", path, error.into()).into());
            }
            Err((unlocked, _)) if Instant::now() < deadline => {
                file = unlocked;
                thread::sleep(PAUSE);
            }
            Err(_) => {
                return Err(StoreError::Busy {
                    path: path.to_owned(),
                    seconds: WAIT.as_secs(),
                });
            }
        }
    }
}
