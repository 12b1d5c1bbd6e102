//! What a case needs from its environment. Cases ask for abilities, never for a backend.

use std::{fmt, str::FromStr};

use serde::{Serialize, Serializer};
use thiserror::Error;

use crate::{cluster::Capability, nearest};

/// An ability of an environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Need {
    /// The controllers of the stack run.
    Stack,
    /// Admission of the stack defaults and validates what is written.
    Admission,
    /// Somebody writes addresses into the status of Services of type LoadBalancer.
    LoadBalancers,
    /// Nodes are real and so are the pods on them.
    RealPods,
    /// Packets travel between pods.
    RealPackets,
    /// Network policies are enforced on packets.
    EnforcedPolicies,
    /// At least this many nodes are there.
    Nodes(u16),
    /// Nodes pull from the local registry over IPv6.
    RegistryOverIpv6,
    /// Nodes pull from the local registry over IPv4.
    RegistryOverIpv4,
    /// A `kubectl` binary is on this host.
    Kubectl,
}

impl Need {
    /// One of each, with the smallest number of nodes.
    pub const ALL: [Self; 10] = [
        Self::Stack,
        Self::Admission,
        Self::LoadBalancers,
        Self::RealPods,
        Self::RealPackets,
        Self::EnforcedPolicies,
        Self::Nodes(1),
        Self::RegistryOverIpv6,
        Self::RegistryOverIpv4,
        Self::Kubectl,
    ];

    /// Why a case that needs this cannot run where it is missing.
    pub fn reason(self) -> String {
        match self {
            Self::Stack => "the controllers do not run here".to_owned(),
            Self::Admission => "nothing validates Gardener objects here".to_owned(),
            Self::LoadBalancers => "nothing serves LoadBalancer Services here".to_owned(),
            Self::RealPods => "pods are data only here".to_owned(),
            Self::RealPackets => "no packets travel here".to_owned(),
            Self::Nodes(count) => format!("fewer than {count} nodes are here"),
            Self::EnforcedPolicies => "network policies are data only here".to_owned(),
            Self::RegistryOverIpv6 => "nodes pull nothing over IPv6 here".to_owned(),
            Self::RegistryOverIpv4 => "nodes pull nothing over IPv4 here".to_owned(),
            Self::Kubectl => "no kubectl binary was found on this host".to_owned(),
        }
    }

    /// Whether an environment that has `self` also has `wanted`.
    pub fn covers(self, wanted: Self) -> bool {
        match (self, wanted) {
            (Self::Nodes(have), Self::Nodes(want)) => have >= want,
            (have, want) => have == want,
        }
    }
}

impl From<Capability> for Need {
    fn from(capability: Capability) -> Self {
        match capability {
            Capability::RealPods => Self::RealPods,
            Capability::RealPackets => Self::RealPackets,
            Capability::EnforcedPolicies => Self::EnforcedPolicies,
            Capability::RegistryOverIpv6 => Self::RegistryOverIpv6,
            Capability::RegistryOverIpv4 => Self::RegistryOverIpv4,
            Capability::Nodes(count) => Self::Nodes(count),
        }
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stack => f.write_str("stack"),
            Self::Admission => f.write_str("admission"),
            Self::LoadBalancers => f.write_str("load-balancers"),
            Self::RealPods => f.write_str("real-pods"),
            Self::RealPackets => f.write_str("real-packets"),
            Self::Nodes(count) => write!(f, "nodes>={count}"),
            Self::EnforcedPolicies => f.write_str("enforced-policies"),
            Self::RegistryOverIpv6 => f.write_str("registry-over-ipv6"),
            Self::RegistryOverIpv4 => f.write_str("registry-over-ipv4"),
            Self::Kubectl => f.write_str("kubectl"),
        }
    }
}

impl Serialize for Need {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A word that names no ability.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("unknown need `{word}`{}", nearest::hint(nearest))]
pub struct UnknownNeed {
    /// What was written.
    pub word: String,
    /// The names that look most like it.
    pub nearest: Vec<String>,
}

impl FromStr for Need {
    type Err = UnknownNeed;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        if let Some(count) = word.strip_prefix("nodes>=")
            && let Ok(count) = count.parse()
        {
            return Ok(Self::Nodes(count));
        }
        Self::ALL
            .into_iter()
            .find(|need| need.to_string() == word)
            .ok_or_else(|| UnknownNeed {
                word: word.to_owned(),
                nearest: nearest::nearest(word, Self::ALL.iter().map(ToString::to_string)),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        for need in Need::ALL {
            assert_eq!(need.to_string().parse(), Ok(need));
        }
        assert_eq!("nodes>=3".parse(), Ok(Need::Nodes(3)));
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_nearest() {
        let error = "real-pod".parse::<Need>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "unknown need `real-pod`, did you mean `real-pods`?"
        );
    }

    #[test]
    fn more_nodes_cover_fewer() {
        assert!(Need::Nodes(3).covers(Need::Nodes(2)));
        assert!(!Need::Nodes(1).covers(Need::Nodes(2)));
        assert!(!Need::Stack.covers(Need::Kubectl));
    }
}
