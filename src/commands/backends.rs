//! Which backend makes an environment, and what its failures mean to the user.

use super::{Context, refusal::refused};
use crate::{
    cluster::{Backend, ClusterError, Detached, kind::KindBackend},
    config::{BackendKind, Environment, EnvironmentRequest},
    failure::Failure,
};

/// What makes the cluster, as typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BackendChoice {
    /// kind where it is usable, else embedded.
    Auto,
    /// The control plane inside garden6.
    Embedded,
    /// A kind cluster.
    Kind,
}

impl BackendChoice {
    /// Whether an environment that exists on `kind` is what was asked for.
    pub(super) const fn allows(self, kind: BackendKind) -> bool {
        match self {
            Self::Auto => true,
            Self::Embedded => matches!(kind, BackendKind::Embedded),
            Self::Kind => matches!(kind, BackendKind::Kind),
        }
    }
}

/// Decides which backend makes a new environment, and says why where it was left open.
pub(super) async fn choose(
    context: &Context,
    choice: BackendChoice,
    request: &EnvironmentRequest,
) -> Result<BackendKind, Failure> {
    match choice {
        BackendChoice::Embedded => return Ok(BackendKind::Embedded),
        BackendChoice::Kind => return Ok(BackendKind::Kind),
        BackendChoice::Auto => {}
    }
    let wanted = request.resolve(BackendKind::Kind).map_err(refused)?;
    match kind_backend(context, &wanted).usable(&wanted).await {
        Ok(why) => {
            context.ui.say(&format!("Backend kind: {why}."));
            Ok(BackendKind::Kind)
        }
        Err(error) => {
            context.ui.say(&format!(
                "Backend embedded, because kind cannot be used: {error}."
            ));
            Ok(BackendKind::Embedded)
        }
    }
}

/// The backend of an environment.
pub(super) fn of(
    context: &Context,
    environment: &Environment,
) -> Result<Box<dyn Backend>, Failure> {
    match environment.backend {
        BackendKind::Embedded => {
            let folder = context.state_dir.environment(&environment.name);
            let program = std::env::current_exe().map_err(Failure::internal)?;
            let state_dir = context.state_dir.path().to_owned();
            Ok(Box::new(Detached::new(program, state_dir, folder)))
        }
        BackendKind::Kind => Ok(Box::new(kind_backend(context, environment))),
    }
}

fn kind_backend(context: &Context, environment: &Environment) -> KindBackend {
    KindBackend::new(
        &context.state_dir,
        &environment.name,
        context.docker_host.clone(),
    )
}

/// What a cluster's failure means to the user.
pub(super) fn failure(error: ClusterError) -> Failure {
    let hints = error.hints();
    hints
        .into_iter()
        .fold(Failure::environment(error), Failure::hint)
}
