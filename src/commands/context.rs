//! What every command has at hand.

use crate::{config::StateDir, ui::Ui};

/// The terminal, the state folder and the engine.
#[derive(Clone, Debug)]
pub struct Context {
    /// The terminal.
    pub ui: Ui,
    /// Where environments are remembered.
    pub state_dir: StateDir,
    /// Where Docker Engine listens, if not in the usual place.
    pub docker_host: Option<String>,
}

impl Context {
    /// A context for one command.
    pub const fn new(ui: Ui, state_dir: StateDir, docker_host: Option<String>) -> Self {
        Self {
            ui,
            state_dir,
            docker_host,
        }
    }
}
