//! What was found out about a registry.

use std::{fmt, net::IpAddr};

use serde::{Serialize, Serializer};

use crate::net::IpFamily;

/// A host that a pull depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Leg {
    /// The host that references name.
    Front,
    /// The host that gives tokens.
    Token,
    /// The host that content comes from.
    Blob,
}

/// How a leg answered over one family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It answered.
    Reached {
        /// From this address.
        address: IpAddr,
        /// Whether the address is one of IPv4 behind a translator (RFC 6146).
        translated: bool,
    },
    /// The host has no address of the family.
    NoAddress,
    /// The name cannot be looked up at all.
    NoName {
        /// What the resolver said.
        reason: String,
    },
    /// It has addresses, and none of them answered.
    NoAnswer {
        /// What happened at the addresses, each once.
        reasons: Vec<String>,
    },
    /// It answered with something that is no registry, or not usable.
    Wrong {
        /// What it answered.
        reason: String,
    },
    /// The registry does without.
    NotNeeded,
    /// Nobody knows.
    NotTested {
        /// Why not.
        reason: String,
    },
}

/// A leg over one family.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LegReport {
    /// Which leg.
    pub leg: Leg,
    /// The host, if it is known.
    pub host: Option<String>,
    /// What happened.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// All legs over one family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FamilyReport {
    /// The family.
    pub family: IpFamily,
    /// The legs, in the order in which a pull needs them.
    pub legs: Vec<LegReport>,
}

/// Whether images can be pulled over a family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Verdict {
    /// They cannot.
    Unusable,
    /// Some of it was not tested.
    NotTested,
    /// They can.
    Usable,
}

/// A registry over both families.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RegistryReport {
    /// The registry.
    pub registry: String,
    /// The families, IPv6 first.
    pub families: Vec<FamilyReport>,
}

impl Outcome {
    /// What the outcome says about a pull.
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::Reached { .. } | Self::NotNeeded => Verdict::Usable,
            Self::NotTested { .. } => Verdict::NotTested,
            Self::NoAddress | Self::NoName { .. } | Self::NoAnswer { .. } | Self::Wrong { .. } => {
                Verdict::Unusable
            }
        }
    }

    fn word(&self) -> &'static str {
        match self {
            Self::Reached {
                translated: true, ..
            } => "viaNat64",
            Self::Reached { .. } => "reached",
            Self::NoAddress => "noAddress",
            Self::NoName { .. } => "noName",
            Self::NoAnswer { .. } => "noAnswer",
            Self::Wrong { .. } => "wrong",
            Self::NotNeeded => "notNeeded",
            Self::NotTested { .. } => "notTested",
        }
    }
}

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap as _;

        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("outcome", self.word())?;
        match self {
            Self::Reached { address, .. } => map.serialize_entry("address", address)?,
            Self::NoName { reason } | Self::Wrong { reason } | Self::NotTested { reason } => {
                map.serialize_entry("reason", reason)?;
            }
            Self::NoAnswer { reasons } => map.serialize_entry("reason", &reasons.join("; "))?,
            Self::NoAddress | Self::NotNeeded => {}
        }
        map.end()
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reached {
                address,
                translated,
            } => {
                let how = if *translated { " via NAT64" } else { "" };
                write!(formatter, "answers at {address}{how}")
            }
            Self::NoAddress => formatter.write_str("has no address of this family"),
            Self::NoName { reason } => write!(formatter, "cannot be looked up: {reason}"),
            Self::NoAnswer { reasons } => {
                write!(formatter, "does not answer: {}", reasons.join("; "))
            }
            Self::Wrong { reason } => formatter.write_str(reason),
            Self::NotNeeded => formatter.write_str("not needed"),
            Self::NotTested { reason } => write!(formatter, "not tested: {reason}"),
        }
    }
}

impl fmt::Display for Leg {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Front => "front",
            Self::Token => "token",
            Self::Blob => "content",
        })
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Usable => "usable",
            Self::Unusable => "unusable",
            Self::NotTested => "not tested",
        })
    }
}

impl FamilyReport {
    /// The verdict of the weakest leg. Without all three legs there is no good one.
    pub fn verdict(&self) -> Verdict {
        let weakest = self.legs.iter().map(|leg| leg.outcome.verdict()).min();
        match weakest {
            Some(Verdict::Usable) if self.legs.len() < 3 => Verdict::NotTested,
            Some(verdict) => verdict,
            None => Verdict::NotTested,
        }
    }
}

impl Serialize for FamilyReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap as _;

        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("family", &self.family.to_string())?;
        map.serialize_entry("verdict", &self.verdict())?;
        map.serialize_entry("legs", &self.legs)?;
        map.end()
    }
}

impl RegistryReport {
    /// A report that says of both families that nothing was tested, and why.
    pub fn not_tested(registry: &str, reason: &str) -> Self {
        let legs = [Leg::Front, Leg::Token, Leg::Blob].map(|leg| LegReport {
            leg,
            host: None,
            outcome: Outcome::NotTested {
                reason: reason.to_owned(),
            },
        });
        let family = |family| FamilyReport {
            family,
            legs: legs.to_vec(),
        };
        Self {
            registry: registry.to_owned(),
            families: vec![family(IpFamily::V6), family(IpFamily::V4)],
        }
    }

    /// The verdict over a family.
    pub fn verdict(&self, family: IpFamily) -> Verdict {
        let mut families = self.families.iter();
        families
            .find(|report| report.family == family)
            .map_or(Verdict::NotTested, FamilyReport::verdict)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(outcomes: &[Outcome]) -> FamilyReport {
        let legs = [Leg::Front, Leg::Token, Leg::Blob]
            .into_iter()
            .zip(outcomes);
        FamilyReport {
            family: IpFamily::V6,
            legs: legs
                .map(|(leg, outcome)| LegReport {
                    leg,
                    host: None,
                    outcome: outcome.clone(),
                })
                .collect(),
        }
    }

    #[test]
    fn the_weakest_leg_decides_and_what_was_not_tested_is_never_good() {
        let reached = Outcome::Reached {
            address: "::1".parse().unwrap(),
            translated: false,
        };
        let untested = Outcome::NotTested {
            reason: String::new(),
        };
        for (outcomes, verdict) in [
            (
                vec![reached.clone(), Outcome::NotNeeded, reached.clone()],
                Verdict::Usable,
            ),
            (
                vec![reached.clone(), reached.clone(), untested.clone()],
                Verdict::NotTested,
            ),
            (
                vec![reached.clone(), Outcome::NoAddress, untested],
                Verdict::Unusable,
            ),
            (vec![reached.clone(), reached], Verdict::NotTested),
            (vec![], Verdict::NotTested),
        ] {
            assert_eq!(report(&outcomes).verdict(), verdict, "{outcomes:?}");
        }
        let nothing = RegistryReport::not_tested("ghcr.io", "offline");
        assert_eq!(nothing.verdict(IpFamily::V6), Verdict::NotTested);
    }
}
