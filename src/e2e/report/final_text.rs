//! The text at the end of a run: failures first, then flakes, slow cases and skips by reason.

use std::collections::BTreeMap;

use super::live::{block, seconds};
use crate::e2e::{
    failure::SkipCode,
    outcome::Outcome,
    summary::{CaseRecord, Summary},
};

/// From when on a passed case is called slow.
const SLOW_MS: u64 = 5000;
/// How many slow cases are named.
const SLOW_SHOWN: usize = 5;
/// Failures in the order in which they are shown.
const FAILURES: [Outcome; 4] = [
    Outcome::Failed,
    Outcome::TimedOut,
    Outcome::Error,
    Outcome::Leaked,
];

/// The end of a run as text for people.
pub fn final_text(summary: &Summary) -> String {
    let mut lines: Vec<String> = Vec::new();
    for record in summary.with(&FAILURES) {
        lines.push(headline(record));
        lines.extend(record.failure.iter().flat_map(block));
        if let Some(page) = record.failure_page() {
            lines.push(format!("        see       {page}"));
        }
    }
    for record in summary.with(&[Outcome::Flaky]) {
        lines.push(headline(record));
        lines.push(format!(
            "        passed on attempt {}, before:",
            record.attempts.len()
        ));
        lines.extend(record.failure.iter().flat_map(block));
    }
    let cancelled: Vec<&str> = summary
        .with(&[Outcome::Cancelled])
        .map(|record| record.case.as_str())
        .collect();
    if !cancelled.is_empty() {
        lines.push(format!("CANCEL  {}", cancelled.join(", ")));
    }
    lines.extend(slow(summary));
    lines.extend(skips(summary));
    lines.push(format!("{} in {}", summary.tally, seconds(summary.took_ms)));
    lines.extend(rerun(summary));
    lines.join("\n") + "\n"
}

fn headline(record: &CaseRecord) -> String {
    let tag = record.outcome.map_or("", Outcome::tag);
    format!("{tag:<7} {} {}", record.case, record.title)
}

fn slow(summary: &Summary) -> Vec<String> {
    let mut slow: Vec<&CaseRecord> = summary
        .with(&[Outcome::Passed])
        .filter(|record| record.took_ms >= SLOW_MS)
        .collect();
    slow.sort_by_key(|record| std::cmp::Reverse(record.took_ms));
    slow.iter()
        .take(SLOW_SHOWN)
        .map(|record| format!("SLOW    {} {}", record.case, seconds(record.took_ms)))
        .collect()
}

fn skips(summary: &Summary) -> Vec<String> {
    let mut reasons: BTreeMap<(SkipCode, &str), Vec<&str>> = BTreeMap::new();
    for record in summary.with(&[Outcome::Skipped]) {
        if let Some(skip) = &record.skip {
            reasons
                .entry((skip.code, &skip.text))
                .or_default()
                .push(record.id());
        }
    }
    reasons
        .into_iter()
        .map(|((code, text), cases)| {
            let count = cases.len();
            format!("SKIP    {count} × {code}: {text}: {}", cases.join(", "))
        })
        .collect()
}

/// The command that runs what did not pass once more, with the same names.
fn rerun(summary: &Summary) -> Option<String> {
    let ids: Vec<&str> = summary
        .with(&FAILURES)
        .chain(summary.with(&[Outcome::Flaky]))
        .map(CaseRecord::id)
        .collect();
    let command = rerun_command(&ids, summary.seed);
    (!ids.is_empty()).then(|| format!("again: {command}"))
}

/// The command that runs cases again with the names of a seed.
pub(super) fn rerun_command(ids: &[&str], seed: crate::e2e::seed::Seed) -> String {
    format!("garden6 e2e run {} --seed {seed}", ids.join(" "))
}
