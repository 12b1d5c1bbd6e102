//! `garden6 e2e run`: runs cases against what is up, or against an embedded environment that
//! lives for the run.

use std::{
    fs::File,
    io::{BufWriter, Write as _},
    path::{Path, PathBuf},
};

use tokio::{sync::mpsc, task::JoinHandle};

use super::{BackendChoice, Context, e2e_target::hold, store};
use crate::{
    config::EnvironmentRequest,
    e2e::{
        self, Event, Interrupt, RunError, RunOptions, Summary, Target,
        report::{self, JunitDialect, Live},
    },
    exit::Exit,
    failure::Failure,
    fsutil::{self, FileError},
    ui::{Format, Ui},
};

/// A call of the command.
#[derive(Clone, Debug)]
pub struct Request {
    /// The environment: one that is up, or what to make.
    pub environment: EnvironmentRequest,
    /// What may be made.
    pub backend: BackendChoice,
    /// How to run; `artifacts` is set by the command.
    pub options: RunOptions,
    /// Where reports and artifacts go.
    pub artifacts: Option<PathBuf>,
    /// The dialect of the JUnit report.
    pub dialect: JunitDialect,
    /// Shape of the summary on standard output.
    pub format: Format,
}

/// Runs cases. The exit code tells a broken environment from failed cases.
pub async fn run(context: &Context, mut request: Request) -> Result<Exit, Failure> {
    let interrupt = Interrupt::on_signals().map_err(Failure::internal)?;
    // A typing mistake must not cost a cluster.
    request
        .options
        .selection
        .choose(e2e::catalogue())
        .map_err(|error| Failure::new(Exit::NothingSelected, error))?;
    let folder = artifacts(context, request.artifacts.take())?;
    let mut held = hold(context, &request.environment, request.backend)
        .await
        .map_err(|failure| failure.with_exit(Exit::SetUpFailed))?;
    request.options.artifacts = Some(folder.clone());
    let target = held.target();
    let ran = tokio::select! {
        ran = observe(context, &request, target, &interrupt, &folder) => ran,
        // Without controllers every case would wait until its time is over.
        failure = held.broken() => Err(failure),
    };
    let released = held.release().await;
    let summary = ran?;
    write_reports(&folder, &summary, request.dialect)?;
    context
        .ui
        .report(request.format, &summary, report::final_text)?;
    context.ui.say(&format!(
        "Reports and artifacts are in {}",
        folder.display()
    ));
    released.map_err(|failure| failure.with_exit(Exit::CleanUpFailed))?;
    let verdict = summary
        .verdict
        .ok_or_else(|| Failure::internal("the run ended without a verdict"))?;
    Ok(verdict.into())
}

async fn observe(
    context: &Context,
    request: &Request,
    target: Target,
    interrupt: &Interrupt,
    folder: &Path,
) -> Result<Summary, Failure> {
    let (sender, events) = mpsc::unbounded_channel();
    let log = folder.join("events.jsonl");
    let file =
        File::create(&log).map_err(|source| store::file(FileError::new("create", &log, source)))?;
    let watcher = watch(context.ui.clone(), events, BufWriter::new(file));
    let ran = e2e::run(&request.options, target, interrupt, sender).await;
    let written = watcher.await.map_err(Failure::internal)?;
    let summary = ran.map_err(|error| {
        let exit = error.verdict().into();
        let failure = Failure::new(exit, error.to_string());
        match error {
            RunError::Unusable(_) => failure.hint(
                "run a lane that can do without (`--optional NEED`), or use an environment that has it",
            ),
            _ => failure,
        }
    })?;
    written.map_err(|source| store::file(FileError::new("write", &log, source)))?;
    Ok(summary)
}

/// Says what happens and keeps every event, until the run drops its end of the channel.
fn watch(
    ui: Ui,
    mut events: mpsc::UnboundedReceiver<Event>,
    mut log: BufWriter<File>,
) -> JoinHandle<std::io::Result<()>> {
    tokio::spawn(async move {
        let mut live = Live::default();
        let mut written = Ok(());
        while let Some(event) = events.recv().await {
            for line in live.lines(&event) {
                ui.say(&line);
            }
            // A full disk must not stop the run; it is reported at the end.
            if written.is_ok() {
                written = report::write_event(&event, &mut log).and_then(|()| log.flush());
            }
        }
        written
    })
}

/// The folder for artifacts, empty of what an earlier run left if it is ours alone.
fn artifacts(context: &Context, asked: Option<PathBuf>) -> Result<PathBuf, Failure> {
    let folder = if let Some(folder) = asked {
        folder
    } else {
        let latest = context.state_dir.path().join("e2e").join("latest");
        match std::fs::remove_dir_all(&latest) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(store::file(FileError::new("remove folder", &latest, error)));
            }
            _ => latest,
        }
    };
    fsutil::create_private_dir(&folder).map_err(store::file)?;
    Ok(folder)
}

fn write_reports(folder: &Path, summary: &Summary, dialect: JunitDialect) -> Result<(), Failure> {
    let lane = summary
        .lane
        .map_or_else(|| "selected".to_owned(), |lane| lane.to_string());
    let junit = report::junit(summary, dialect).map_err(Failure::internal)?;
    for (name, content) in [
        // Prow shows files of this name only.
        (format!("junit_{lane}.xml"), junit),
        ("summary.json".to_owned(), report::json(summary)),
        ("summary.txt".to_owned(), report::final_text(summary)),
    ] {
        fsutil::write_atomic(&folder.join(name), content.as_bytes(), 0o644).map_err(store::file)?;
    }
    Ok(())
}
