//! One check: when it runs, how bad it can be, what it says, and its rule.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Group, Remedy};
use crate::doctor::{
    Platform, Profile, Provider, Scope, Status, Subject, Target,
    ask::Ask,
    finding::{Verdict, pass},
};

/// The worst status of a check for IPv6, dual-stack and IPv4; none where it does not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ceiling(pub [Option<Status>; 3]);

pub(in crate::doctor) const F: Option<Status> = Some(Status::Fail);
pub(in crate::doctor) const W: Option<Status> = Some(Status::Warn);
pub(in crate::doctor) const I: Option<Status> = Some(Status::Info);
/// It does not run.
pub(in crate::doctor) const N: Option<Status> = None;

impl Ceiling {
    /// The worst status for a profile.
    pub const fn of(self, profile: Profile) -> Option<Status> {
        let Self([ipv6, dual, ipv4]) = self;
        match profile {
            Profile::Ipv6 => ipv6,
            Profile::Dual => dual,
            Profile::Ipv4 => ipv4,
        }
    }
}

impl fmt::Display for Ceiling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, status) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "/" };
            write!(f, "{separator}{}", status.map_or("-", Status::word))?;
        }
        Ok(())
    }
}

/// A condition without which a check makes no sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Need {
    /// The engine runs without root's rights.
    Rootless,
    /// Gardener's local setup is wanted.
    Gardener,
    /// mini-lab is wanted.
    MiniLab,
    /// The engine runs in a container.
    Dind,
    /// The outside world may be asked.
    Online,
}

impl Need {
    /// Whether it is met.
    pub fn is_met(self, subject: &Subject) -> bool {
        match self {
            Self::Rootless => subject.rootless,
            Self::Gardener => subject.target == Target::Gardener,
            Self::MiniLab => subject.target == Target::MiniLab,
            Self::Dind => subject.nested,
            Self::Online => subject.online,
        }
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rootless => "rootless",
            Self::Gardener => "gardener",
            Self::MiniLab => "mini-lab",
            Self::Dind => "dind",
            Self::Online => "online",
        })
    }
}

/// What repairing takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FixClass {
    /// Only advice.
    None,
    /// Nothing but own files and unused objects of the engine.
    Safe,
    /// Root's rights; nothing restarts.
    Root,
    /// The engine or its virtual machine restarts.
    Restart,
    /// The machine restarts.
    Reboot,
    /// A decision of whoever runs the site.
    Manual,
}

impl FixClass {
    /// Whether `--fix` may do it.
    pub const fn is_automatic(self) -> bool {
        matches!(self, Self::Safe | Self::Root | Self::Restart)
    }

    /// The word in reports.
    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Safe => "safe",
            Self::Root => "root",
            Self::Restart => "restart",
            Self::Reboot => "reboot",
            Self::Manual => "manual",
        }
    }
}

/// Whether a check means anything without an answering engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EngineNeed {
    /// It does.
    Free,
    /// It does not.
    Needed,
    /// It does for Gardener, whose ranges do not depend on the engine.
    NeededUnlessGardener,
}

/// A check.
#[derive(Clone, Copy)]
pub struct Check {
    /// Its stable name.
    pub id: &'static str,
    /// What it is about.
    pub group: Group,
    /// What it looks at, in a few words.
    pub title: &'static str,
    /// Where it runs.
    pub platforms: &'static [Platform],
    /// Whose facts it reads.
    pub scope: Scope,
    /// How bad it can be.
    pub ceiling: Ceiling,
    /// How bad it can be for particular targets.
    pub per_target: &'static [(Target, Ceiling)],
    /// What must be so for it to run.
    pub needs: &'static [Need],
    /// What repairing takes.
    pub fix: FixClass,
    /// Whether it asks the engine.
    pub engine: EngineNeed,
    /// The facts it reads.
    pub reads: &'static str,
    /// When it says what.
    pub rule: &'static str,
    /// Why that matters for an environment.
    pub why: &'static str,
    /// What to do.
    pub remedies: &'static [Remedy],
    /// Where more is written about it.
    pub link: Option<&'static str>,
    pub(in crate::doctor) run: fn(&Ask<'_>) -> Verdict,
}

pub(in crate::doctor) const EVERYWHERE: &[Platform] = &Platform::ALL;
pub(in crate::doctor) const LINUX_AND_WSL: &[Platform] = &[Platform::Linux, Platform::Wsl];
pub(in crate::doctor) const LINUX: &[Platform] = &[Platform::Linux];
pub(in crate::doctor) const WSL: &[Platform] = &[Platform::Wsl];
pub(in crate::doctor) const MACOS: &[Platform] = &[Platform::Macos];

impl Check {
    /// What most checks share; every check says at least its name, texts and rule.
    pub(in crate::doctor) const BASE: Self = Self {
        id: "",
        group: Group::Platform,
        title: "",
        platforms: EVERYWHERE,
        scope: Scope::Host,
        ceiling: Ceiling([F, F, F]),
        per_target: &[],
        needs: &[],
        fix: FixClass::Manual,
        engine: EngineNeed::Free,
        reads: "",
        rule: "",
        why: "",
        remedies: &[],
        link: None,
        run: |_| Ok(pass("nothing is asked")),
    };

    /// The worst status for a target and a profile; none where the check does not run.
    pub fn worst(&self, target: Target, profile: Profile) -> Option<Status> {
        let own = self.per_target.iter().find(|(other, _)| *other == target);
        own.map_or(self.ceiling, |(_, ceiling)| *ceiling)
            .of(profile)
    }

    /// Every ceiling that it has anywhere.
    pub fn ceilings(&self) -> Vec<Option<Status>> {
        let particular = self.per_target.iter().map(|(_, ceiling)| *ceiling);
        std::iter::once(self.ceiling)
            .chain(particular)
            .flat_map(|ceiling| ceiling.0)
            .collect()
    }

    /// What to do on a platform with a provider: the most particular remedy.
    pub fn remedy(&self, platform: Platform, provider: Provider) -> Option<&'static Remedy> {
        let fitting = self
            .remedies
            .iter()
            .enumerate()
            .filter_map(|(index, remedy)| {
                let rank = remedy.fits(platform, provider)?;
                Some(((rank, std::cmp::Reverse(index)), remedy))
            });
        fitting
            .max_by_key(|(rank, _)| *rank)
            .map(|(_, remedy)| remedy)
    }
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Check")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}
