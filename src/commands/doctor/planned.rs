//! Repairs as the user sees them: before, and after.

use std::path::PathBuf;

use serde::Serialize;

use super::render::wrapped;
use crate::{
    doctor::{
        FixClass,
        fix::{Proposal, with_sudo},
    },
    ui::Style,
};

/// How far a repair is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", tag = "state", content = "reason")]
pub(super) enum State {
    /// It would be made.
    Planned,
    /// It was made, and its check is content.
    Repaired,
    /// It was made; the check is content once something else has happened.
    Pending(String),
    /// All was so already.
    Unchanged,
    /// It was made, did not help, and was taken back.
    NoEffect,
    /// It failed, and what it had changed was taken back.
    Failed(String),
    /// Only root can make it.
    NeedsRoot,
    /// It restarts Docker, which was not allowed.
    NeedsRestart,
}

impl State {
    /// Whether something remains to be done.
    const fn is_open(&self) -> bool {
        !matches!(self, Self::Repaired | Self::Unchanged)
    }
}

/// One repair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Planned {
    /// The check.
    pub(super) check: String,
    /// What it takes.
    pub(super) class: FixClass,
    /// What a person would type.
    pub(super) commands: Vec<String>,
    /// What the user should know.
    pub(super) notes: Vec<String>,
    /// How far it is.
    #[serde(flatten)]
    pub(super) state: State,
    /// What was changed.
    pub(super) changes: Vec<String>,
}

/// All repairs of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Repairs {
    /// Where they are remembered.
    pub(super) journal: PathBuf,
    /// Each of them.
    pub(super) repairs: Vec<Planned>,
}

impl Planned {
    /// A proposal, as root or as somebody else.
    pub(super) fn of(proposal: &Proposal, state: State, is_root: bool) -> Self {
        let sudo = proposal.is_privileged() && !is_root;
        Self {
            check: proposal.repair.check.clone(),
            class: proposal.class,
            commands: proposal
                .commands()
                .iter()
                .map(|command| {
                    if sudo {
                        with_sudo(command)
                    } else {
                        command.clone()
                    }
                })
                .collect(),
            notes: proposal.notes.clone(),
            state,
            changes: Vec::new(),
        }
    }
}

/// The plan as text.
pub(super) fn plan_text(repairs: &[Planned], style: Style, width: usize) -> String {
    if repairs.is_empty() {
        return "There is nothing that can be repaired here.\n".to_owned();
    }
    let mut text = format!("{}\n", style.strong("Plan"));
    for planned in repairs {
        let remark = match planned.state {
            State::NeedsRoot => ", which only root can do",
            State::NeedsRestart => ", not without --allow-restart",
            _ => "",
        };
        let title = style.strong(&planned.check);
        text += &["  ", &title, " (", planned.class.word(), ")", remark, "\n"].concat();
        for note in &planned.notes {
            text += &["      ", &wrapped(note, width, 6), "\n"].concat();
        }
        for command in &planned.commands {
            text += &["    ", &style.hint(command), "\n"].concat();
        }
    }
    text
}

/// What came of it, as text.
pub(super) fn outcome_text(repairs: &Repairs, style: Style) -> String {
    let mut text = String::new();
    for planned in &repairs.repairs {
        let (word, reason) = match &planned.state {
            State::Planned => continue,
            State::Repaired => (style.good("repaired"), String::new()),
            State::Pending(what) => (style.warning("pending"), format!(": {what}")),
            State::Unchanged => (style.good("unchanged"), ": all is so already".to_owned()),
            State::NoEffect => (
                style.warning("no effect"),
                ": the check is not content, so it was taken back".to_owned(),
            ),
            State::Failed(reason) => (style.bad("failed"), format!(": {reason}")),
            State::NeedsRoot => (
                style.warning("left"),
                ": run the commands above as root".to_owned(),
            ),
            State::NeedsRestart => (style.warning("left"), ": needs --allow-restart".to_owned()),
        };
        text += &[word.as_str(), " ", &planned.check, &reason, "\n"].concat();
        for change in &planned.changes {
            text += &["    ", change, "\n"].concat();
        }
    }
    if repairs.repairs.iter().any(|one| !one.changes.is_empty()) {
        let command = style.hint("garden6 doctor --undo");
        text += &[command.as_str(), " takes it all back\n"].concat();
    }
    if repairs.repairs.iter().any(|one| one.state.is_open()) {
        text.push('\n');
    }
    text
}
