//! `--fix`: plan, consent, change, look again, and take back what did not help.

use std::{
    io::IsTerminal as _,
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    Consent, Request, examine, journal, look,
    planned::{Planned, Repairs, State, outcome_text, plan_text},
    show,
};
use crate::{
    clock::SystemClock,
    commands::Context,
    counted::counted,
    doctor::{
        Facts, Report, Status,
        fix::{FixError, Hands, Journal, Proposal, Repair, Restarts, proposals},
        live::{ENGINE_TIME_OUT, endpoint::Endpoint, engine::EngineClient},
    },
    failure::Failure,
    fsutil::{LockFile, create_private_dir},
    ui::{ReportFormat, terminal_width},
};

/// Time to wait for another call that repairs.
const LOCK_WAIT: Duration = Duration::from_secs(5);
/// Time for the engine to remove or create a network.
const ENGINE: Duration = Duration::from_secs(30);

/// A call of `--fix`.
pub(super) struct Job<'a> {
    pub(super) context: &'a Context,
    pub(super) request: &'a Request,
    pub(super) restarts: Restarts,
    pub(super) facts: Facts,
    pub(super) report: Report,
    pub(super) took: Option<Duration>,
}

impl Job<'_> {
    /// Repairs what may be repaired; afterwards facts and report are those of the machine as it is
    /// then.
    pub(super) async fn run(&mut self, consent: Consent) -> Result<Repairs, Failure> {
        let text = self.request.format == ReportFormat::Text;
        let is_root = nix::unistd::geteuid().is_root();
        let found = proposals(&self.facts, &self.report, &self.request.only);
        let mut repairs = Repairs {
            journal: journal(self.context).0,
            repairs: found
                .iter()
                .map(|proposal| Planned::of(proposal, self.state(proposal, is_root), is_root))
                .collect(),
        };
        if text {
            show(
                self.context,
                &self.facts,
                &self.report,
                self.took,
                self.request,
            )?;
            let style = self.context.ui.data_style();
            let width = terminal_width(std::io::stdout().is_terminal());
            let plan = plan_text(&repairs.repairs, style, width);
            self.context.ui.data(&format!("\n{plan}"))?;
        }
        let planned: Vec<Proposal> = found
            .into_iter()
            .filter(|proposal| self.state(proposal, is_root) == State::Planned)
            .collect();
        if planned.is_empty() || !self.is_agreed(consent, planned.len()) {
            return Ok(repairs);
        }
        self.carry_out(&planned, &mut repairs).await?;
        if text {
            let style = self.context.ui.data_style();
            let outcome = outcome_text(&repairs, style);
            self.context.ui.data(&format!("\n{outcome}"))?;
            show(
                self.context,
                &self.facts,
                &self.report,
                self.took,
                self.request,
            )?;
        }
        Ok(repairs)
    }

    fn state(&self, proposal: &Proposal, is_root: bool) -> State {
        if !proposal.is_allowed(self.restarts) {
            return State::NeedsRestart;
        }
        // A folder that stands for a machine belongs to whoever made it.
        let own = !self.request.machine.root.is_machine();
        if proposal.is_privileged() && !is_root && !own {
            return State::NeedsRoot;
        }
        State::Planned
    }

    fn is_agreed(&self, consent: Consent, count: usize) -> bool {
        let ui = &self.context.ui;
        match consent {
            Consent::Given => true,
            Consent::DryRun => false,
            Consent::Asked => ui
                .confirm(&format!("Make {}?", counted(count, "repair", "repairs")))
                .unwrap_or_else(|| {
                    ui.warn("Nothing was changed: there is no terminal to ask; `--yes` agrees beforehand.");
                    false
                }),
        }
    }

    /// Repairs until every repair that is left has satisfied its check.
    async fn carry_out(
        &mut self,
        planned: &[Proposal],
        repairs: &mut Repairs,
    ) -> Result<(), Failure> {
        let (path, lock) = journal(self.context);
        create_private_dir(self.context.state_dir.path()).map_err(Failure::environment)?;
        let _lock = LockFile::acquire(&lock, LOCK_WAIT)
            .await
            .map_err(Failure::environment)?;
        let mut journal = Journal::open(&path).map_err(Failure::environment)?;
        let hands = hands(&self.facts, self.request);
        let mut left: Vec<&Proposal> = planned.iter().collect();
        loop {
            let start = journal.latest();
            let wanted: Vec<Repair> = left.iter().map(|one| one.repair.clone()).collect();
            let made = hands.repair(&mut journal, &wanted).await.map_err(broken)?;
            for repaired in made {
                let Some(planned) = repairs
                    .repairs
                    .iter_mut()
                    .find(|one| one.check == repaired.check)
                else {
                    continue;
                };
                planned.state = match repaired.error {
                    Some(error) => State::Failed(error.to_string()),
                    None if repaired.changes.is_empty() => State::Unchanged,
                    None => State::Repaired,
                };
                planned.changes = repaired.changes;
            }
            self.look_again().await?;
            let useless = self.judge(&left, repairs);
            if useless.is_empty() {
                return Ok(());
            }
            hands
                .take_back_since(&mut journal, start, Restarts::Harmless)
                .await
                .map_err(broken)?;
            left.retain(|proposal| {
                let check = &proposal.repair.check;
                let failed = repairs
                    .repairs
                    .iter()
                    .any(|one| one.check == *check && matches!(one.state, State::Failed(_)));
                !failed && !useless.contains(check)
            });
            if left.is_empty() {
                return self.look_again().await;
            }
        }
    }

    async fn look_again(&mut self) -> Result<(), Failure> {
        let started = Instant::now();
        self.facts = look::facts(self.request).await?;
        self.report = examine(&self.facts, self.request)?;
        self.took = Some(started.elapsed());
        Ok(())
    }

    /// Holds every repair against its check, and returns the checks that are not content.
    fn judge(&self, left: &[&Proposal], repairs: &mut Repairs) -> Vec<String> {
        let mut useless = Vec::new();
        for planned in &mut repairs.repairs {
            let Some(proposal) = left.iter().find(|one| one.repair.check == planned.check) else {
                continue;
            };
            if planned.state != State::Repaired {
                continue;
            }
            let is_bad = self
                .report
                .item(&planned.check)
                .is_some_and(|item| item.status >= Status::Warn);
            if let Some(what) = proposal.pending {
                planned.state = State::Pending(what.to_owned());
            } else if is_bad {
                planned.state = State::NoEffect;
                planned.changes.clear();
                useless.push(planned.check.clone());
            }
        }
        useless
    }
}

/// Hands on the machine of the facts.
pub(super) fn hands(facts: &Facts, request: &Request) -> Hands {
    let engine = facts
        .docker
        .endpoint
        .known()
        .map(|url| EngineClient::new(Endpoint::parse(url), ENGINE.max(ENGINE_TIME_OUT)));
    Hands {
        root: request.machine.root.clone(),
        engine,
        clock: Arc::new(SystemClock),
    }
}

fn broken(error: FixError) -> Failure {
    Failure::environment(error).hint("`garden6 doctor --undo` takes back what was changed")
}
