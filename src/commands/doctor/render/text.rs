//! A report for people: what is wrong, worst first, and what to do about it on this machine.

use std::{collections::BTreeMap, time::Duration};

use super::wrapped;
use crate::{
    doctor::{
        FixClass, Item, Report, SkipKind, Status,
        fix::{Proposal, Restarts},
    },
    ui::Style,
};

/// How the text is to look.
#[derive(Clone, Copy, Debug)]
pub(in crate::commands::doctor) struct Look {
    /// Colours.
    pub(in crate::commands::doctor) style: Style,
    /// Columns.
    pub(in crate::commands::doctor) width: usize,
    /// Whether to show what is good, and what was read.
    pub(in crate::commands::doctor) verbose: bool,
}

/// Columns of the word in front, and of what belongs to a finding.
const MARK: usize = 8;
const INDENT: usize = 16;
/// From how many on unknown checks of one reason are one line.
const MANY: usize = 3;

/// The report as text.
pub(in crate::commands::doctor) fn report(
    report: &Report,
    proposals: &[Proposal],
    took: Option<Duration>,
    look: Look,
) -> String {
    let mut text = header(report, look);
    for item in report
        .items
        .iter()
        .filter(|item| is_finding(item, report, look.verbose))
    {
        text.push_str(&finding(item, proposals, look));
    }
    text.push_str(&unknowns(report, look));
    for item in report
        .items
        .iter()
        .filter(|item| item.status == Status::Info)
    {
        text.push_str(&line(item, look));
    }
    if look.verbose {
        for status in [Status::Skip, Status::Pass] {
            let shown = report
                .items
                .iter()
                .filter(|item| item.status == status && item.applies());
            for item in shown {
                text.push_str(&line(item, look));
                text.push_str(&evidence(item));
            }
        }
    }
    text.push_str(&footer(report, proposals, took, look));
    text
}

fn header(report: &Report, look: Look) -> String {
    let header = &report.header;
    let kernel = header
        .kernel
        .as_ref()
        .map_or_else(String::new, |kernel| format!(", kernel {kernel}"));
    let engine = header.engine.as_ref().map_or_else(
        || "no engine answers".to_owned(),
        |version| format!("Docker {version} ({})", header.provider),
    );
    let place = header
        .endpoint
        .as_ref()
        .map_or_else(String::new, |endpoint| format!(" at {endpoint}"));
    let context = header
        .context
        .as_ref()
        .filter(|context| *context != "default")
        .map_or_else(String::new, |context| format!(", context {context}"));
    let target = format!("{} {}", header.target, header.profile);
    let mut lines = vec![
        format!(
            "host    {} for {}{kernel}",
            header.platform,
            look.style.strong(target)
        ),
        format!("engine  {engine}{place}{context}"),
    ];
    if header.engine_machine_hidden {
        lines.push(
            "note    the engine runs on another machine, into which there is no shell".to_owned(),
        );
    } else if header.two_machines {
        lines.push("note    the engine runs on another machine than this command".to_owned());
    }
    lines.push(String::new());
    lines.join("\n") + "\n"
}

/// Findings are shown in full, unless they only follow from another one that is shown and not
/// everything is asked for.
fn is_finding(item: &Item, report: &Report, everything: bool) -> bool {
    let is_shown = |id: &String| {
        report
            .item(id)
            .is_some_and(|cause| cause.status >= Status::Warn)
    };
    item.status >= Status::Warn && (everything || !item.caused_by.as_ref().is_some_and(is_shown))
}

fn mark(status: Status, style: Style) -> String {
    let word = format!("{:<MARK$}", status.word().to_uppercase());
    match status {
        Status::Fail | Status::Error => style.bad(word),
        Status::Warn => style.warning(word),
        Status::Pass => style.good(word),
        Status::Unknown | Status::Info | Status::Skip => style.dim(word),
    }
}

/// A finding as one line.
fn line(item: &Item, look: Look) -> String {
    let text = format!("{}: {}", item.id, item.summary);
    let mark = mark(item.status, look.style);
    format!("{mark}{}\n", wrapped(&text, look.width, MARK))
}

