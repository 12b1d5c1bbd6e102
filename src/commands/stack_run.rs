//! `garden6 stack run`: the controllers, inside the cluster that they work on.

use std::path::PathBuf;

use tokio_util::sync::CancellationToken;

use super::interrupt::Interrupts;
use crate::{
    exit::Exit,
    failure::Failure,
    stack::{self, Options},
};

/// A call of the command.
#[derive(Clone, Debug)]
pub struct Request {
    /// The settings, as `up` wrote them.
    pub options: PathBuf,
}

/// Runs the controllers until SIGINT or SIGTERM.
pub async fn run(request: Request) -> Result<Exit, Failure> {
    let mut interrupts = Interrupts::listen()?;
    let text = std::fs::read_to_string(&request.options).map_err(Failure::usage)?;
    let options: Options = serde_json::from_str(&text).map_err(Failure::usage)?;
    let client = stack::in_cluster_client().map_err(Failure::environment)?;
    let shutdown = CancellationToken::new();
    let mut controllers = tokio::spawn(stack::run(client, options, shutdown.clone()));
    let ended = tokio::select! {
        ended = &mut controllers => ended,
        _ = interrupts.next() => {
            shutdown.cancel();
            controllers.await
        }
    };
    ended
        .map_err(Failure::internal)?
        .map_err(Failure::internal)?;
    Ok(Exit::Success)
}
