//! `garden6 status`: which environments there are and what state they are in.

use serde::Serialize;

use super::{Context, backends, kubeconfig::no_environment, store::Store};
use crate::{
    cluster::{ClusterState, ClusterStatus, Journal},
    config::EnvironmentName,
    exit::Exit,
    failure::Failure,
    net::Families,
    ui::{Format, Table, Ui},
};

/// A call of the command.
#[derive(Clone, Debug)]
pub struct Request {
    /// Only this environment.
    pub name: Option<EnvironmentName>,
    /// Shape of the result.
    pub format: Format,
}

/// One environment as it is found.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    name: EnvironmentName,
    ip_families: Families,
    #[serde(flatten)]
    cluster: ClusterStatus,
}

/// Shows environments. Ends with [`Exit::Failure`] when one of them is not running.
pub async fn run(context: &Context, request: Request) -> Result<Exit, Failure> {
    let store = Store(&context.state_dir);
    let names = match request.name {
        Some(name) => vec![name],
        None => store.names()?,
    };
    let mut reports = Vec::new();
    for name in names {
        let environment = store.load(&name)?.ok_or_else(|| no_environment(&name))?;
        let journal = Journal::open(&context.state_dir.environment(&name).journal())
            .map_err(Failure::environment)?;
        let cluster = backends::of(context, &environment)?
            .status(&environment, &journal)
            .await
            .map_err(backends::failure)?;
        reports.push(Report {
            name,
            ip_families: environment.plan.families,
            cluster,
        });
    }
    context.ui.report(request.format, &reports, |reports| {
        text(&context.ui, reports)
    })?;
    let running = |report: &Report| report.cluster.state == ClusterState::Running;
    Ok(if reports.iter().all(running) {
        Exit::Success
    } else {
        Exit::Failure
    })
}

fn text(ui: &Ui, reports: &[Report]) -> String {
    if reports.is_empty() {
        ui.say("There is no environment; `garden6 up` makes one.");
        return String::new();
    }
    let blocks: Vec<_> = reports.iter().map(block).collect();
    blocks.join("\n")
}

fn block(report: &Report) -> String {
    let state = match report.cluster.state {
        ClusterState::Absent => "absent",
        ClusterState::Partial => "partial",
        ClusterState::Running => "running",
    };
    let mut text = format!(
        "{} ({}, {}): {}\n",
        report.name, report.cluster.backend, report.ip_families, state
    );
    if !report.cluster.parts.is_empty() {
        let mut parts = Table::new(["PART", "READY", "DETAIL"]);
        for part in &report.cluster.parts {
            parts.row([part.name.clone(), yes_no(part.ready), part.detail.clone()]);
        }
        text.push_str(&parts.render());
    }
    if !report.cluster.nodes.is_empty() {
        let mut nodes = Table::new(["NODE", "READY", "VERSION", "ADDRESSES", "PODS"]);
        for node in &report.cluster.nodes {
            let addresses: Vec<_> = node.addresses.iter().map(ToString::to_string).collect();
            nodes.row([
                node.name.clone(),
                yes_no(node.ready),
                node.version.clone(),
                addresses.join(","),
                node.pods.join(","),
            ]);
        }
        text.push_str(&nodes.render());
    }
    text
}

fn yes_no(yes: bool) -> String {
    if yes { "yes" } else { "no" }.to_owned()
}
