//! A run: all images compared, then those that differ copied, a failed one stopping no other.

use std::{collections::BTreeMap, sync::Arc};

use futures_util::{
    future::{BoxFuture, FutureExt as _},
    stream::{self, StreamExt as _},
};
use tokio::time::Instant;

use super::{
    ImageReport, Job, Outcome, Report, Stores,
    image::{Comparison, ImageCopy, Shared},
    ledger::Ledger,
    meter::Meter,
    report::FailureReport,
    siblings::Siblings,
    size::Size,
};
use crate::{
    counted::counted,
    mirror::{Digest, MirrorError},
    progress::Progress,
};

/// Images that are compared at a time; each costs two short requests.
const COMPARED: usize = 32;
/// Images that are copied at a time. The limits that count are those of the registries.
const COPIED: usize = 8;

/// How a run goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TransferOptions {
    /// Finds out what would be done, and does not do it.
    pub dry_run: bool,
    /// Copies what is said about images too: referrers and the tags of `cosign`.
    pub signatures: bool,
    /// Pulls that are left over at registries that count them.
    pub pulls_kept: u64,
    /// An earlier run to one of the targets did not end ([`RunMarks`](super::RunMarks)): what it brought to one
    /// repository is looked for there before it is sent to another.
    pub after_unfinished: bool,
}

/// Copies images.
#[derive(Debug)]
pub struct Transfer {
    stores: Arc<Stores>,
    options: TransferOptions,
}

impl Transfer {
    /// A transfer between `stores`.
    pub fn new(stores: Arc<Stores>, options: TransferOptions) -> Self {
        Self { stores, options }
    }

    /// Makes the copies. Failures are in the report.
    pub async fn run(&self, jobs: &[Job], progress: &Progress) -> Report {
        let begun = Instant::now();
        let shared = Shared {
            options: self.options,
            ledger: Ledger::default(),
            siblings: Siblings::new(self.options.after_unfinished),
            meter: Meter::new(progress.clone(), jobs.len() as u64),
        };
        let total = progress.step(counted(jobs.len(), "image", "images"));
        let work = self.work(jobs, &shared, progress);
        let telling = shared.meter.tell(&total);
        let images = tokio::select! {
            images = work => images,
            () = telling => unreachable!("the meter tells for ever"),
        };
        let mut report = Report::of(images, self.options.dry_run, begun.elapsed().as_secs_f64());
        for client in self.stores.clients() {
            let warnings = client.warnings().into_iter();
            report
                .warnings
                .extend(warnings.map(|warning| format!("{}: {warning}", client.name())));
        }
        let totals = &report.totals;
        if totals.failed == 0 {
            total.done(format!(
                "{} {}, {} already there",
                totals.copied,
                if self.options.dry_run {
                    "to copy"
                } else {
                    "copied"
                },
                totals.present
            ));
        }
        report
    }

    async fn work(&self, jobs: &[Job], shared: &Shared, progress: &Progress) -> Vec<ImageReport> {
        let comparisons: Vec<BoxFuture<'_, Compared<'_>>> = jobs
            .iter()
            .enumerate()
            .map(|(number, job)| self.compare(number, job, shared).boxed())
            .collect();
        let compared: Vec<Compared<'_>> =
            stream::iter(comparisons).buffered(COMPARED).collect().await;
        self.warn_of_limits(&compared, progress);
        let mut copies: Vec<BoxFuture<'_, ImageReport>> = Vec::with_capacity(compared.len());
        for compared in compared {
            copies.push(match compared {
                Compared::Done(report) => std::future::ready(*report).boxed(),
                Compared::ToCopy(copy, comparison, since) => {
                    finish(copy, comparison, since, shared).boxed()
                }
            });
        }
        stream::iter(copies).buffered(COPIED).collect().await
    }

