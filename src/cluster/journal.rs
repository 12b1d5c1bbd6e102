//! What was changed outside the state folder: announced before, confirmed after, crossed out when removed.
//!
//! The file is a list of JSON lines that only grows; every line is on disk before the change it announces
//! happens. The last line may be torn by a crash and is then cut off. Any other line that cannot be read is
//! an error, because a forgotten change would never be removed.

use std::{
    fs::{File, OpenOptions},
    io::{Read as _, Seek as _, SeekFrom, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    clock::{Clock, SystemClock},
    fsutil::FileError,
};

/// Version of the line format this program writes; it reads this one.
const FORMAT: u32 = 1;

/// One thing outside the state folder that `down` has to remove.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum Effect {
    /// A network of the container engine.
    DockerNetwork {
        /// Its name.
        name: String,
    },
    /// A volume of the container engine.
    DockerVolume {
        /// Its name.
        name: String,
    },
    /// A container that belongs to no cluster.
    Container {
        /// Its name.
        name: String,
    },
    /// A kind cluster with all its containers.
    KindCluster {
        /// Its name.
        name: String,
    },
    /// A rule in the packet filter of the host.
    FilterRule {
        /// The program that manages it, such as `ip6tables`.
        program: String,
        /// The table.
        table: String,
        /// The chain.
        chain: String,
        /// The rule itself.
        rule: Vec<String>,
    },
    /// A process that outlives the command that started it.
    Process {
        /// The file that it locks for as long as it lives; its id changes with every start.
        lock: PathBuf,
    },
    /// A file or folder.
    File {
        /// Where it is.
        path: PathBuf,
    },
}

/// How far an effect is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Phase {
    /// It was about to be made; it may be there, in part or not at all.
    Intent,
    /// It was made.
    Done,
    /// It was removed.
    Undone,
}

/// One effect with its latest phase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The effect.
    pub effect: Effect,
    /// How far it is.
    pub phase: Phase,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    v: u32,
    at: Timestamp,
    phase: Phase,
    effect: Effect,
}

/// A journal that cannot be trusted or written.
#[derive(Debug, Error)]
pub enum JournalError {
    /// The file cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// A line in the middle is damaged.
    #[error("{} line {line} cannot be read, so what has to be removed is unknown", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The line, counted from one.
        line: usize,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// A newer program wrote the file.
    #[error("{} line {line} has format {found}, this program knows {FORMAT}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// The line, counted from one.
        line: usize,
        /// The format of the line.
        found: u32,
    },
}

/// The journal of one environment.
pub struct Journal {
    path: PathBuf,
    clock: Arc<dyn Clock>,
    inner: Mutex<Inner>,
}

struct Inner {
    file: File,
    entries: Vec<Entry>,
}

impl Journal {
    /// Opens the journal, or begins one; its folder must exist.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        Self::open_with(path, Arc::new(SystemClock))
    }

    /// Opens the journal with a clock of the caller.
    pub fn open_with(path: &Path, clock: Arc<dyn Clock>) -> Result<Self, JournalError> {
        let failed = |action: &'static str| {
            move |source: std::io::Error| FileError::new(action, path, source)
        };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path)
            .map_err(failed("open"))?;
        let mut text = Vec::new();
        file.read_to_end(&mut text).map_err(failed("read"))?;
        let (entries, good) = replay(path, &text)?;
        if good < text.len() {
            file.set_len(good as u64).map_err(failed("repair"))?;
        }
        file.seek(SeekFrom::End(0)).map_err(failed("read"))?;
        Ok(Self {
            path: path.to_owned(),
            clock,
            inner: Mutex::new(Inner { file, entries }),
        })
    }

    /// Announces an effect. Must return before the effect is caused.
    pub fn intend(&self, effect: &Effect) -> Result<(), JournalError> {
        self.append(effect, Phase::Intent)
    }

    /// Confirms that an announced effect is complete.
    pub fn done(&self, effect: &Effect) -> Result<(), JournalError> {
        self.append(effect, Phase::Done)
    }

    /// Crosses out an effect that has been removed.
    pub fn undone(&self, effect: &Effect) -> Result<(), JournalError> {
        self.append(effect, Phase::Undone)
    }

    /// How far an effect is; `None` if it was never announced.
    pub fn phase(&self, effect: &Effect) -> Option<Phase> {
        self.lock()
            .entries
            .iter()
            .find(|entry| entry.effect == *effect)
            .map(|entry| entry.phase)
    }

    /// Whether the effect is ours: announced and not removed.
    pub fn owns(&self, effect: &Effect) -> bool {
        matches!(self.phase(effect), Some(Phase::Intent | Phase::Done))
    }

    /// The effects that are or may be there, newest first: the order of removal.
    pub fn remaining(&self) -> Vec<Entry> {
        self.lock()
            .entries
            .iter()
            .rev()
            .filter(|entry| entry.phase != Phase::Undone)
            .cloned()
            .collect()
    }

    fn append(&self, effect: &Effect, phase: Phase) -> Result<(), JournalError> {
        let record = Record {
            v: FORMAT,
            at: self.clock.now(),
            phase,
            effect: effect.clone(),
        };
        let mut line = serde_json::to_vec(&record)
            .expect("invariant: effects have string keys and no failing serialiser");
        line.push(b'\n');
        let mut inner = self.lock();
        inner
            .file
            .write_all(&line)
            .and_then(|()| inner.file.sync_data())
            .map_err(|source| FileError::new("append to", &self.path, source))?;
        note(&mut inner.entries, effect.clone(), phase);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Journal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Journal")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// Reads the lines and returns the entries with the length of the part that is whole.
fn replay(path: &Path, text: &[u8]) -> Result<(Vec<Entry>, usize), JournalError> {
    let mut entries = Vec::new();
    let mut good = 0;
    let whole = text
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |last| last + 1);
    for (index, line) in text[..whole]
        .split_inclusive(|byte| *byte == b'\n')
        .enumerate()
    {
        let end = good + line.len();
        let record: Record = match serde_json::from_slice(line) {
            Ok(record) => record,
            // A crash can leave blocks of the last write unwritten although its end is there.
            Err(_) if end == text.len() => break,
            Err(source) => {
                return Err(JournalError::Damaged {
                    path: path.to_owned(),
                    line: index + 1,
                    source,
                });
            }
        };
        if record.v != FORMAT {
            return Err(JournalError::Format {
                path: path.to_owned(),
                line: index + 1,
                found: record.v,
            });
        }
        note(&mut entries, record.effect, record.phase);
        good = end;
    }
    Ok((entries, good))
}

