//! The report: what every renderer shows.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    Evidence, Facts, Platform, Profile, Provider, Scope, Status, Subject, Target,
    catalogue::{Check, FixClass, Group, On},
    facts::EngineMachine,
    finding::Finding,
};

/// Why a check was skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SkipKind {
    /// It is not for this platform, profile, target or engine.
    NotApplicable,
    /// Something that it builds on failed.
    Prerequisite,
    /// Its rule found that it does not apply.
    AtRunTime,
    /// The user switched it off.
    User,
}

/// A remedy in a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Advice {
    /// Where it is the right one: `any`, a platform or a provider.
    pub on: String,
    /// What to do.
    pub text: String,
    /// Commands that do it.
    pub commands: Vec<String>,
}

/// What came of one check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The check.
    pub id: String,
    /// Its group.
    pub group: Group,
    /// What it looks at.
    pub title: String,
    /// Whose facts it reads.
    pub scope: Scope,
    /// The outcome.
    pub status: Status,
    /// The worst outcome possible for this target and profile; none where it does not run.
    pub ceiling: Option<Status>,
    /// One sentence with the values at hand.
    pub summary: String,
    /// The value that was found.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub observed: Option<String>,
    /// The value that is wanted.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expected: Option<String>,
    /// Why it matters.
    pub why: String,
    /// What to do here; none where nothing is wrong.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub remedy: Option<Advice>,
    /// What repairing takes.
    pub fix: FixClass,
    /// Why it was skipped.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub skip: Option<SkipKind>,
    /// What a check that the user switched off would have said.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub hidden: Option<Status>,
    /// The finding that this one follows from.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub caused_by: Option<String>,
    /// What follows from this one.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub causes: Vec<String>,
    /// What was read.
    pub evidence: Vec<Evidence>,
    /// Where more is written about it.
    pub documentation: String,
}

impl Item {
    fn new(check: &Check, subject: Subject, status: Status, summary: String) -> Self {
        Self {
            id: check.id.to_owned(),
            group: check.group,
            title: check.title.to_owned(),
            scope: check.scope,
            status,
            ceiling: check.worst(subject.target, subject.profile),
            summary,
            observed: None,
            expected: None,
            why: check.why.to_owned(),
            remedy: None,
            fix: check.fix,
            skip: None,
            hidden: None,
            caused_by: None,
            causes: Vec::new(),
            evidence: Vec::new(),
            documentation: check.documentation(),
        }
    }

    pub(super) fn found(check: &Check, subject: Subject, finding: Finding) -> Self {
        let mut item = Self::new(check, subject, finding.status, finding.summary);
        item.observed = finding.observed;
        item.expected = finding.expected;
        if matches!(finding.status, Status::Info | Status::Warn | Status::Fail) {
            item.remedy = advice(check, subject, finding.commands);
        }
        item
    }

    /// A check without a finding: unknown or broken.
    pub(super) fn without(check: &Check, subject: Subject, status: Status, reason: String) -> Self {
        Self::new(check, subject, status, reason)
    }

    pub(super) fn skipped(
        check: &Check,
        subject: Subject,
        kind: SkipKind,
        reason: String,
        cause: Option<&str>,
    ) -> Self {
        let mut item = Self::new(check, subject, Status::Skip, reason);
        item.skip = Some(kind);
        item.caused_by = cause.map(str::to_owned);
        item
    }

    pub(super) fn with_evidence(mut self, evidence: Vec<Evidence>) -> Self {
        self.evidence = evidence;
        self
    }

    /// Hides the finding behind the user's reason.
    pub(super) fn switch_off(&mut self, reason: &str) {
        if self.skip == Some(SkipKind::NotApplicable) {
            return;
        }
        self.hidden = Some(self.status);
        self.status = Status::Skip;
        self.skip = Some(SkipKind::User);
        self.remedy = None;
        self.summary = format!("switched off: {reason}");
    }

    /// Whether it ran or was to run here at all.
    pub fn applies(&self) -> bool {
        self.skip != Some(SkipKind::NotApplicable)
    }

    /// Whether `--fix` may repair it.
    pub const fn is_fixable(&self) -> bool {
        matches!(self.status, Status::Info | Status::Warn | Status::Fail) && self.fix.is_automatic()
    }
}

/// The catalogue's remedy for this host, with the commands of the rule where it has some.
fn advice(check: &Check, subject: Subject, commands: Vec<String>) -> Option<Advice> {
    let remedy = check.remedy(subject.platform, subject.provider)?;
    Some(Advice {
        on: match remedy.on {
            On::Any => "any".to_owned(),
            On::Platform(platform) => platform.to_string(),
            On::Provider(provider) => provider.to_string(),
        },
        text: remedy.text.to_owned(),
        commands: if commands.is_empty() {
            remedy
                .commands
                .iter()
                .map(|command| (*command).to_owned())
                .collect()
        } else {
            commands
        },
    })
}

