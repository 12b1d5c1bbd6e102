//! `garden6 up`: makes an environment, or finishes one that was interrupted.

use std::{path::PathBuf, time::Instant};

use serde::Serialize;

use super::{
    BackendChoice, Context, HostOptions, backends, interrupt, preflight, refusal::refused,
    store::Store, surroundings,
};
use crate::{
    cluster::{Cluster, Journal, kubeconfig},
    config::{BackendKind, Beside, Environment, EnvironmentName, EnvironmentRequest},
    exit::Exit,
    failure::Failure,
    ipam::proposal::{self, Moved},
    net::Families,
    stack,
    ui::Format,
};

/// A call of the command.
#[derive(Clone, Debug)]
pub struct Request {
    /// What was asked for.
    pub environment: EnvironmentRequest,
    /// What makes the cluster.
    pub backend: BackendChoice,
    /// The host that is to carry it.
    pub host: HostOptions,
    /// Shape of the result on standard output.
    pub format: Format,
}

/// What came of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    name: EnvironmentName,
    backend: BackendKind,
    ip_families: Families,
    server: String,
    kubeconfig: PathBuf,
    seconds: f64,
}

/// Makes the environment.
pub async fn run(context: &Context, request: Request) -> Result<Exit, Failure> {
    let report = interrupt::or_interrupted(make(context, &request)).await?;
    match request.format {
        Format::Text => say(context, &report),
        format => context.ui.report(format, &report, |_| String::new())?,
    }
    Ok(Exit::Success)
}

async fn make(context: &Context, request: &Request) -> Result<Report, Failure> {
    let started = Instant::now();
    let store = Store(&context.state_dir);
    let name = &request.environment.name;
    let _lock = store.lock(name).await?;
    let environment = resolve(context, &store, request).await?;
    preflight::run(context, &environment, &request.host, &context.ui.progress()).await?;
    let folder = store.save(&environment)?;
    let journal = Journal::open(&folder.journal()).map_err(Failure::environment)?;
    let made = finish(context, &environment, &journal).await;
    if made.is_err() && journal.remaining().is_empty() {
        // Nothing was made, so there is nothing to remember: the next call may ask for other things.
        store.forget(name)?;
    }
    let cluster = made?;
    let server = cluster
        .kubeconfig
        .clusters
        .first()
        .and_then(|named| named.cluster.as_ref()?.server.clone())
        .unwrap_or_default();
    Ok(Report {
        name: environment.name,
        backend: environment.backend,
        ip_families: environment.plan.families,
        server,
        kubeconfig: folder.kubeconfig(),
        seconds: started.elapsed().as_secs_f64(),
    })
}

async fn finish(
    context: &Context,
    environment: &Environment,
    journal: &Journal,
) -> Result<Cluster, Failure> {
    let progress = context.ui.progress();
    let cluster = backends::of(context, environment)?
        .create(environment, journal, &progress)
        .await
        .map_err(|error| preflight::explained(backends::failure(error)))?;
    let folder = context.state_dir.environment(&environment.name);
    // An embedded environment runs the stack in its own process.
    if let Some(image) = &cluster.own_image {
        kubeconfig::write(&folder.kubeconfig(), &cluster.kubeconfig)
            .map_err(Failure::environment)?;
        let options = stack::Options::for_environment(environment);
        stack::deploy(&cluster.client, &options, image, &progress)
            .await
            .map_err(Failure::environment)?;
    }
    Ok(cluster)
}

async fn resolve(
    context: &Context,
    store: &Store<'_>,
    request: &Request,
) -> Result<Environment, Failure> {
    let typed = &request.environment;
    let Some(existing) = store.load(&typed.name)? else {
        let backend = backends::choose(context, request.backend, typed).await?;
        let surroundings = surroundings::of(context, store, typed, backend).await?;
        let beside = typed
            .resolve_beside(backend, &surroundings)
            .map_err(refused)?;
        tell(context, &beside);
        return Ok(beside.environment);
    };
    typed.check_against(&existing).map_err(refused)?;
    if !request.backend.allows(existing.backend) {
        return Err(Failure::usage(format!(
            "environment `{}` exists on {}",
            typed.name, existing.backend
        ))
        .hint(format!("`garden6 down --name {}` removes it", typed.name)));
    }
    Ok(existing)
}

/// Says which addresses are not the usual ones, and whose fault that is.
fn tell(context: &Context, beside: &Beside) {
    let proposal = &beside.proposal;
    if !proposal.moved.is_empty() {
        let because = proposal::list(&proposal.because);
        context
            .ui
            .say(&format!("The default addresses are in use: {because}."));
    }
    for Moved { purpose, from, to } in &proposal.moved {
        context
            .ui
            .say(&format!("  {purpose}: {to} instead of {from}"));
    }
    if let Some((usual, other)) = &beside.registry_moved {
        let registry = &beside.environment.registry.address;
        context.ui.say(&format!(
            "  registry: {registry} instead of {usual}, which environment {other} has"
        ));
    }
}

fn say(context: &Context, report: &Report) {
    let style = context.ui.style();
    let path = report.kubeconfig.display();
    context.ui.say(&format!(
        "\nEnvironment {} ({}, {}) is up at {} after {:.1} s.\n",
        style.strong(&report.name),
        report.backend,
        report.ip_families,
        report.server,
        report.seconds
    ));
    let name = if report.name == EnvironmentName::default() {
        String::new()
    } else {
        format!(" --name {}", report.name)
    };
    for command in [
        format!("export KUBECONFIG={path}"),
        "kubectl get seeds,shoots -A".to_owned(),
        format!("garden6 e2e run{name}"),
        format!("garden6 down{name}"),
    ] {
        context.ui.say(&format!("  {}", style.hint(command)));
    }
}
