//! Options that every command takes.

use std::path::PathBuf;

use clap::{ArgAction, Args};
use tracing_subscriber::EnvFilter;

use super::env;
use crate::{
    config::StateDir,
    failure::Failure,
    ui::{Colour, UiOptions},
};

#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(super) struct GlobalArgs {
    /// Folder of all state
    #[arg(long, global = true, value_name = "DIR", env = env::STATE_DIR)]
    state_dir: Option<PathBuf>,
    /// Where Docker Engine listens, as in `unix:///var/run/docker.sock`
    #[arg(long, global = true, value_name = "URL", env = env::DOCKER_HOST)]
    docker_host: Option<String>,
    /// When to colour
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: Colour,
    /// Say more; twice also logs what the controllers do
    #[arg(short, long, global = true, action = ArgAction::Count)]
    verbose: u8,
    /// Say nothing but errors and results
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// What to log on standard error, as in `garden6=debug`
    #[arg(long, global = true, value_name = "FILTER", env = env::LOG)]
    log: Option<String>,
}

impl GlobalArgs {
    pub(super) fn ui_options(&self) -> UiOptions {
        UiOptions {
            colour: self.color,
            no_colour: env::no_colour(),
            ci: env::ci(),
            verbose: self.verbose > 0,
            quiet: self.quiet,
        }
    }

    pub(super) fn state_dir(&self) -> Result<StateDir, Failure> {
        match &self.state_dir {
            Some(path) => Ok(StateDir::at(path)),
            None => StateDir::of_user().ok_or_else(|| {
                Failure::usage("there is no home folder to keep state in")
                    .hint("name a folder with `--state-dir DIR`")
            }),
        }
    }

    pub(super) fn docker_host(&self) -> Option<String> {
        self.docker_host.clone()
    }

    pub(super) fn start_log(&self) {
        let filter = match (&self.log, self.verbose) {
            (Some(filter), _) => EnvFilter::new(filter),
            (None, 0 | 1) => EnvFilter::new("off"),
            (None, 2) => EnvFilter::new("garden6=info"),
            (None, _) => EnvFilter::new("garden6=debug,kube=info"),
        };
        // Fails only where a log was started before, which is then the one to keep.
        drop(
            tracing_subscriber::fmt()
                .with_env_filter(filter)
                .with_writer(std::io::stderr)
                .try_init(),
        );
    }
}
