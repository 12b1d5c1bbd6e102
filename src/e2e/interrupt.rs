//! Stopping a run in three stages: cancel, skip clean-up, leave.

use std::sync::Arc;

use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
};
use tokio_util::sync::CancellationToken;

use super::verdict::StopSignal;

/// How urgently a run should end, and why. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Interrupt {
    state: Arc<watch::Sender<Option<(StopSignal, u32)>>>,
    cancel: CancellationToken,
    hurry: CancellationToken,
}

impl Default for Interrupt {
    fn default() -> Self {
        Self {
            state: Arc::new(watch::Sender::new(None)),
            cancel: CancellationToken::new(),
            hurry: CancellationToken::new(),
        }
    }
}

impl Interrupt {
    /// Counts SIGINT and SIGTERM from now on until the process ends.
    pub fn on_signals() -> std::io::Result<Self> {
        let interrupt = Self::default();
        let mut interrupts = signal(SignalKind::interrupt())?;
        let mut terminations = signal(SignalKind::terminate())?;
        let counter = interrupt.clone();
        // The listener has nothing to clean up; it ends with the runtime.
        tokio::spawn(async move {
            loop {
                let received = tokio::select! {
                    event = interrupts.recv() => event.map(|()| StopSignal::Interrupt),
                    event = terminations.recv() => event.map(|()| StopSignal::Terminate),
                };
                let Some(received) = received else { return };
                counter.send(received);
            }
        });
        Ok(interrupt)
    }

    /// Counts one signal. The first one decides the exit code.
    pub fn send(&self, received: StopSignal) {
        let mut count = 0;
        self.state.send_modify(|state| {
            let (first, before) = state.unwrap_or((received, 0));
            count = before + 1;
            *state = Some((first, count));
        });
        self.cancel.cancel();
        if count >= 2 {
            self.hurry.cancel();
        }
    }

    /// The first signal and how many there were, if there was one.
    pub fn received(&self) -> Option<(StopSignal, u32)> {
        *self.state.borrow()
    }

    /// Watches for further signals.
    pub(super) fn watch(&self) -> watch::Receiver<Option<(StopSignal, u32)>> {
        self.state.subscribe()
    }

    /// Cancelled with the first signal.
    pub(super) fn cancel(&self) -> &CancellationToken {
        &self.cancel
    }

    /// Cancelled with the second signal.
    pub(super) fn hurry(&self) -> &CancellationToken {
        &self.hurry
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_signal_names_the_reason_and_the_second_hurries() {
        let interrupt = Interrupt::default();
        assert_eq!(interrupt.received(), None);
        interrupt.send(StopSignal::Terminate);
        assert!(interrupt.cancel().is_cancelled() && !interrupt.hurry().is_cancelled());
        interrupt.send(StopSignal::Interrupt);
        assert!(interrupt.hurry().is_cancelled());
        assert_eq!(interrupt.received(), Some((StopSignal::Terminate, 2)));
    }
}