    async fn compare<'a>(&self, number: usize, job: &'a Job, shared: &'a Shared) -> Compared<'a> {
        let since = Instant::now();
        let stores = async {
            let from = self.stores.source(&job.source).await?;
            Ok((from, self.stores.target(&job.target).await?))
        };
        let (from, to) = match stores.await {
            Ok(stores) => stores,
            Err(error) => {
                shared.meter.end(number, None);
                return Compared::Done(Box::new(failed_early(job, &error)));
            }
        };
        let copy = Box::new(ImageCopy::new(number, job, shared, from, to));
        match copy.compare().await {
            Ok(Comparison::Same(_)) if !self.options.signatures => {
                copy.count(|counts| counts.manifests_present += 1);
                shared.meter.end(number, None);
                Compared::Done(Box::new(report(&copy, Outcome::Present, since, None)))
            }
            Ok(compared) => Compared::ToCopy(copy, compared, since),
            Err(error) => {
                shared.meter.end(number, None);
                Compared::Done(Box::new(report(
                    &copy,
                    Outcome::Failed,
                    since,
                    Some(&error),
                )))
            }
        }
    }

    /// Says before the first pull that an allowance will not do. An index needs a pull for each platform too.
    fn warn_of_limits(&self, compared: &[Compared<'_>], progress: &Progress) {
        let mut needed: BTreeMap<String, u64> = BTreeMap::new();
        for compared in compared {
            if let Compared::ToCopy(copy, ..) = compared {
                *needed.entry(copy.from.key()).or_default() += 1;
            }
        }
        for client in self.stores.clients() {
            let (Some(budget), Some(needed)) = (client.budget(), needed.get(client.name())) else {
                continue;
            };
            let left = budget.remaining.saturating_sub(self.options.pulls_kept);
            if *needed > left {
                progress.warn(format!(
                    "{} lets us pull {left} more images, at least {needed} are needed: the rest will fail, and a later run takes it up",
                    client.name()
                ));
            }
        }
    }
}

enum Compared<'a> {
    Done(Box<ImageReport>),
    ToCopy(Box<ImageCopy<'a>>, Comparison, Instant),
}

async fn finish(
    copy: Box<ImageCopy<'_>>,
    comparison: Comparison,
    since: Instant,
    shared: &Shared,
) -> ImageReport {
    let copied = copy.copy(comparison).await;
    let outcome = match &copied {
        Ok(false) => Outcome::Present,
        Ok(true) if shared.options.dry_run => Outcome::WouldCopy,
        Ok(true) => Outcome::Copied,
        Err(_) => Outcome::Failed,
    };
    let report = report(&copy, outcome, since, copied.as_ref().err());
    let said = copied.is_ok().then(|| {
        let counts = &report.counts;
        format!(
            "{} moved, {} already there",
            Size(counts.moved.bytes),
            Size(counts.present.bytes + counts.mounted.bytes)
        )
    });
    shared.meter.end(copy.number, said);
    report
}

fn report(
    copy: &ImageCopy<'_>,
    outcome: Outcome,
    since: Instant,
    error: Option<&MirrorError>,
) -> ImageReport {
    let locked = |digest: &std::sync::Mutex<Option<Digest>>| {
        digest
            .lock()
            .expect("no panic happens under this lock")
            .clone()
    };
    ImageReport {
        source: copy.job.source.to_string(),
        target: copy.job.target.to_string(),
        outcome,
        digest: locked(&copy.digest),
        target_digest: locked(&copy.target_digest),
        counts: copy.counts(),
        seconds: since.elapsed().as_secs_f64(),
        failure: error.map(FailureReport::of),
    }
}

fn failed_early(job: &Job, error: &MirrorError) -> ImageReport {
    ImageReport {
        source: job.source.to_string(),
        target: job.target.to_string(),
        outcome: Outcome::Failed,
        digest: job.pinned.clone(),
        target_digest: None,
        counts: super::Counts::default(),
        seconds: 0.0,
        failure: Some(FailureReport::of(error)),
    }
}
