//! The file itself.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use nix::fcntl::OFlag;

use super::{StoreError, line};
use crate::{
    fsutil::{self, FileError},
    ipam::state::{Change, State},
};

/// The first line: what the file is, and the version of its format.
const HEADER: &str = "garden6-ipam 1\n";
/// Logs with fewer changes are not worth rewriting.
const FEW_CHANGES: usize = 10_000;
/// How many changes a line of a rewritten log has.
const PER_LINE: usize = 1_000;
/// For this user only.
const MODE: u32 = 0o600;

/// An open log, read up to `length`.
#[derive(Debug)]
pub(super) struct Log {
    path: PathBuf,
    file: File,
    length: u64,
    lines: u64,
    changes: usize,
}

impl Log {
    /// Opens a log, or makes one with the default state, and reads what it says.
    pub(super) fn open(path: &Path) -> Result<(Self, State), StoreError> {
        if !path.exists() {
            return Ok((Self::rewrite(path, &State::default())?, State::default()));
        }
        let file = open_file(path)?;
        let mut log = Self {
            path: path.to_owned(),
            file,
            length: 0,
            lines: 0,
            changes: 0,
        };
        let mut header = [0; HEADER.len()];
        let foreign = || StoreError::Foreign {
            path: path.to_owned(),
        };
        match log.file.read_exact(&mut header) {
            Ok(()) if header == HEADER.as_bytes() => {}
            Ok(()) => return Err(foreign()),
            // A log is put in place whole, so an empty one is nobody's fresh start.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Err(foreign()),
            Err(source) => return Err(FileError::new("read", path, source).into()),
        }
        log.length = HEADER.len() as u64;
        let mut state = State::empty();
        log.read_on(&mut state)?;
        Ok((log, state))
    }

    /// Puts a log in place that leads to a state by the shortest way.
    pub(super) fn rewrite(path: &Path, state: &State) -> Result<Self, StoreError> {
        let changes = state.changes();
        let mut content = HEADER.as_bytes().to_vec();
        let mut lines = 0;
        for some in changes.chunks(PER_LINE) {
            lines += 1;
            content.extend(line::write(lines, some));
        }
        fsutil::write_atomic(path, &content, MODE)?;
        let mut file = open_file(path)?;
        let length = file
            .seek(SeekFrom::End(0))
            .map_err(|source| FileError::new("read", path, source))?;
        Ok(Self {
            path: path.to_owned(),
            file,
            length,
            lines,
            changes: changes.len(),
        })
    }

    /// Whether most of the log is about what is gone.
    pub(super) fn is_mostly_history(&self, state: &State) -> bool {
        self.changes > FEW_CHANGES && self.changes > 4 * state.changes().len()
    }

    /// Whether the file is still the one at this path, and at least as long as it was.
    pub(super) fn is_current(&self, path: &Path) -> Result<bool, StoreError> {
        let now = match fs::symlink_metadata(path) {
            Ok(now) => now,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(source) => return Err(FileError::new("read", path, source).into()),
        };
        let mine = self
            .file
            .metadata()
            .map_err(|source| FileError::new("read", path, source))?;
        let same = (now.dev(), now.ino()) == (mine.dev(), mine.ino());
        if same && now.len() < self.length {
            return Err(StoreError::Damaged {
                path: path.to_owned(),
                line: self.lines + 1,
                what: "lines that were there before are missing".to_owned(),
            });
        }
        Ok(same)
    }

    /// Carries out the lines that were added since, and cuts off one that is not whole: nobody
    /// else writes now, so whoever wrote it is gone and never acknowledged it.
    pub(super) fn read_on(&mut self, state: &mut State) -> Result<(), StoreError> {
        let path = self.path.clone();
        let fail = |action| move |source| FileError::new(action, &path, source);
        let mut added = Vec::new();
        self.file
            .seek(SeekFrom::Start(self.length))
            .and_then(|_| self.file.read_to_end(&mut added))
            .map_err(fail("read"))?;
        let mut rest = added.as_slice();
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let (line, behind) = (&rest[..end], &rest[end + 1..]);
            self.carry_out(line, state)?;
            self.length += end as u64 + 1;
            rest = behind;
        }
        if !rest.is_empty() {
            self.cut()?;
        }
        Ok(())
    }

    fn carry_out(&mut self, line: &[u8], state: &mut State) -> Result<(), StoreError> {
        let number = self.lines + 1;
        // The heading is the first line of the file.
        let shown = number + 1;
        let changes = line::read(number, line).map_err(|what| StoreError::Damaged {
            path: self.path.clone(),
            line: shown,
            what,
        })?;
        for change in &changes {
            state
                .apply(change)
                .map_err(|source| StoreError::Contradiction {
                    path: self.path.clone(),
                    line: shown,
                    source,
                })?;
        }
        self.lines = number;
        self.changes += changes.len();
        Ok(())
    }

    /// Removes what is behind the last whole line.
    fn cut(&mut self) -> Result<(), StoreError> {
        let cut = self.file.set_len(self.length);
        cut.and_then(|()| self.file.sync_data())
            .map_err(|source| FileError::new("cut", &self.path, source).into())
    }

    /// Adds one line; it is on disk when this returns. After an error the file is as it was.
    pub(super) fn append(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        let line = line::write(self.lines + 1, changes);
        let written = self
            .file
            .seek(SeekFrom::Start(self.length))
            .and_then(|_| self.file.write_all(&line))
            .and_then(|()| self.file.sync_data());
        if let Err(source) = written {
            // What may be half there must not stay; if not even that works, the next reader finds
            // a line that is not whole.
            drop(self.cut());
            return Err(FileError::new("write", &self.path, source).into());
        }
        self.length += line.len() as u64;
        self.lines += 1;
        self.changes += changes.len();
        Ok(())
    }
}

/// A symbolic link in the place of the log is refused.
fn open_file(path: &Path) -> Result<File, FileError> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .custom_flags(OFlag::O_NOFOLLOW.bits())
        .mode(MODE)
        .open(path)
        .map_err(|source| FileError::new("open", path, source))
}
