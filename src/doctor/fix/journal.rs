//! What `--fix` changed: announced before, confirmed after, crossed out when taken back.
//!
//! JSON lines that only grow; every line is on disk before the change that it announces happens.
//! A last line that a crash left torn is cut off. Any other line that cannot be read is an error,
//! because a forgotten change would never be taken back.

use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    io::{Read as _, Seek as _, SeekFrom, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::change::Change;
use crate::{
    clock::Clock,
    fsutil::{FileError, create_private_dir},
};

/// Version of the line format this program writes; it reads this one.
const FORMAT: u32 = 1;

/// How far a change is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Phase {
    /// It was about to be made; it may be there or not.
    Intent,
    /// It was made.
    Done,
    /// It was taken back.
    Undone,
}

/// One change with its latest phase.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Its number, counted from one.
    pub number: u64,
    /// When it was announced.
    pub at: Timestamp,
    /// The checks that asked for it.
    pub checks: Vec<String>,
    /// The change.
    pub change: Change,
    /// How far it is.
    pub phase: Phase,
    /// What the kernel changed along with it, as it was right after.
    pub along: BTreeMap<String, String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    v: u32,
    at: Timestamp,
    number: u64,
    phase: Phase,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    checks: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    change: Option<Change>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    along: BTreeMap<String, String>,
}

/// A journal that cannot be trusted or written.
#[derive(Debug, Error)]
pub enum JournalError {
    /// The file cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// A line is damaged.
    #[error("{} line {line} cannot be read, so what was changed is unknown: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The line, counted from one.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
}

/// The journal of a user.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    entries: Vec<Entry>,
}

impl Journal {
    /// Opens or starts the journal.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        if let Some(folder) = path.parent() {
            create_private_dir(folder)?;
        }
        let open = || -> std::io::Result<(File, Vec<u8>)> {
            let mut file = OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .mode(0o600)
                .open(path)?;
            let mut text = Vec::new();
            file.read_to_end(&mut text)?;
            Ok((file, text))
        };
        let (mut file, text) = open().map_err(|source| FileError::new("open", path, source))?;
        let (entries, good) = replay(path, &text)?;
        let cut = || -> std::io::Result<()> {
            file.set_len(u64::try_from(good).unwrap_or(u64::MAX))?;
            file.seek(SeekFrom::End(0))?;
            Ok(())
        };
        let mut cut = cut;
        cut().map_err(|source| FileError::new("write", path, source))?;
        Ok(Self {
            path: path.to_owned(),
            file,
            entries,
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Announces a change and returns its number.
    pub fn intend(
        &mut self,
        clock: &dyn Clock,
        checks: &[String],
        change: &Change,
    ) -> Result<u64, JournalError> {
        let number = self.entries.last().map_or(0, |entry| entry.number) + 1;
        self.append(&Record {
            v: FORMAT,
            at: clock.now(),
            number,
            phase: Phase::Intent,
            checks: checks.to_vec(),
            change: Some(change.clone()),
            along: BTreeMap::new(),
        })?;
        Ok(number)
    }

    /// Confirms a change.
    pub fn done(
        &mut self,
        clock: &dyn Clock,
        number: u64,
        along: BTreeMap<String, String>,
    ) -> Result<(), JournalError> {
        self.mark(clock, number, Phase::Done, along)
    }

    /// Crosses a change out.
    pub fn undone(&mut self, clock: &dyn Clock, number: u64) -> Result<(), JournalError> {
        self.mark(clock, number, Phase::Undone, BTreeMap::new())
    }

    /// The changes that are or may be there, newest first: the order of taking back.
    pub fn remaining(&self) -> Vec<Entry> {
        self.entries
            .iter()
            .rev()
            .filter(|entry| entry.phase != Phase::Undone)
            .cloned()
            .collect()
    }

    /// The number of the latest change, zero without one.
    pub fn latest(&self) -> u64 {
        self.entries.last().map_or(0, |entry| entry.number)
    }

    fn mark(
        &mut self,
        clock: &dyn Clock,
        number: u64,
        phase: Phase,
        along: BTreeMap<String, String>,
    ) -> Result<(), JournalError> {
        self.append(&Record {
            v: FORMAT,
            at: clock.now(),
            number,
            phase,
            checks: Vec::new(),
            change: None,
            along,
        })
    }

    fn append(&mut self, record: &Record) -> Result<(), JournalError> {
        let mut line =
            serde_json::to_vec(record).expect("changes have string keys and no failing serialiser");
        line.push(b'\n');
        self.file
            .write_all(&line)
            .and_then(|()| self.file.sync_data())
            .map_err(|source| FileError::new("append to", &self.path, source))?;
        let read = serde_json::from_slice(&line).expect("what was just written can be read");
        note(&mut self.entries, read).expect("records are appended for entries that exist");
        Ok(())
    }
}

/// Reads the lines and returns the entries with the length of the part that is whole.
fn replay(path: &Path, text: &[u8]) -> Result<(Vec<Entry>, usize), JournalError> {
    let mut entries = Vec::new();
    let mut good = 0;
    for (index, line) in text.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let end = good + line.len();
        let torn = end == text.len();
        if torn && !line.ends_with(b"\n") {
            break;
        }
        let damaged = |reason: String| JournalError::Damaged {
            path: path.to_owned(),
            line: index + 1,
            reason,
        };
        match serde_json::from_slice::<Record>(line) {
            Ok(record) if record.v != FORMAT => {
                return Err(damaged(format!(
                    "it has format {}, this program knows {FORMAT}",
                    record.v
                )));
            }
            Ok(record) => note(&mut entries, record).map_err(damaged)?,
            // A crash can leave blocks of the last write unwritten although its end is there.
            Err(_) if torn => break,
            Err(error) => return Err(damaged(error.to_string())),
        }
        good = end;
    }
    Ok((entries, good))
}

