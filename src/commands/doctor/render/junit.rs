//! A report as JUnit XML: a suite per group, a case per check.

use std::collections::BTreeMap;

use quick_junit::{NonSuccessKind, Property, Report as Xml, TestCase, TestCaseStatus, TestSuite};
use thiserror::Error;

use crate::doctor::{Group, Item, Report, Status};

/// The report cannot be written as XML.
#[derive(Debug, Error)]
#[error("the JUnit report cannot be written")]
pub(in crate::commands::doctor) struct JunitError(#[from] quick_junit::SerializeError);

/// The report as XML. A check that does not apply here is left out; one that could not be answered
/// counts as skipped and says so.
pub(in crate::commands::doctor) fn junit(report: &Report) -> Result<String, JunitError> {
    let mut suites: BTreeMap<Group, TestSuite> = BTreeMap::new();
    for item in report.items.iter().filter(|item| item.applies()) {
        let suite = suites.entry(item.group).or_insert_with(|| {
            let mut suite = TestSuite::new(format!("doctor.{}", item.group));
            suite.add_properties([
                Property::new("target", report.header.target.to_string()),
                Property::new("profile", report.header.profile.to_string()),
            ]);
            suite
        });
        suite.add_test_case(case(item));
    }
    let mut xml = Xml::new("garden6 doctor");
    xml.add_test_suites(suites.into_values());
    Ok(xml.to_string()? + "\n")
}

fn case(item: &Item) -> TestCase {
    let status = match item.status {
        Status::Fail => failure(NonSuccessKind::Failure, item),
        Status::Error => failure(NonSuccessKind::Error, item),
        Status::Skip | Status::Unknown => {
            let mut status = TestCaseStatus::skipped();
            status.set_type(item.status.word());
            status.set_message(item.summary.as_str());
            status
        }
        Status::Pass | Status::Info | Status::Warn => TestCaseStatus::success(),
    };
    let mut case = TestCase::new(format!("{} {}", item.id, item.title), status);
    case.set_classname(format!("garden6.doctor.{}", item.group));
    if matches!(item.status, Status::Info | Status::Warn) {
        case.set_system_out(format!(
            "{}: {}\n{}",
            item.status,
            item.summary,
            advice(item)
        ));
    }
    case
}

fn failure(kind: NonSuccessKind, item: &Item) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_type(item.status.word());
    status.set_message(item.summary.as_str());
    status.set_description(format!("{}\n{}", item.why, advice(item)));
    status
}

fn advice(item: &Item) -> String {
    let mut lines = Vec::new();
    if let Some(remedy) = &item.remedy {
        lines.push(remedy.text.clone());
        lines.extend(remedy.commands.iter().map(|command| format!("$ {command}")));
    }
    lines.push(item.documentation.clone());
    lines.join("\n")
}
