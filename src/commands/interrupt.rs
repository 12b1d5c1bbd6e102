//! Signals: the first one ends a command in order, and the exit code says which it was.

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::{exit::Exit, failure::Failure};

/// SIGINT and SIGTERM, as they come.
pub(super) struct Interrupts {
    int: Signal,
    term: Signal,
}

impl Interrupts {
    /// Takes over both signals for the rest of the process.
    pub(super) fn listen() -> Result<Self, Failure> {
        Ok(Self {
            int: signal(SignalKind::interrupt()).map_err(Failure::internal)?,
            term: signal(SignalKind::terminate()).map_err(Failure::internal)?,
        })
    }

    /// Waits for the next one and says with which code the process is to end.
    pub(super) async fn next(&mut self) -> Exit {
        tokio::select! {
            _ = self.int.recv() => Exit::Interrupted,
            _ = self.term.recv() => Exit::Terminated,
        }
    }
}

/// Runs `work`, or stops it at the first signal. What it leaves behind, a rerun takes up.
pub(super) async fn or_interrupted<T>(
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let mut interrupts = Interrupts::listen()?;
    tokio::select! {
        result = work => result,
        exit = interrupts.next() => Err(Failure::new(exit, "interrupted")
            .hint("the same command takes up where this one stopped")),
    }
}
