//! What the host is wanted for.

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::net::{Families, IpFamily};

/// The families that are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// Only IPv6.
    Ipv6,
    /// Both.
    Dual,
    /// Only IPv4.
    Ipv4,
}

impl Profile {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Ipv6, Self::Dual, Self::Ipv4];

    /// Whether IPv6 is wanted.
    pub const fn has_ipv6(self) -> bool {
        !matches!(self, Self::Ipv4)
    }

    /// Whether IPv4 is wanted.
    pub const fn has_ipv4(self) -> bool {
        !matches!(self, Self::Ipv6)
    }

    /// Whether a family is wanted.
    pub const fn has(self, family: IpFamily) -> bool {
        match family {
            IpFamily::V6 => self.has_ipv6(),
            IpFamily::V4 => self.has_ipv4(),
        }
    }
}

impl From<Families> for Profile {
    fn from(families: Families) -> Self {
        if families.is_dual() {
            Self::Dual
        } else if families.contains(IpFamily::V6) {
            Self::Ipv6
        } else {
            Self::Ipv4
        }
    }
}

/// What is going to be started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// A kind cluster.
    Kind,
    /// A kind cluster with Calico.
    Calico,
    /// Gardener's local setup, which brings Calico.
    Gardener,
    /// metal-stack's mini-lab.
    MiniLab,
}

impl Target {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Kind, Self::Calico, Self::Gardener, Self::MiniLab];

    /// Whether Calico connects the pods.
    pub const fn has_calico(self) -> bool {
        matches!(self, Self::Calico | Self::Gardener)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Kind => "kind",
            Self::Calico => "calico",
            Self::Gardener => "gardener",
            Self::MiniLab => "mini-lab",
        })
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ipv6 => "ipv6",
            Self::Dual => "dual",
            Self::Ipv4 => "ipv4",
        })
    }
}

/// A word that names neither a target nor a profile.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{word}` is none of {known}")]
pub struct UnknownWord {
    /// What was written.
    pub word: String,
    /// What may be written.
    pub known: String,
}

fn one_of<T: Copy + fmt::Display>(word: &str, all: &[T]) -> Result<T, UnknownWord> {
    let found = all.iter().find(|one| one.to_string() == word);
    found.copied().ok_or_else(|| {
        let known: Vec<String> = all.iter().map(ToString::to_string).collect();
        UnknownWord {
            word: word.to_owned(),
            known: known.join(", "),
        }
    })
}

impl FromStr for Target {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        one_of(text, &Self::ALL)
    }
}

impl FromStr for Profile {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        one_of(text, &Self::ALL)
    }
}

/// What is asked of the doctor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// What is going to be started.
    pub target: Target,
    /// With which families.
    pub profile: Profile,
    /// Only these checks or groups; all when empty.
    pub only: Vec<String>,
    /// Checks that the user switched off, and why.
    pub skips: BTreeMap<String, String>,
}

impl Request {
    /// All checks of a target and profile.
    pub const fn new(target: Target, profile: Profile) -> Self {
        Self {
            target,
            profile,
            only: Vec::new(),
            skips: BTreeMap::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_name_targets_and_profiles() {
        assert_eq!("mini-lab".parse(), Ok(Target::MiniLab));
        assert_eq!("dual".parse(), Ok(Profile::Dual));
        let refused = "k3s".parse::<Target>().unwrap_err();
        assert_eq!(
            refused.to_string(),
            "`k3s` is none of kind, calico, gardener, mini-lab"
        );
        assert_eq!(Profile::from(Families::dual(IpFamily::V4)), Profile::Dual);
    }
}
