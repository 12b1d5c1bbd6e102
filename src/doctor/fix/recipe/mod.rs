//! What each check asks for when it is to be repaired: facts in, repairs out.

mod daemon;
mod files;
mod modules;
mod network;
mod settings;

use super::{
    action::Action,
    run::{Repair, Restarts},
};
use crate::doctor::{Facts, FixClass, Item, Report, Status, facts::EngineMachine};

/// A repair that is proposed for a finding.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// The repair.
    pub repair: Repair,
    /// What it takes.
    pub class: FixClass,
    /// What the user should know beforehand.
    pub notes: Vec<String>,
    /// What has to happen before it takes effect; such a repair is not held against its check.
    pub pending: Option<&'static str>,
}

impl Proposal {
    /// The commands that a person would type for it.
    pub fn commands(&self) -> Vec<String> {
        let check = &self.repair.check;
        self.repair
            .actions
            .iter()
            .flat_map(|action| action.commands(check))
            .collect()
    }

    /// Whether root has to do a part of it.
    pub fn is_privileged(&self) -> bool {
        self.repair.actions.iter().any(Action::is_privileged)
    }

    /// Whether it may be carried out with these permissions.
    pub fn is_allowed(&self, restarts: Restarts) -> bool {
        match self.class {
            FixClass::Safe | FixClass::Root => true,
            FixClass::Restart => restarts == Restarts::Allowed,
            FixClass::None | FixClass::Reboot | FixClass::Manual => false,
        }
    }
}

/// What recipes say; the rest of a proposal follows from the check.
#[derive(Debug, Default)]
struct Recipe {
    actions: Vec<Action>,
    notes: Vec<String>,
    restarts: bool,
    pending: Option<&'static str>,
}

impl Recipe {
    fn of(actions: impl IntoIterator<Item = Action>) -> Option<Self> {
        let actions: Vec<Action> = actions.into_iter().collect();
        (!actions.is_empty()).then(|| Self {
            actions,
            ..Self::default()
        })
    }

    fn noting(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }
}

/// Repairs for everything in a report that can be repaired, in the order in which to do them.
///
/// Findings of kind `info` need nothing; they are repaired only where `named` has their id.
/// Nothing is proposed for an engine on another machine.
pub fn proposals(facts: &Facts, report: &Report, named: &[String]) -> Vec<Proposal> {
    if facts.engine != EngineMachine::SameAsHost {
        return Vec::new();
    }
    let mut found: Vec<Proposal> = report
        .items
        .iter()
        .filter(|item| {
            item.status >= Status::Warn && item.status != Status::Error
                || item.status == Status::Info && named.contains(&item.id)
        })
        .filter_map(|item| proposal(facts, item))
        .collect();
    // What needs a restart comes last, so that one restart serves all that came before.
    found.sort_by_key(|proposal| proposal.class == FixClass::Restart);
    found
}

fn proposal(facts: &Facts, item: &Item) -> Option<Proposal> {
    if !item.fix.is_automatic() && item.id != "docker-firewall-backend" {
        return None;
    }
    let id = item.id.as_str();
    let recipe = settings::recipe(id, facts)
        .or_else(|| modules::recipe(id, facts))
        .or_else(|| files::recipe(id, facts))
        .or_else(|| network::recipe(id, facts))
        .or_else(|| daemon::recipe(id, facts))?;
    let class = match (recipe.restarts, item.fix) {
        (true, _) => FixClass::Restart,
        // A kernel setting may do where the catalogue thinks of a restart.
        (false, FixClass::Restart) => FixClass::Root,
        (false, class) => class,
    };
    Some(Proposal {
        repair: Repair {
            check: item.id.clone(),
            actions: recipe.actions,
        },
        class,
        notes: recipe.notes,
        pending: recipe.pending,
    })
}

#[cfg(test)]
mod tests;
