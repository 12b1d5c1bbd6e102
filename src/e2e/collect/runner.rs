//! Runs collectors side by side, each with its own time, and keeps going whatever they do.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio::time::timeout;

use super::{FileRecord, Folder};
use crate::e2e::{
    event::What, isolation::Leftover, recorder::Recorder, report::FailurePage, summary::log_line,
};

/// How long one collector may take.
const LIMIT: Duration = Duration::from_secs(20);

/// Where to look.
#[derive(Clone, Debug, Default)]
pub struct Collection {
    /// The namespace of the attempt and those that the case called related.
    pub namespaces: Vec<String>,
    /// What the attempt made outside of them.
    pub owned: Vec<Leftover>,
}

/// A file that a collector made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collected {
    /// The path below the folder of the attempt.
    pub path: String,
    /// The content; secrets are removed later, as far as they can be recognised by their form.
    pub content: String,
}

/// Finds out how things were when a case did not pass.
#[async_trait]
pub trait Collector: Send + Sync {
    /// Its name in the list of files.
    fn name(&self) -> &'static str;

    /// Looks around.
    async fn collect(&self, collection: &Collection) -> Result<Vec<Collected>, String>;
}

/// Runs all collectors and writes what they found.
pub(in crate::e2e) async fn run(
    collectors: &[Arc<dyn Collector>],
    collection: &Collection,
    folder: &Folder,
    recorder: &Recorder,
) -> Vec<FileRecord> {
    let tasks: Vec<_> = collectors
        .iter()
        .map(|collector| {
            let (worker, collection) = (Arc::clone(collector), collection.clone());
            // A task of its own turns a panic into a value.
            let task = tokio::spawn(async move {
                timeout(LIMIT, worker.collect(&collection))
                    .await
                    .unwrap_or_else(|_| Err(format!("not done within {} s", LIMIT.as_secs())))
            });
            (collector.name(), task)
        })
        .collect();
    let mut files = Vec::new();
    for (name, task) in tasks {
        let collected = match task.await {
            Ok(Ok(collected)) => collected,
            Ok(Err(reason)) => {
                failed(recorder, name, reason);
                continue;
            }
            Err(error) => {
                failed(recorder, name, format!("the collector broke: {error}"));
                continue;
            }
        };
        for file in collected {
            write(
                folder,
                recorder,
                &mut files,
                name,
                &file.path,
                &file.content,
            );
        }
    }
    files
}

/// Writes what the runner itself knows: log, steps, the page to read first, the list of files.
pub(in crate::e2e) fn write_pages(
    folder: &Folder,
    page: &FailurePage<'_>,
    mut files: Vec<FileRecord>,
    recorder: &Recorder,
) {
    const PRODUCER: &str = "runner";
    let events = page.events;
    let log: Vec<String> = events
        .iter()
        .filter_map(|event| log_line(event.elapsed_ms, &event.what))
        .collect();
    let steps: Vec<String> = events
        .iter()
        .filter(|event| matches!(event.what, What::StepStarted { .. } | What::Observed { .. }))
        .map(|event| {
            serde_json::json!({
                "at": event.at,
                "elapsed-ms": event.elapsed_ms,
                "what": event.what,
            })
            .to_string()
        })
        .collect();
    let pages = [
        ("case.log", log.join("\n") + "\n"),
        ("steps.jsonl", steps.join("\n") + "\n"),
        ("failure.md", page.to_string()),
    ];
    for (path, content) in pages {
        write(folder, recorder, &mut files, PRODUCER, path, &content);
    }
    let index = serde_json::to_string_pretty(&files).expect("records of files are plain data");
    write(
        folder,
        recorder,
        &mut files,
        PRODUCER,
        "index.json",
        &(index + "\n"),
    );
}

fn write(
    folder: &Folder,
    recorder: &Recorder,
    files: &mut Vec<FileRecord>,
    producer: &'static str,
    path: &str,
    content: &str,
) {
    match folder.write(path, producer, content) {
        Ok(record) => {
            recorder.record(What::ArtifactWritten {
                case: recorder.case().to_owned(),
                attempt: recorder.attempt(),
                path: record.full.clone(),
                bytes: record.bytes as u64,
            });
            files.push(record);
        }
        Err(error) => {
            let reason = std::error::Error::source(&error)
                .map_or_else(|| error.to_string(), |source| format!("{error}: {source}"));
            failed(recorder, producer, reason);
        }
    }
}

fn failed(recorder: &Recorder, collector: &str, reason: String) {
    recorder.record(What::CollectionFailed {
        case: recorder.case().to_owned(),
        attempt: recorder.attempt(),
        collector: collector.to_owned(),
        reason,
    });
}
