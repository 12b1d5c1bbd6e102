//! The state on disk: a write-ahead log that several processes use at once.
//!
//! A change is on disk before it is acknowledged. Every line of the log is one transaction with
//! its number and checksum; a line that was torn at the end of the file was never acknowledged and
//! is cut off, damage anywhere else is refused. Processes take turns by a lock that goes with the
//! process, and read what the others wrote before they decide anything.

mod error;
mod line;
mod log;
mod turn;

use std::path::{Path, PathBuf};

use super::state::{State, Transaction};
use crate::fsutil;

pub use error::{StoreError, TransactError};
use log::Log;
use turn::{Turn, Turnstile};

/// A state that survives the process.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    turnstile: Turnstile,
    state: State,
    /// Nothing where the file has to be read from its start.
    log: Option<Log>,
}

impl Store {
    /// Opens the state in a file, which is made if there is none.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        if let Some(folder) = path.parent()
            && !folder.as_os_str().is_empty()
        {
            fsutil::create_private_dir(folder)?;
        }
        let mut store = Self {
            path: path.to_owned(),
            turnstile: Turnstile::beside(path)?,
            state: State::default(),
            log: None,
        };
        let _turn = store.turn()?;
        let log = store.catch_up()?;
        if log.is_mostly_history(&store.state) {
            store.log = Some(Log::rewrite(&store.path, &store.state)?);
        } else {
            store.log = Some(log);
        }
        Ok(store)
    }

    fn turn(&self) -> Result<Turn, StoreError> {
        self.turnstile.wait()
    }

    /// Reads what others wrote since this process looked; everything, where the file was replaced.
    fn catch_up(&mut self) -> Result<Log, StoreError> {
        if let Some(mut log) = self.log.take()
            && log.is_current(&self.path)?
        {
            log.read_on(&mut self.state)?;
            return Ok(log);
        }
        let (log, state) = Log::open(&self.path)?;
        self.state = state;
        Ok(log)
    }

    /// The state as it is now.
    pub fn read(&mut self) -> Result<&State, StoreError> {
        let _turn = self.turn()?;
        self.log = Some(self.catch_up()?);
        Ok(&self.state)
    }

    /// Carries out several steps in one transaction. Once this returns, they are on disk; after an
    /// error nothing happened.
    pub fn transact<T, E>(
        &mut self,
        steps: impl FnOnce(&mut Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, TransactError<E>> {
        let _turn = self.turn()?;
        let mut log = self.catch_up()?;
        let outcome = self.state.transact(steps);
        match outcome {
            Ok((answer, changes)) => {
                // Where this fails, what is in memory is ahead of the disk: the next call starts
                // from the file again, because the log was taken out above.
                if !changes.is_empty() {
                    log.append(&changes)?;
                }
                self.log = Some(log);
                Ok(answer)
            }
            Err(error) => {
                self.log = Some(log);
                Err(TransactError::Refused(error))
            }
        }
    }
}

#[cfg(test)]
mod tests;
