//! `garden6 images mirror`: copies what a mirror lacks.

use crate::{
    commands::{Context, interrupt::Interrupts},
    exit::Exit,
    failure::Failure,
    mirror::{
        lock::SourceLock,
        transfer::{
            ImageReport, Job, Outcome, Report, RunMarks, Stores, Transfer, TransferOptions,
        },
    },
    ui::{Format, Style, Table},
};

use super::transfers::{Access, Images};

/// A call of the command.
#[derive(Clone, Debug)]
pub struct Request {
    /// Which images.
    pub images: Images,
    /// How registries are reached.
    pub access: Access,
    /// How the run goes.
    pub options: TransferOptions,
    /// Shape of the result.
    pub format: Format,
}

/// Copies images. Ends with [`Exit::Failure`] when one of them failed.
pub async fn run(context: &Context, request: Request) -> Result<Exit, Failure> {
    let mut jobs = request.images.jobs(context)?;
    if jobs.is_empty() {
        return Err(nothing_selected());
    }
    let lock = request.images.pin(&mut jobs)?;
    let stores = request.access.stores(context)?;
    let folder = context.state_dir.unfinished_copies();
    let marks = if request.options.dry_run {
        RunMarks::find(&folder, &jobs)
    } else {
        RunMarks::put(&folder, &jobs)
    };
    let options = TransferOptions {
        after_unfinished: marks.is_after_unfinished(),
        ..request.options
    };
    let transfer = Transfer::new(stores.clone(), options);
    let report = interruptible(context, &transfer, &stores, &jobs).await?;
    if report.totals.failed == 0 && !options.dry_run {
        marks.take_away();
    }
    if let (Some(mut lock), Some(path), false) =
        (lock, &request.images.lock, request.options.dry_run)
    {
        learn(&mut lock, &report, path)?;
    }
    for warning in &report.warnings {
        let style = context.ui.style();
        context
            .ui
            .warn(&format!("{} {warning}", style.warning("warning:")));
    }
    let style = context.ui.data_style();
    context.ui.report(request.format, &report, table)?;
    if request.format == Format::Text {
        for line in failures(&report, style) {
            context.ui.warn(&line);
        }
    }
    context.ui.say(&report.summary());
    Ok(exit(&report))
}

/// Nothing is left to copy.
pub(super) fn nothing_selected() -> Failure {
    Failure::new(Exit::NothingSelected, "no image was selected")
        .hint("name SOURCE and TARGET, or files with `-f FILE --target REGISTRY/PREFIX`")
}

async fn interruptible(
    context: &Context,
    transfer: &Transfer,
    stores: &Stores,
    jobs: &[Job],
) -> Result<Report, Failure> {
    let progress = context.ui.progress();
    let mut interrupts = Interrupts::listen()?;
    tokio::select! {
        report = transfer.run(jobs, &progress) => Ok(report),
        exit = interrupts.next() => {
            stores.abandon().await;
            Err(Failure::new(exit, "interrupted")
                .hint("the same command takes up where this one stopped"))
        }
    }
}

fn learn(lock: &mut SourceLock, report: &Report, path: &std::path::Path) -> Result<(), Failure> {
    lock.learn(report);
    lock.write(path).map_err(Failure::environment)
}

/// All well, some failed, or nothing could be done at all because nobody answers.
fn exit(report: &Report) -> Exit {
    let totals = &report.totals;
    let mut failures = report
        .images
        .iter()
        .filter_map(|image| image.failure.as_ref());
    if totals.failed == 0 {
        Exit::Success
    } else if totals.failed == totals.images && failures.all(|failure| failure.is_unreachable) {
        Exit::Environment
    } else {
        Exit::Failure
    }
}

fn table(report: &Report) -> String {
    let mut table = Table::new(["OUTCOME", "TARGET", "DIGEST", "MOVED"]);
    for image in &report.images {
        table.row([
            outcome(image).to_owned(),
            image.target.clone(),
            digest(image),
            crate::mirror::transfer::Size(image.counts.moved.bytes).to_string(),
        ]);
    }
    table.render()
}

fn outcome(image: &ImageReport) -> &'static str {
    match image.outcome {
        Outcome::Present => "present",
        Outcome::Copied => "copied",
        Outcome::WouldCopy => "would copy",
        Outcome::Failed => "FAILED",
    }
}

fn digest(image: &ImageReport) -> String {
    let digest = image.target_digest.as_ref().or(image.digest.as_ref());
    digest.map(ToString::to_string).unwrap_or_default()
}

/// What failed, where, why, and what to do.
fn failures(report: &Report, style: Style) -> Vec<String> {
    let mut lines = Vec::new();
    for image in &report.images {
        let Some(failure) = &image.failure else {
            continue;
        };
        let host = failure.host.as_deref().unwrap_or("this machine");
        lines.push(format!(
            "{} {} ({host})",
            style.bad("failed:"),
            image.source
        ));
        lines.push(format!("  {} {}", style.dim("cause:"), failure.cause));
        if let Some(advice) = &failure.advice {
            lines.push(format!("  {} {advice}", style.hint("hint:")));
        }
    }
    lines
}