/// An effect that is announced again after its removal counts as new.
fn note(entries: &mut Vec<Entry>, effect: Effect, phase: Phase) {
    match entries.iter().position(|entry| entry.effect == effect) {
        Some(index) if entries[index].phase == Phase::Undone && phase == Phase::Intent => {
            entries.remove(index);
            entries.push(Entry { effect, phase });
        }
        Some(index) => entries[index].phase = phase,
        None => entries.push(Entry { effect, phase }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::FakeClock;

    fn open(path: &Path) -> Journal {
        Journal::open_with(path, Arc::new(FakeClock::at(Timestamp::UNIX_EPOCH))).unwrap()
    }

    fn network() -> Effect {
        Effect::DockerNetwork {
            name: "kind".to_owned(),
        }
    }

    fn cluster() -> Effect {
        Effect::KindCluster {
            name: "garden6".to_owned(),
        }
    }

    #[test]
    fn effects_come_back_newest_first_after_reopening() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        let journal = open(&path);
        journal.intend(&network()).unwrap();
        journal.done(&network()).unwrap();
        journal.intend(&cluster()).unwrap();
        drop(journal);
        let journal = open(&path);
        assert_eq!(
            journal.remaining(),
            [
                Entry {
                    effect: cluster(),
                    phase: Phase::Intent
                },
                Entry {
                    effect: network(),
                    phase: Phase::Done
                },
            ]
        );
        journal.undone(&cluster()).unwrap();
        assert!(!open(&path).owns(&cluster()));
        assert!(open(&path).owns(&network()));
    }

    #[test]
    fn a_torn_last_line_is_cut_off_and_writing_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        open(&path).intend(&network()).unwrap();
        let whole = std::fs::read(&path).unwrap();
        for torn in 1..whole.len() {
            std::fs::write(&path, [whole.as_slice(), &whole[..torn]].concat()).unwrap();
            let journal = open(&path);
            journal.intend(&cluster()).unwrap();
            drop(journal);
            assert_eq!(open(&path).remaining().len(), 2);
        }
    }

    #[test]
    fn a_damaged_line_in_the_middle_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.jsonl");
        open(&path).intend(&network()).unwrap();
        let whole = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, format!("{whole}rubbish\n{whole}")).unwrap();
        let error = Journal::open(&path).unwrap_err();
        assert!(
            matches!(error, JournalError::Damaged { line: 2, .. }),
            "{error}"
        );
    }

    #[test]
    fn an_effect_that_is_made_again_moves_to_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let journal = open(&folder.path().join("journal.jsonl"));
        journal.intend(&network()).unwrap();
        journal.intend(&cluster()).unwrap();
        journal.undone(&network()).unwrap();
        journal.intend(&network()).unwrap();
        let order: Vec<Effect> = journal
            .remaining()
            .into_iter()
            .map(|entry| entry.effect)
            .collect();
        assert_eq!(order, [network(), cluster()]);
    }
}