fn note(entries: &mut Vec<Entry>, record: Record) -> Result<(), String> {
    if let Some(change) = record.change {
        entries.push(Entry {
            number: record.number,
            at: record.at,
            checks: record.checks,
            change,
            phase: record.phase,
            along: record.along,
        });
        return Ok(());
    }
    let entry = entries
        .iter_mut()
        .find(|entry| entry.number == record.number)
        .ok_or_else(|| format!("change {} was never announced", record.number))?;
    entry.phase = record.phase;
    entry.along.extend(record.along);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::FakeClock;

    fn clock() -> FakeClock {
        FakeClock::at(Timestamp::UNIX_EPOCH)
    }

    fn module(name: &str) -> Change {
        Change::Module {
            name: name.to_owned(),
        }
    }

    fn names(journal: &Journal) -> Vec<String> {
        let remaining = journal.remaining();
        remaining
            .iter()
            .map(|entry| format!("{} {:?}", entry.change, entry.phase))
            .collect()
    }

    #[test]
    fn changes_come_back_newest_first_after_reopening() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state/doctor-journal.jsonl");
        let mut journal = Journal::open(&path).unwrap();
        let checks = ["kmod-ip6-tables".to_owned()];
        let first = journal.intend(&clock(), &checks, &module("a")).unwrap();
        journal.done(&clock(), first, BTreeMap::new()).unwrap();
        let second = journal.intend(&clock(), &checks, &module("b")).unwrap();
        let mut journal = Journal::open(&path).unwrap();
        assert_eq!(
            names(&journal),
            [
                "kernel module b (loaded) Intent",
                "kernel module a (loaded) Done"
            ]
        );
        journal.undone(&clock(), second).unwrap();
        assert_eq!(journal.intend(&clock(), &checks, &module("c")).unwrap(), 3);
        assert_eq!(Journal::open(&path).unwrap().remaining().len(), 2);
    }

    #[test]
    fn a_torn_last_line_is_cut_off_and_writing_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let mut journal = Journal::open(&path).unwrap();
        journal.intend(&clock(), &[], &module("a")).unwrap();
        let whole = std::fs::read(&path).unwrap();
        for torn in 1..whole.len() {
            std::fs::write(&path, [whole.as_slice(), &whole[..torn]].concat()).unwrap();
            let mut journal = Journal::open(&path).unwrap();
            journal.done(&clock(), 1, BTreeMap::new()).unwrap();
            assert_eq!(
                names(&Journal::open(&path).unwrap()),
                ["kernel module a (loaded) Done"]
            );
        }
    }

    #[test]
    fn what_cannot_be_understood_is_an_error_that_names_the_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let mut journal = Journal::open(&path).unwrap();
        journal.intend(&clock(), &[], &module("a")).unwrap();
        let whole = std::fs::read_to_string(&path).unwrap();
        for (bad, reason) in [
            ("rubbish\n", "expected value"),
            (
                "{\"v\":2,\"at\":\"1970-01-01T00:00:00Z\",\"number\":1,\"phase\":\"done\"}\n",
                "format 2",
            ),
            (
                "{\"v\":1,\"at\":\"1970-01-01T00:00:00Z\",\"number\":9,\"phase\":\"done\"}\n",
                "never announced",
            ),
        ] {
            std::fs::write(&path, format!("{whole}{bad}{whole}")).unwrap();
            let error = Journal::open(&path).unwrap_err().to_string();
            assert!(
                error.contains("line 2") && error.contains(reason),
                "{error}"
            );
        }
    }
}
