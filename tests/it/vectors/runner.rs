//! Finds vector files, runs them and counts.

use std::{
    collections::BTreeMap,
    fmt, fs,
    path::{Path, PathBuf},
};

use garden6::yaml;
use serde_json::Value;

/// What is known about a vector file.
#[derive(Clone, Copy)]
pub(super) enum Runner {
    /// This function runs the file.
    Here(fn(&Value) -> Vec<Case>),
    /// Another test of this binary runs the file.
    Elsewhere(&'static str),
}

/// One vector that was run.
pub(super) struct Case {
    /// The vector's name, unique in its file.
    pub(super) id: String,
    /// What was wrong, if anything.
    pub(super) verdict: Result<(), String>,
}

/// What became of one file.
pub(super) struct Report {
    file: String,
    passed: usize,
    /// What was wrong, one text per vector.
    pub(super) failed: Vec<String>,
    skipped: Vec<String>,
    note: Option<String>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(note) = &self.note {
            return write!(f, "{}: {note}", self.file);
        }
        write!(
            f,
            "{}: {} passed, {} failed, {} skipped",
            self.file,
            self.passed,
            self.failed.len(),
            self.skipped.len()
        )?;
        for text in &self.failed {
            write!(f, "\n  failed  {text}")?;
        }
        for text in &self.skipped {
            write!(f, "\n  skipped {text}")?;
        }
        Ok(())
    }
}

type Skips = BTreeMap<String, BTreeMap<String, String>>;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors");
const SKIPS: &str = "skips.yaml";

/// Runs every vector file of the folder.
pub(super) fn run(table: &[(&str, Runner)]) -> Vec<Report> {
    let folder = std::env::var_os("GARDEN6_VECTORS").map_or_else(|| FOLDER.into(), PathBuf::from);
    let skips = skips();
    files(&folder)
        .iter()
        .map(|path| run_file(path, table, &skips))
        .collect()
}

fn skips() -> Skips {
    let path = Path::new(FOLDER).join(SKIPS);
    let text = fs::read_to_string(&path).expect("the list of skips is readable");
    let skips: Option<Skips> = yaml::parse(&text, SKIPS).expect("the list of skips is valid");
    let skips = skips.unwrap_or_default();
    for (file, reasons) in &skips {
        for (id, reason) in reasons {
            assert!(!reason.trim().is_empty(), "{file}: {id}: no reason");
        }
    }
    skips
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("cannot list {}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("the folder can be listed").path())
        .filter(|path| path.is_file() && path.file_name().is_some_and(|name| name != SKIPS))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "no vectors in {}", folder.display());
    files
}

fn run_file(path: &Path, table: &[(&str, Runner)], skips: &Skips) -> Report {
    let file = path
        .file_name()
        .expect("a listed file has a name")
        .to_string_lossy()
        .into_owned();
    let mut report = Report {
        file: file.clone(),
        passed: 0,
        failed: Vec::new(),
        skipped: Vec::new(),
        note: None,
    };
    let run = match table.iter().find(|(name, _)| *name == file) {
        Some((_, Runner::Here(run))) => run,
        Some((_, Runner::Elsewhere(test))) => {
            report.note = Some(format!("run by {test}"));
            return report;
        }
        None => {
            report
                .failed
                .push("nothing knows how to run this file".to_owned());
            return report;
        }
    };
    let content = fs::read_to_string(path)
        .map_err(|error| error.to_string())
        .and_then(|text| yaml::parse(&text, &file).map_err(|error| error.to_string()));
    let content: Value = match content {
        Ok(content) => content,
        Err(error) => {
            report.failed.push(error);
            return report;
        }
    };
    let reasons = skips.get(&file);
    for Case { id, verdict } in run(&content) {
        if let Some(reason) = reasons.and_then(|reasons| reasons.get(&id)) {
            report.skipped.push(format!("{id}: {reason}"));
            continue;
        }
        match verdict {
            Ok(()) => report.passed += 1,
            Err(what) => report.failed.push(format!("{id}: {what}")),
        }
    }
    if report.passed + report.failed.len() + report.skipped.len() == 0 {
        report.failed.push("the file holds no vector".to_owned());
    }
    report
}