/// What the report is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// What is going to be started.
    pub target: Target,
    /// With which families.
    pub profile: Profile,
    /// The platform.
    pub platform: Platform,
    /// The engine's provider.
    pub provider: Provider,
    /// The engine's version, where it answered.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub engine: Option<String>,
    /// Where the engine was looked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub endpoint: Option<String>,
    /// The Docker context.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub context: Option<String>,
    /// The kernel of the engine's machine.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub kernel: Option<String>,
    /// Whether the engine runs on another machine than the command.
    pub two_machines: bool,
    /// Whether nothing of the engine's machine could be read.
    pub engine_machine_hidden: bool,
}

/// The report of one run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The form of this document.
    pub schema: String,
    /// What it is about.
    pub header: Header,
    /// How many checks ended how; those that do not apply are left out.
    pub counts: BTreeMap<Status, usize>,
    /// The verdict: fail, warn or pass.
    pub overall: Status,
    /// What came of each check: worst first, what follows from a finding right after it.
    pub items: Vec<Item>,
}

/// From which status on a report is bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Threshold {
    /// Failures only.
    #[default]
    Fail,
    /// Warnings, too.
    Warn,
    /// What could not be found out, too.
    Unknown,
}

impl Threshold {
    const fn status(self) -> Status {
        match self {
            Self::Fail => Status::Fail,
            Self::Warn => Status::Warn,
            Self::Unknown => Status::Unknown,
        }
    }
}

impl Report {
    /// The form that this version writes.
    pub const SCHEMA: &'static str = "garden6.doctor/1";

    pub(super) fn new(facts: &Facts, subject: Subject, items: &[Item]) -> Self {
        let mut counts = BTreeMap::new();
        for item in items.iter().filter(|item| item.applies()) {
            *counts.entry(item.status).or_default() += 1;
        }
        Self {
            schema: Self::SCHEMA.to_owned(),
            header: header(facts, subject),
            overall: overall(items),
            counts,
            items: sorted(items),
        }
    }

    /// How many checks ended with a status.
    pub fn count(&self, status: Status) -> usize {
        self.counts.get(&status).copied().unwrap_or_default()
    }

    /// Whether a command ends well: nothing is as bad as the threshold, and no check broke.
    ///
    /// The same holds for every format; a command ends with 0 or with 1.
    pub fn is_good(&self, threshold: Threshold) -> bool {
        let bad = threshold.status();
        self.items.iter().all(|item| item.status < bad)
    }

    /// The item of a check.
    pub fn item(&self, id: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.id == id)
    }

    /// Findings that can stop what is wanted: those a start has to look at first.
    pub fn failures(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(|item| item.status >= Status::Fail)
    }
}

/// Unknown never makes a verdict better or worse.
fn overall(items: &[Item]) -> Status {
    let worst = items.iter().map(|item| item.status).max();
    match worst {
        Some(Status::Error | Status::Fail) => Status::Fail,
        Some(Status::Warn) => Status::Warn,
        _ => Status::Pass,
    }
}

/// Worst first, and behind each finding what follows from it.
fn sorted(items: &[Item]) -> Vec<Item> {
    let is_root = |item: &Item| {
        let cause = item.caused_by.as_deref();
        cause.is_none_or(|cause| !items.iter().any(|other| other.id == cause))
    };
    let mut roots: Vec<&Item> = items.iter().filter(|item| is_root(item)).collect();
    let mut followers: Vec<&Item> = items.iter().filter(|item| !is_root(item)).collect();
    roots.sort_by_key(|item| std::cmp::Reverse(item.status));
    followers.sort_by_key(|item| std::cmp::Reverse(item.status));
    let mut found = Vec::with_capacity(items.len());
    for root in roots {
        found.push(root.clone());
        let own = |item: &&&Item| item.caused_by.as_deref() == Some(&root.id);
        found.extend(followers.iter().filter(own).map(|item| (*item).clone()));
    }
    found
}

fn header(facts: &Facts, subject: Subject) -> Header {
    let docker = &facts.docker;
    let version = docker
        .version
        .known()
        .map(|version| version.version.clone());
    Header {
        target: subject.target,
        profile: subject.profile,
        platform: subject.platform,
        provider: subject.provider,
        engine: version.filter(|version| !version.is_empty()),
        endpoint: docker.endpoint.known().cloned(),
        context: docker
            .context
            .known()
            .map(|context| context.selected.clone()),
        kernel: docker.info.known().map(|info| info.kernel_version.clone()),
        two_machines: facts.engine != EngineMachine::SameAsHost,
        engine_machine_hidden: facts.engine == EngineMachine::NoShell,
    }
}
