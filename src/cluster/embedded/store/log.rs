//! The append log: every committed write as one line of a file.
//!
//! A line is handed to the operating system before its write is acknowledged, so what was
//! acknowledged survives the end of the process, however it ends. A line that was torn at the end
//! of the file was never acknowledged and is cut off; damage anywhere else is refused. The order of
//! lines is the order of versions. Opening rewrites a log that is mostly history.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;
use serde_json::{Value, json};
use thiserror::Error;

use super::checksum::crc32;
use super::{Change, ChangeType, Key};
use crate::cluster::embedded::kinds::ResourceId;
use crate::fsutil::{self, FileError};

/// The first line: what the file is, and the version of its format.
const HEADER: &str = "garden6-objects 1\n";
/// Logs with fewer lines are not worth rewriting.
const FEW_LINES: usize = 1000;
/// Objects are secrets, too: for this user only.
const MODE: u32 = 0o600;

/// A log that cannot be used.
#[derive(Debug, Error)]
pub enum LogError {
    /// The file system refuses.
    #[error(transparent)]
    File(#[from] FileError),
    /// The file is something else, or of a later format.
    #[error("{} is no object log that this program can read", path.display())]
    Foreign {
        /// Which file.
        path: PathBuf,
    },
    /// A line before the end is damaged.
    #[error("line {line} of the object log {} is damaged", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// Which line, counted from 1.
        line: usize,
    },
}

/// What a log says about the objects: the last state of each.
#[derive(Debug, Default)]
pub(super) struct Restored {
    pub(super) version: u64,
    pub(super) objects: BTreeMap<ResourceId, BTreeMap<Key, (u64, Value)>>,
}

/// An open log.
#[derive(Debug)]
pub(super) struct Log {
    file: File,
    length: u64,
}

impl Log {
    /// Opens or makes a log and reads what it says.
    pub(super) fn open(path: &Path) -> Result<(Self, Restored), LogError> {
        let fail = |action| move |source| FileError::new(action, path, source);
        let mut file = open_file(path).map_err(fail("open"))?;
        let mut text = Vec::new();
        file.read_to_end(&mut text).map_err(fail("read"))?;
        if HEADER.as_bytes().starts_with(&text) {
            // New, or made by a process that died at once.
            file.seek(SeekFrom::Start(0)).map_err(fail("write"))?;
            file.write_all(HEADER.as_bytes()).map_err(fail("write"))?;
            let length = HEADER.len() as u64;
            return Ok((Self { file, length }, Restored::default()));
        }
        let Some(body) = text.strip_prefix(HEADER.as_bytes()) else {
            return Err(LogError::Foreign {
                path: path.to_owned(),
            });
        };
        let (restored, lines, kept) = read_lines(path, body)?;
        let live: usize = restored.objects.values().map(BTreeMap::len).sum();
        if lines > FEW_LINES && lines > live * 2 {
            fsutil::write_atomic(path, &snapshot(&restored), MODE)?;
            file = open_file(path).map_err(fail("open"))?;
            let length = file.seek(SeekFrom::End(0)).map_err(fail("read"))?;
            return Ok((Self { file, length }, restored));
        }
        let length = (HEADER.len() + kept) as u64;
        file.set_len(length).map_err(fail("cut"))?;
        file.seek(SeekFrom::Start(length)).map_err(fail("read"))?;
        Ok((Self { file, length }, restored))
    }

    /// Appends one change; after an error the file is as it was before.
    pub(super) fn append(&mut self, change: &Change) -> io::Result<()> {
        let object = (change.change_type != ChangeType::Deleted).then(|| change.object.bytes());
        let line = line(
            change.version,
            &change.resource,
            &change.key,
            object.as_deref(),
        );
        if let Err(error) = self.file.write_all(&line) {
            self.file.set_len(self.length)?;
            self.file.seek(SeekFrom::Start(self.length))?;
            return Err(error);
        }
        self.length += line.len() as u64;
        Ok(())
    }
}

/// A symbolic link in the place of the log is refused.
fn open_file(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(MODE)
        .custom_flags(OFlag::O_NOFOLLOW.bits())
        .open(path)
}

/// Reads every whole line; also answers how many there were and how many bytes they take.
fn read_lines(path: &Path, body: &[u8]) -> Result<(Restored, usize, usize), LogError> {
    let mut restored = Restored::default();
    let mut kept = 0;
    let mut lines = 0;
    let mut pieces = body.split_inclusive(|byte| *byte == b'\n').peekable();
    while let Some(piece) = pieces.next() {
        let read = piece
            .strip_suffix(b"\n")
            .and_then(checked)
            .map(|record| restored.take(record));
        if read == Some(Some(())) {
            kept += piece.len();
            lines += 1;
        } else if pieces.peek().is_none() {
            // A torn end: the write was never acknowledged.
            break;
        } else {
            return Err(LogError::Damaged {
                path: path.to_owned(),
                line: lines + 2,
            });
        }
    }
    Ok((restored, lines, kept))
}

/// The record of a line whose checksum is right.
fn checked(line: &[u8]) -> Option<Value> {
    let (sum, record) = line.split_at_checked(9)?;
    let sum = std::str::from_utf8(sum).ok()?.strip_suffix(' ')?;
    (u32::from_str_radix(sum, 16).ok()? == crc32(record)).then_some(())?;
    serde_json::from_slice(record).ok()
}

