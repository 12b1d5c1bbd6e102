//! `garden6 doctor`: whether this host can carry an environment, why not, and repairing it.

mod catalogue;
mod look;
mod planned;
mod render;
mod repair;
mod undo;

use std::{
    io::IsTerminal as _,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use serde::Serialize;

pub use catalogue::{explain, list};
pub use look::Snapshot;

use self::{planned::Repairs, render::Look};
use super::Context;
use crate::{
    doctor::{
        self, Facts, Profile, Report, Root, Target, Threshold, UnknownCheck,
        facts::{EnvironmentVariables, Plan},
        fix::{Restarts, proposals},
    },
    exit::Exit,
    failure::Failure,
    ui::{ReportFormat, terminal_width},
};

/// A call of the command.
#[derive(Clone, Debug)]
pub struct Request {
    /// What is going to be started.
    pub target: Target,
    /// With which families.
    pub profile: Profile,
    /// Only these checks and groups.
    pub only: Vec<String>,
    /// Checks that are switched off, and why.
    pub skips: Vec<(String, String)>,
    /// A snapshot instead of this machine.
    pub snapshot: Option<Snapshot>,
    /// Where to keep the snapshot of this machine.
    pub save: Option<PathBuf>,
    /// What to do about findings.
    pub mode: Mode,
    /// Whether the outside world may be asked.
    pub online: bool,
    /// Whether things may be made and removed in the engine in order to find out.
    pub probe: bool,
    /// From which status on the command ends badly.
    pub threshold: Threshold,
    /// Shape of the result on standard output.
    pub format: ReportFormat,
    /// What of the environment the checks read.
    pub machine: MachineOptions,
}

/// The machine as the command line and the environment name it.
#[derive(Clone, Debug)]
pub struct MachineOptions {
    /// Its file system.
    pub root: Root,
    /// Environment variables that checks read.
    pub env: EnvironmentVariables,
    /// `DOCKER_CONFIG`.
    pub docker_config: Option<String>,
    /// `DOCKER_HOST`, or what was typed instead.
    pub docker_host: Option<String>,
    /// What is to be created.
    pub plan: Plan,
}

/// What to do about findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Report them.
    Look,
    /// Repair them.
    Fix {
        /// Who says that it may begin.
        consent: Consent,
        /// Whether Docker may be restarted.
        restarts: Restarts,
    },
    /// Take back what was repaired.
    Undo {
        /// Whether Docker may be restarted.
        restarts: Restarts,
    },
}

/// Who says that a repair may begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    /// Whoever sits at the terminal; nobody where there is none.
    Asked,
    /// The command line.
    Given,
    /// Nobody: the plan is only shown.
    DryRun,
}

#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    report: &'a Report,
    #[serde(skip_serializing_if = "Option::is_none")]
    repairs: Option<&'a Repairs>,
}

/// Runs the command.
pub async fn run(context: &Context, request: Request) -> Result<Exit, Failure> {
    if let Mode::Undo { restarts } = request.mode {
        return undo::run(context, &request, restarts).await;
    }
    let started = Instant::now();
    let facts = look::facts(&request).await?;
    let found = examine(&facts, &request)?;
    let took = request.snapshot.is_none().then(|| started.elapsed());
    if let Some(path) = &request.save {
        look::save(context, &facts, path, &request)?;
    }
    let (report, repairs) = if let Mode::Fix { consent, restarts } = request.mode {
        let mut job = repair::Job {
            context,
            request: &request,
            restarts,
            facts,
            report: found,
            took,
        };
        let repairs = job.run(consent).await?;
        (job.report, Some(repairs))
    } else {
        if request.format == ReportFormat::Text {
            show(context, &facts, &found, took, &request)?;
        }
        (found, None)
    };
    match request.format {
        ReportFormat::Text => {}
        ReportFormat::Json => {
            let document = Document {
                report: &report,
                repairs: repairs.as_ref(),
            };
            let json = serde_json::to_string_pretty(&document).map_err(Failure::internal)?;
            context.ui.data(&format!("{json}\n"))?;
        }
        ReportFormat::Junit => {
            let xml = render::junit(&report).map_err(Failure::internal)?;
            context.ui.data(&xml)?;
        }
    }
    Ok(if report.is_good(request.threshold) {
        Exit::Success
    } else {
        Exit::Failure
    })
}

/// Runs the checks.
fn examine(facts: &Facts, request: &Request) -> Result<Report, Failure> {
    let wanted = doctor::Request {
        target: request.target,
        profile: request.profile,
        only: request.only.clone(),
        skips: request.skips.iter().cloned().collect(),
    };
    doctor::run(facts, &wanted).map_err(unknown)
}

fn unknown(error: UnknownCheck) -> Failure {
    Failure::usage(error).hint("`garden6 doctor list` shows all checks and groups")
}

/// Writes a report for people to standard output.
fn show(
    context: &Context,
    facts: &Facts,
    report: &Report,
    took: Option<Duration>,
    request: &Request,
) -> Result<(), Failure> {
    // A snapshot of another machine can be read here, but not repaired.
    let proposals = if request.snapshot.is_none() {
        proposals(facts, report, &request.only)
    } else {
        Vec::new()
    };
    let look = look_of(context);
    context
        .ui
        .data(&render::report(report, &proposals, took, look))
}

fn look_of(context: &Context) -> Look {
    Look {
        style: context.ui.data_style(),
        width: terminal_width(std::io::stdout().is_terminal()),
        verbose: context.ui.is_verbose(),
    }
}

/// Where repairs are remembered, and the lock of whoever makes them.
fn journal(context: &Context) -> (PathBuf, PathBuf) {
    let folder: &Path = context.state_dir.path();
    (
        folder.join("doctor-journal.jsonl"),
        folder.join("doctor.lock"),
    )
}
