//! `garden6 serve`: an embedded environment in the foreground, until it is told to end.

use std::time::Duration;

use super::{
    Context,
    interrupt::Interrupts,
    local::Local,
    refusal::refused,
    store::{self, Store},
};
use crate::{
    cluster::{ServeState, kubeconfig},
    config::{BackendKind, Environment, EnvironmentDir, EnvironmentRequest},
    exit::Exit,
    failure::Failure,
    fsutil::{self, LockError, LockFile},
};

/// How long to wait for a process that is about to end.
const LOCK_WAIT: Duration = Duration::from_secs(2);

/// A call of the command.
#[derive(Clone, Debug)]
pub struct Request {
    /// The environment.
    pub environment: EnvironmentRequest,
}

/// Serves until SIGINT or SIGTERM.
pub async fn run(context: &Context, request: Request) -> Result<Exit, Failure> {
    let mut interrupts = Interrupts::listen()?;
    let environment = resolve(context, &request.environment)?;
    let folder = context.state_dir.environment(&environment.name);
    let _lock = LockFile::acquire(&folder.serve_lock(), LOCK_WAIT)
        .await
        .map_err(|error| match error {
            LockError::Held { holder, .. } => Failure::environment(format!(
                "environment `{}` is served by process {holder} already",
                environment.name
            ))
            .hint("`garden6 status` shows it, `garden6 down` ends it"),
            LockError::File(error) => store::file(error),
        })?;
    let mut local = Local::start(&environment, Some(folder.pki())).await?;
    announce(&folder, &local)?;
    context.ui.say(&format!(
        "Environment {} ({}) listens on {}; KUBECONFIG={}",
        environment.name,
        environment.plan.families,
        local.control_plane.address(),
        folder.kubeconfig().display()
    ));
    let ended = tokio::select! {
        _ = interrupts.next() => None,
        failure = local.stack_ended() => Some(failure),
    };
    fsutil::remove_optional(&folder.serve()).map_err(store::file)?;
    match ended {
        // Being told to end is how a server ends well.
        None => local.stop().await.map(|()| Exit::Success),
        Some(failure) => {
            local.control_plane.shutdown().await;
            Err(failure)
        }
    }
}

/// The environment as remembered, or as typed where nothing is remembered.
fn resolve(context: &Context, request: &EnvironmentRequest) -> Result<Environment, Failure> {
    let store = Store(&context.state_dir);
    let environment = match store.load(&request.name)? {
        Some(existing) => {
            request.check_against(&existing).map_err(refused)?;
            existing
        }
        None => request.resolve(BackendKind::Embedded).map_err(refused)?,
    };
    if environment.backend != BackendKind::Embedded {
        return Err(Failure::usage(format!(
            "environment `{}` is on {}, only embedded ones are served",
            environment.name, environment.backend
        )));
    }
    store.save(&environment)?;
    Ok(environment)
}

/// Tells other commands where the control plane is. Written last: who finds it can connect.
fn announce(folder: &EnvironmentDir, local: &Local) -> Result<(), Failure> {
    kubeconfig::write(&folder.kubeconfig(), &local.control_plane.kubeconfig())
        .map_err(Failure::environment)?;
    let state = ServeState {
        pid: std::process::id(),
        address: local.control_plane.address(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let json = serde_json::to_vec(&state).map_err(Failure::internal)?;
    fsutil::write_atomic(&folder.serve(), &json, 0o600).map_err(store::file)
}
