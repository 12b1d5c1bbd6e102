//! Running checks over a snapshot.

use std::panic::{self, AssertUnwindSafe};

use super::{
    Evidence, Facts, Request, Scope, Status, Subject,
    ask::{Ask, EngineTrouble},
    catalogue::{self, Check, EngineNeed, UnknownCheck},
    finding::{Finding, Gap, Verdict},
    report::{Item, Report, SkipKind},
    roots,
};

/// Runs the checks that a request asks for.
pub fn run(facts: &Facts, request: &Request) -> Result<Report, UnknownCheck> {
    let selected = catalogue::select(&request.only)?;
    for id in request.skips.keys() {
        catalogue::known(id)?;
    }
    let subject = Subject::of(facts, request.target, request.profile);
    // Checks that were not asked for may still be the cause of those that were.
    let mut items: Vec<Item> = catalogue::all()
        .map(|check| evaluate(check, facts, &subject))
        .collect();
    for item in &mut items {
        let reason = request
            .skips
            .get(&item.id)
            .or_else(|| request.skips.get(item.group.word()));
        if let Some(reason) = reason {
            item.switch_off(reason);
        }
    }
    roots::assign(&mut items);
    items.retain(|item| selected.iter().any(|check| check.id == item.id));
    Ok(Report::new(facts, subject, &items))
}

/// Runs one check.
pub fn evaluate(check: &'static Check, facts: &Facts, subject: &Subject) -> Item {
    let subject = *subject;
    let ceiling = check.worst(subject.target, subject.profile);
    if let Some(reason) = not_applicable(check, subject, ceiling) {
        return Item::skipped(check, subject, SkipKind::NotApplicable, reason, None);
    }
    if let Some((cause, reason)) = without_engine(check, facts, subject) {
        return Item::skipped(check, subject, SkipKind::Prerequisite, reason, Some(cause));
    }
    let ask = Ask::new(facts, &subject);
    // A defect in one rule must not hide what the others found.
    let verdict = panic::catch_unwind(AssertUnwindSafe(|| (check.run)(&ask)));
    let verdict: Result<Verdict, ()> = verdict.map_err(drop);
    let evidence: Vec<Evidence> = ask.into_evidence();
    let item = match verdict {
        Ok(Ok(finding)) => Item::found(check, subject, clamp(finding, ceiling)),
        Ok(Err(Gap::Skip(reason))) => {
            Item::skipped(check, subject, SkipKind::AtRunTime, reason, None)
        }
        Ok(Err(Gap::Unknown(reason))) => Item::without(check, subject, Status::Unknown, reason),
        Ok(Err(Gap::NotRecorded { scope, key })) => {
            let reason = not_recorded(check, scope, &key);
            Item::without(check, subject, Status::Error, reason)
        }
        Err(()) => {
            let reason = format!(
                "the rule of {} broke down; this is a defect of garden6",
                check.id
            );
            Item::without(check, subject, Status::Error, reason)
        }
    };
    item.with_evidence(evidence)
}

fn not_recorded(check: &Check, scope: Scope, key: &str) -> String {
    format!(
        "{} asks for `{key}` of the {scope}, which was not recorded: the snapshot is older than the check, or the check is wrong",
        check.id
    )
}

fn not_applicable(check: &Check, subject: Subject, ceiling: Option<Status>) -> Option<String> {
    if !check.platforms.contains(&subject.platform) {
        return Some(format!("not for {}", subject.platform));
    }
    if ceiling.is_none() {
        return Some(format!("not for {}", subject.profile));
    }
    let missing = check.needs.iter().find(|need| !need.is_met(&subject));
    missing.map(|need| format!("only with {need}"))
}

fn without_engine(
    check: &Check,
    facts: &Facts,
    subject: Subject,
) -> Option<(&'static str, String)> {
    let needed = match check.engine {
        EngineNeed::Free => false,
        EngineNeed::Needed => true,
        EngineNeed::NeededUnlessGardener => subject.target != super::Target::Gardener,
    };
    let trouble = EngineTrouble::of(facts).filter(|_| needed)?;
    let cause = trouble.check(subject.platform);
    if cause == check.id {
        return None;
    }
    Some((cause, format!("the engine cannot be asked, see {cause}")))
}

fn clamp(mut finding: Finding, ceiling: Option<Status>) -> Finding {
    if let Some(ceiling) = ceiling {
        finding.status = finding.status.min(ceiling);
    }
    finding
}
