//! JUnit XML for prow, TestGrid, GitHub and Jenkins.

use std::{collections::BTreeMap, time::Duration};

use quick_junit::{
    NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestRerun, TestSuite,
};
use thiserror::Error;

use crate::e2e::{
    failure::Failure,
    outcome::Outcome,
    summary::{AttemptRecord, CaseRecord, Summary},
};

/// How a case that passed on a retry is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum JunitDialect {
    /// `flakyFailure` and `rerunFailure` inside one test case, as Maven and nextest do.
    #[default]
    Rerun,
    /// Each attempt is a test case of the same name: prow's Spyglass and TestGrid see a flake
    /// only when the same name appears failed and passed in one file.
    Duplicate,
}

/// The report cannot be written as XML.
#[derive(Debug, Error)]
#[error("the JUnit report cannot be written")]
pub struct JunitError(#[from] quick_junit::SerializeError);

/// A run as JUnit XML: one suite per area, one test case per case.
///
/// Characters that XML does not allow, and terminal escapes, are left out.
pub fn junit(summary: &Summary, dialect: JunitDialect) -> Result<String, JunitError> {
    let lane = summary
        .lane
        .map_or_else(|| "selected".to_owned(), |lane| lane.to_string());
    let mut suites: BTreeMap<&str, TestSuite> = BTreeMap::new();
    for record in &summary.cases {
        let suite = suites.entry(&record.area).or_insert_with(|| {
            let mut suite = TestSuite::new(format!("{}[{}]", record.area, variant(record)));
            suite.add_properties(properties(summary));
            suite
        });
        let class = format!("garden6.{lane}.{}", record.area);
        if dialect == JunitDialect::Duplicate && record.attempts.len() > 1 {
            suite.add_test_cases(each_attempt(record, &class));
        } else {
            suite.add_test_case(whole(record, &class));
        }
    }
    let mut report = Report::new("garden6 e2e");
    report.set_time(Duration::from_millis(summary.took_ms));
    report.add_test_suites(suites.into_values());
    Ok(report.to_string()?)
}

fn properties(summary: &Summary) -> Vec<Property> {
    let environment = &summary.environment;
    [
        ("run", summary.run.clone()),
        ("seed", summary.seed.to_string()),
        ("environment", environment.name.clone()),
        ("families", environment.families.clone()),
        ("kubernetes", environment.kubernetes.clone()),
        ("profile", environment.profile.clone()),
    ]
    .into_iter()
    .map(|(name, value)| Property::new(name, value))
    .collect()
}

fn variant(record: &CaseRecord) -> &str {
    record
        .case
        .split_once('[')
        .map_or("", |(_, rest)| rest.trim_end_matches(']'))
}

fn test_case(record: &CaseRecord, class: &str, status: TestCaseStatus, took_ms: u64) -> TestCase {
    let mut case = TestCase::new(format!("{} {}", record.case, record.title), status);
    case.set_classname(class);
    case.set_time(Duration::from_millis(took_ms));
    case
}

/// A case with all its attempts in one.
fn whole(record: &CaseRecord, class: &str) -> TestCase {
    let mut status = match (record.outcome, &record.failure) {
        (Some(Outcome::Skipped), _) => {
            let mut status = TestCaseStatus::skipped();
            if let Some(skip) = &record.skip {
                status.set_type(skip.code.to_string());
                status.set_message(skip.text.as_str());
            }
            status
        }
        (Some(Outcome::Cancelled), failure) => {
            let mut status = TestCaseStatus::skipped();
            status.set_type("cancelled");
            if let Some(failure) = failure {
                status.set_message(failure.message.as_str());
            }
            status
        }
        (Some(Outcome::Passed | Outcome::Flaky), _) => TestCaseStatus::success(),
        (outcome, failure) => bad(outcome.unwrap_or(Outcome::Error), failure.as_ref()),
    };
    if let Some((_, earlier)) = record.attempts.split_last() {
        for attempt in earlier {
            status.add_rerun(rerun(attempt));
        }
    }
    let mut case = test_case(record, class, status, record.took_ms);
    let log: Vec<&str> = record
        .attempts
        .iter()
        .flat_map(|attempt| &attempt.log)
        .map(String::as_str)
        .collect();
    if !log.is_empty() {
        case.set_system_out(log.join("\n"));
    }
    case
}

/// A case as one test case per attempt.
fn each_attempt(record: &CaseRecord, class: &str) -> Vec<TestCase> {
    record
        .attempts
        .iter()
        .map(|attempt| {
            let outcome = attempt.outcome.unwrap_or(Outcome::Error);
            let status = match outcome {
                Outcome::Passed => TestCaseStatus::success(),
                Outcome::Skipped | Outcome::Cancelled => {
                    let mut status = TestCaseStatus::skipped();
                    status.set_type(outcome.word());
                    status
                }
                outcome => bad(outcome, attempt.failure.as_ref()),
            };
            let mut case = test_case(record, class, status, attempt.took_ms);
            case.set_system_out(attempt.log.join("\n"));
            case
        })
        .collect()
}

fn kind(outcome: Outcome) -> NonSuccessKind {
    match outcome {
        Outcome::Error => NonSuccessKind::Error,
        _ => NonSuccessKind::Failure,
    }
}

fn bad(outcome: Outcome, failure: Option<&Failure>) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind(outcome));
    status.set_type(outcome.word());
    if let Some(failure) = failure {
        status.set_message(failure.message.as_str());
        status.set_description(details(failure));
    }
    status
}

fn rerun(attempt: &AttemptRecord) -> TestRerun {
    let outcome = attempt.outcome.unwrap_or(Outcome::Error);
    let mut rerun = TestRerun::new(kind(outcome));
    rerun.set_time(Duration::from_millis(attempt.took_ms));
    rerun.set_type(outcome.word());
    if let Some(failure) = &attempt.failure {
        rerun.set_message(failure.message.as_str());
        rerun.set_description(details(failure));
    }
    rerun.set_system_out(attempt.log.join("\n"));
    rerun
}

fn details(failure: &Failure) -> String {
    super::live::block(failure)
        .iter()
        .map(|line| line.trim_start())
        .collect::<Vec<_>>()
        .join("\n")
}
