//! Arguments of `garden6 stack`, which the Deployment of the controllers runs.

use std::path::PathBuf;

use clap::Subcommand;

use crate::{commands::stack_run, exit::Exit, failure::Failure};

#[derive(Debug, Subcommand)]
pub(super) enum StackCommand {
    /// Run the controllers until told to end
    Run {
        /// Settings of the stack
        #[arg(long, value_name = "FILE")]
        options: PathBuf,
    },
}

impl StackCommand {
    pub(super) async fn run(self) -> Result<Exit, Failure> {
        match self {
            Self::Run { options } => stack_run::run(stack_run::Request { options }).await,
        }
    }
}