impl Restored {
    fn take(&mut self, mut record: Value) -> Option<()> {
        let version = record["v"].as_u64()?;
        self.version = self.version.max(version);
        let text = |member: &str| record[member].as_str().map(str::to_owned);
        // A line without a resource only says how far versions have come.
        let Some(plural) = text("p") else {
            return Some(());
        };
        let objects = self
            .objects
            .entry(ResourceId::new(text("g")?, plural))
            .or_default();
        let key = Key::new(text("n")?, text("m")?);
        match record["o"].take() {
            Value::Null => drop(objects.remove(&key)),
            object => drop(objects.insert(key, (version, object))),
        }
        Some(())
    }
}

/// One line: checksum, place and version, and the object unless it was deleted.
fn line(version: u64, resource: &ResourceId, key: &Key, object: Option<&[u8]>) -> Vec<u8> {
    let place = json!({
        "v": version,
        "g": resource.group,
        "p": resource.plural,
        "n": key.namespace,
        "m": key.name,
    });
    let mut record = place.to_string().into_bytes();
    record.pop();
    record.extend_from_slice(b",\"o\":");
    record.extend_from_slice(object.unwrap_or(b"null"));
    record.push(b'}');
    sealed(&record)
}

fn sealed(record: &[u8]) -> Vec<u8> {
    let mut line = format!("{:08x} ", crc32(record)).into_bytes();
    line.extend_from_slice(record);
    line.push(b'\n');
    line
}

/// A whole log with one line for each object.
fn snapshot(restored: &Restored) -> Vec<u8> {
    let mut text = HEADER.as_bytes().to_vec();
    text.extend(sealed(
        json!({ "v": restored.version }).to_string().as_bytes(),
    ));
    for (resource, objects) in &restored.objects {
        for (key, (version, object)) in objects {
            text.extend(line(
                *version,
                resource,
                key,
                Some(object.to_string().as_bytes()),
            ));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::cluster::embedded::store::{Action, Commit, Store};

    fn put(store: &Store, name: &str, expected: Option<u64>) -> u64 {
        let commit = Commit {
            resource: Arc::new(ResourceId::new("g", "things")),
            key: Key::new("ns", name),
            expected,
            value: json!({ "metadata": { "name": name }, "data": "a\nb" }),
            action: Action::Put,
            inside: None,
        };
        store.commit(commit).unwrap().version()
    }

    fn names(store: &Store) -> Vec<String> {
        let (objects, _) = store.list(&ResourceId::new("g", "things"), None);
        objects
            .iter()
            .map(|object| object.name().to_owned())
            .collect()
    }

    #[test]
    fn what_was_written_is_there_after_a_restart_and_versions_go_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let store = Store::open(&path).unwrap();
        let version = put(&store, "a", None);
        put(&store, "a", Some(version));
        let last = put(&store, "b", None);
        drop(store);
        let store = Store::open(&path).unwrap();
        assert_eq!(names(&store), ["a", "b"]);
        assert_eq!(put(&store, "c", None), last + 1);
        let old = store.changes_after(&ResourceId::new("g", "things"), version, 10);
        assert!(old.is_err(), "history before the restart is forgotten");
    }

    #[test]
    fn a_cut_anywhere_loses_only_what_comes_after_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let store = Store::open(&path).unwrap();
        for name in ["a", "b", "c"] {
            put(&store, name, None);
        }
        drop(store);
        let whole = std::fs::read(&path).unwrap();
        for cut in 0..=whole.len() {
            std::fs::write(&path, &whole[..cut]).unwrap();
            let lines = whole[..cut].split(|byte| *byte == b'\n').count() - 1;
            let complete = lines.saturating_sub(1);
            let store = Store::open(&path).unwrap();
            assert_eq!(names(&store).len(), complete, "cut at {cut}");
            put(&store, "d", None);
            drop(store);
            assert_eq!(names(&Store::open(&path).unwrap()).len(), complete + 1);
        }
    }

    #[test]
    fn damage_in_the_middle_and_foreign_files_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let store = Store::open(&path).unwrap();
        put(&store, "a", None);
        put(&store, "b", None);
        drop(store);
        let mut text = std::fs::read(&path).unwrap();
        text[HEADER.len() + 20] ^= 1;
        std::fs::write(&path, text).unwrap();
        assert!(matches!(
            Store::open(&path),
            Err(LogError::Damaged { line: 2, .. })
        ));
        std::fs::write(&path, "something else\n").unwrap();
        assert!(matches!(Store::open(&path), Err(LogError::Foreign { .. })));
    }

    #[test]
    fn a_log_that_is_mostly_history_is_rewritten_when_it_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let store = Store::open(&path).unwrap();
        let mut version = put(&store, "a", None);
        for _ in 0..=FEW_LINES {
            version = put(&store, "a", Some(version));
        }
        drop(store);
        let before = std::fs::metadata(&path).unwrap().len();
        let store = Store::open(&path).unwrap();
        assert!(std::fs::metadata(&path).unwrap().len() < before / 100);
        assert_eq!(put(&store, "b", None), version + 1);
        drop(store);
        assert_eq!(names(&Store::open(&path).unwrap()), ["a", "b"]);
    }
}