/// A finding with everything that helps.
fn finding(item: &Item, proposals: &[Proposal], look: Look) -> String {
    let style = look.style;
    let summary = wrapped(&format!("{}: {}", item.id, item.summary), look.width, MARK);
    let summary = summary.replacen(&item.id, &style.strong(&item.id), 1);
    let mut text = format!("{}{summary}\n", mark(item.status, style));
    let mut row = |name: &str, value: &str| {
        let name = style.dim(format!("{name:<8}"));
        text += &[" ".repeat(MARK).as_str(), &name, value, "\n"].concat();
    };
    if let (Some(observed), Some(expected)) = (&item.observed, &item.expected) {
        let values = format!("{observed}, wanted {expected}");
        row("found", &wrapped(&values, look.width, INDENT));
    }
    row("why", &wrapped(&item.why, look.width, INDENT));
    if let Some(remedy) = &item.remedy {
        row("do", &wrapped(&remedy.text, look.width, INDENT));
        for command in &remedy.commands {
            row("", &style.hint(format!("$ {command}")));
        }
    }
    let proposal = proposals.iter().find(|one| one.repair.check == item.id);
    if let Some(proposal) = proposal {
        row("fixable", &fixable(proposal, style));
    }
    if !item.causes.is_empty() {
        let others = format!(
            "{} more follow from it: {}",
            item.causes.len(),
            item.causes.join(", ")
        );
        row("causes", &wrapped(&others, look.width, INDENT));
    }
    row("more", &item.documentation);
    if look.verbose {
        text.push_str(&evidence(item));
    }
    text.push('\n');
    text
}

fn fixable(proposal: &Proposal, style: Style) -> String {
    let switch = if proposal.is_allowed(Restarts::Harmless) {
        ""
    } else {
        " --allow-restart"
    };
    let sudo = if proposal.is_privileged() {
        "sudo "
    } else {
        ""
    };
    let command = format!(
        "{sudo}garden6 doctor --fix{switch} --only {}",
        proposal.repair.check
    );
    format!("{}, by {}", proposal.class.word(), style.hint(command))
}

fn evidence(item: &Item) -> String {
    let lines = item.evidence.iter().map(|evidence| {
        let value = evidence.value.trim().replace('\n', " | ");
        format!("{:MARK$}read    {} = {value}\n", "", evidence.key)
    });
    lines.collect::<Vec<_>>().concat()
}

/// What could not be found out; many for one reason are one line.
fn unknowns(report: &Report, look: Look) -> String {
    let items: Vec<&Item> = report
        .items
        .iter()
        .filter(|item| item.status == Status::Unknown)
        .collect();
    let mut by_reason: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for item in &items {
        by_reason.entry(reason(item)).or_default().push(&item.id);
    }
    let mut text = String::new();
    for item in items {
        match by_reason.get(reason(item)) {
            Some(ids) if ids.len() >= MANY => {
                if ids.first() == Some(&item.id.as_str()) {
                    let all = format!("{} checks: {}: {}", ids.len(), reason(item), ids.join(", "));
                    let mark = mark(Status::Unknown, look.style);
                    text += &[mark.as_str(), &wrapped(&all, look.width, MARK), "\n"].concat();
                }
            }
            _ => text.push_str(&line(item, look)),
        }
    }
    text
}

/// The end of a summary that names a fact and why it is missing.
fn reason(item: &Item) -> &str {
    item.summary
        .split_once(": ")
        .map_or(item.summary.as_str(), |(_, reason)| reason)
}

fn footer(report: &Report, proposals: &[Proposal], took: Option<Duration>, look: Look) -> String {
    let counts: Vec<String> = Status::WORST_FIRST
        .iter()
        .filter(|status| report.count(**status) > 0)
        .map(|status| format!("{} {status}", report.count(*status)))
        .collect();
    let took = took.map_or_else(String::new, |took| {
        format!(" in {:.1} s", took.as_secs_f64())
    });
    let counted = format!("{}{took}", counts.join(", "));
    let mut text = format!("{}\n", look.style.strong(counted));
    let off: Vec<String> = report
        .items
        .iter()
        .filter(|item| item.skip == Some(SkipKind::User))
        .filter_map(|item| {
            let hidden = item.hidden.filter(|status| *status >= Status::Warn)?;
            Some(format!("{} (would {hidden})", item.id))
        })
        .collect();
    if !off.is_empty() {
        let off = format!("switched off: {}", off.join(", "));
        text += &[wrapped(&off, look.width, 2).as_str(), "\n"].concat();
    }
    text += &[next(report, proposals, look.style).as_str(), "\n"].concat();
    text
}

/// What to do next.
fn next(report: &Report, proposals: &[Proposal], style: Style) -> String {
    let of = |class: FixClass| proposals.iter().filter(|one| one.class == class).count();
    let classes: Vec<String> = [FixClass::Safe, FixClass::Root, FixClass::Restart]
        .into_iter()
        .filter(|class| of(*class) > 0)
        .map(|class| format!("{} {}", of(class), class.word()))
        .collect();
    if !classes.is_empty() {
        let command = style.hint("garden6 doctor --fix --dry-run");
        return format!(
            "next: {command} shows how {} can be repaired",
            classes.join(" and ")
        );
    }
    let first = report.items.iter().find(|item| item.status >= Status::Warn);
    match first {
        Some(item) => {
            let command = style.hint(format!("garden6 doctor explain {}", item.id));
            format!("next: {command}")
        }
        None => format!("next: {}", style.hint("garden6 up")),
    }
}
