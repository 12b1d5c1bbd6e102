//! `--undo`: everything that `--fix` changed, newest first.

use std::time::Duration;

use serde::Serialize;

use super::{Request, journal, look, repair::hands};
use crate::{
    commands::Context,
    doctor::fix::{Journal, Outcome, Restarts, TakenBack},
    exit::Exit,
    failure::Failure,
    fsutil::{LockFile, create_private_dir},
    ui::ReportFormat,
};

/// Time to wait for another call that repairs.
const LOCK_WAIT: Duration = Duration::from_secs(5);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    change: String,
    checks: Vec<String>,
    outcome: &'static str,
    text: String,
}

/// Takes everything back.
pub(super) async fn run(
    context: &Context,
    request: &Request,
    restarts: Restarts,
) -> Result<Exit, Failure> {
    let (path, lock) = journal(context);
    create_private_dir(context.state_dir.path()).map_err(Failure::environment)?;
    let _lock = LockFile::acquire(&lock, LOCK_WAIT)
        .await
        .map_err(Failure::environment)?;
    let mut journal = Journal::open(&path).map_err(Failure::environment)?;
    let facts = look::facts(request).await?;
    let taken = hands(&facts, request)
        .undo(&mut journal, restarts)
        .await
        .map_err(Failure::environment)?;
    let is_left = taken.iter().any(TakenBack::is_left);
    report(context, request, &taken)?;
    if is_left {
        context.ui.warn(
            "What somebody else changed since was left alone; the journal still knows it, so that another --undo can take it back.",
        );
        return Ok(Exit::Failure);
    }
    Ok(Exit::Success)
}

fn report(context: &Context, request: &Request, taken: &[TakenBack]) -> Result<(), Failure> {
    let ui = &context.ui;
    match request.format {
        ReportFormat::Text if taken.is_empty() => ui.data("There is nothing to take back.\n"),
        ReportFormat::Text => {
            let lines: Vec<String> = taken.iter().map(|one| format!("{one}\n")).collect();
            ui.data(&lines.concat())
        }
        ReportFormat::Json => {
            let lines: Vec<Line> = taken.iter().map(line).collect();
            let json = serde_json::to_string_pretty(&lines).map_err(Failure::internal)?;
            ui.data(&format!("{json}\n"))
        }
        ReportFormat::Junit => Err(Failure::usage("`--undo` has no JUnit report")),
    }
}

fn line(taken: &TakenBack) -> Line {
    Line {
        change: taken.change.clone(),
        checks: taken.checks.clone(),
        outcome: match &taken.result {
            Ok(Outcome::Restored) => "restored",
            Ok(Outcome::Already) => "already",
            Ok(Outcome::Kept { .. } | Outcome::Later) => "kept",
            Ok(Outcome::Refused { .. }) => "refused",
            Err(_) => "failed",
        },
        text: taken.to_string(),
    }
}
