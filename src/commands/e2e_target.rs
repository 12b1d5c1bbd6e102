//! What cases run against: an environment that is up, or one that lives for the run.

use std::collections::BTreeSet;

use tempfile::TempDir;

use super::{BackendChoice, Context, backends, local::Local, refusal::refused, store::Store};
use crate::{
    cluster::{self, Capability, Cluster, Journal, kubeconfig},
    config::{BackendKind, Environment, EnvironmentRequest},
    e2e::{Need, Target},
    failure::Failure,
};

/// An environment for as long as a run needs it.
pub(super) struct Held {
    target: Target,
    ephemeral: Option<(Local, TempDir)>,
}

impl Held {
    /// What the cases see.
    pub(super) fn target(&self) -> Target {
        self.target.clone()
    }

    /// Ends when the environment that was made for the run is of no more use, and says why.
    pub(super) async fn broken(&mut self) -> Failure {
        match &mut self.ephemeral {
            Some((local, _)) => local.stack_ended().await,
            None => std::future::pending().await,
        }
    }

    /// Removes what was made for the run.
    pub(super) async fn release(self) -> Result<(), Failure> {
        match self.ephemeral {
            Some((local, folder)) => {
                local.stop().await?;
                folder.close().map_err(Failure::internal)
            }
            None => Ok(()),
        }
    }
}

/// Takes the environment of that name if it was made, else makes an embedded one.
pub(super) async fn hold(
    context: &Context,
    request: &EnvironmentRequest,
    choice: BackendChoice,
) -> Result<Held, Failure> {
    let store = Store(&context.state_dir);
    if let Some(existing) = store.load(&request.name)? {
        request.check_against(&existing).map_err(refused)?;
        if choice.allows(existing.backend) {
            return attach(context, existing).await;
        }
        return Err(Failure::usage(format!(
            "environment `{}` is on {}",
            existing.name, existing.backend
        ))
        .hint("`--name` with another name leaves it alone"));
    }
    if choice == BackendChoice::Kind {
        return Err(Failure::environment(format!(
            "there is no environment `{}` on kind",
            request.name
        ))
        .hint("`garden6 up --backend kind` makes one"));
    }
    ephemeral(context, request).await
}

async fn attach(context: &Context, environment: Environment) -> Result<Held, Failure> {
    let folder = context.state_dir.environment(&environment.name);
    let journal = Journal::open(&folder.journal()).map_err(Failure::environment)?;
    let cluster = backends::of(context, &environment)?
        .attach(&environment, &journal)
        .await
        .map_err(|error| {
            backends::failure(error).hint("`garden6 up` finishes or restarts the environment")
        })?;
    let abilities = abilities(&cluster.capabilities);
    Ok(Held {
        target: target(&environment, &cluster, folder.kubeconfig(), abilities),
        ephemeral: None,
    })
}

async fn ephemeral(context: &Context, request: &EnvironmentRequest) -> Result<Held, Failure> {
    let environment = request.resolve(BackendKind::Embedded).map_err(refused)?;
    let step = context.ui.progress().step("embedded environment");
    let local = Local::start(&environment, None).await?;
    let folder = tempfile::tempdir().map_err(Failure::environment)?;
    let path = folder.path().join("kubeconfig.yaml");
    let cluster = Cluster {
        kubeconfig: local.control_plane.kubeconfig(),
        client: local.control_plane.client(),
        capabilities: cluster::embedded_capabilities(&environment),
        own_image: None,
    };
    kubeconfig::write(&path, &cluster.kubeconfig).map_err(Failure::environment)?;
    step.done(format!(
        "{}, for this run only",
        local.control_plane.address()
    ));
    let abilities = abilities(&cluster.capabilities);
    Ok(Held {
        target: target(&environment, &cluster, path, abilities),
        ephemeral: Some((local, folder)),
    })
}

fn target(
    environment: &Environment,
    cluster: &Cluster,
    kubeconfig: std::path::PathBuf,
    abilities: BTreeSet<Need>,
) -> Target {
    Target {
        name: environment.name.to_string(),
        client: cluster.client.clone(),
        kubeconfig: Some(kubeconfig),
        kubectl: which::which("kubectl").ok(),
        plan: environment.plan.clone(),
        profile: environment.api_profile,
        gates: environment.feature_gates.clone(),
        abilities,
    }
}

/// What cases may rely on: what the cluster can do, and the stack that every environment has.
fn abilities(capabilities: &BTreeSet<Capability>) -> BTreeSet<Need> {
    let of_stack = [Need::Stack, Need::Admission, Need::LoadBalancers];
    let of_cluster = capabilities
        .iter()
        .map(|capability| Need::from(*capability));
    of_stack.into_iter().chain(of_cluster).collect()
}
