//! IP families and the ordered lists of them that Kubernetes and Gardener objects carry.

use std::{fmt, net::IpAddr, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// An IP family, spelled as in `Service.spec.ipFamilies`.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
pub enum IpFamily {
    /// IPv4.
    #[serde(rename = "IPv4")]
    V4,
    /// IPv6.
    #[serde(rename = "IPv6")]
    V6,
}

impl IpFamily {
    /// The family of an address. An IPv4-mapped IPv6 address is an IPv6 address here.
    pub fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(_) => Self::V4,
            IpAddr::V6(_) => Self::V6,
        }
    }

    /// The length of an address of this family, in bits.
    pub const fn bits(self) -> u8 {
        match self {
            Self::V4 => 32,
            Self::V6 => 128,
        }
    }

    /// The other family.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::V4 => Self::V6,
            Self::V6 => Self::V4,
        }
    }

    /// The loopback address of this family: `127.0.0.1` or `::1`.
    pub const fn loopback(self) -> IpAddr {
        match self {
            Self::V4 => IpAddr::V4(std::net::Ipv4Addr::LOCALHOST),
            Self::V6 => IpAddr::V6(std::net::Ipv6Addr::LOCALHOST),
        }
    }
}

impl fmt::Display for IpFamily {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V4 => "IPv4",
            Self::V6 => "IPv6",
        })
    }
}

/// A word that names no IP family.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("unknown IP family `{word}`, expected `IPv4` or `IPv6`")]
pub struct UnknownFamily {
    /// What was written.
    pub word: String,
}

impl FromStr for IpFamily {
    type Err = UnknownFamily;

    /// Reads a family as a person types it, in any case; manifests go through serde, which is exact.
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        if word.eq_ignore_ascii_case("ipv4") {
            Ok(Self::V4)
        } else if word.eq_ignore_ascii_case("ipv6") {
            Ok(Self::V6)
        } else {
            Err(UnknownFamily {
                word: word.to_owned(),
            })
        }
    }
}

/// One family, or both in order of preference. The first is the primary family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "Vec<IpFamily>", try_from = "Vec<IpFamily>")]
pub struct Families {
    primary: IpFamily,
    dual: bool,
}

impl Families {
    /// Only `family`.
    pub const fn single(family: IpFamily) -> Self {
        Self {
            primary: family,
            dual: false,
        }
    }

    /// Both families, `primary` first.
    pub const fn dual(primary: IpFamily) -> Self {
        Self {
            primary,
            dual: true,
        }
    }

    /// The preferred family.
    pub const fn primary(self) -> IpFamily {
        self.primary
    }

    /// The second family of a dual-stack list.
    pub fn secondary(self) -> Option<IpFamily> {
        self.dual.then(|| self.primary.other())
    }

    /// Whether both families are present.
    pub const fn is_dual(self) -> bool {
        self.dual
    }

    /// Whether `family` is the only one.
    pub fn is_single(self, family: IpFamily) -> bool {
        !self.dual && self.primary == family
    }

    /// Whether `family` is one of them.
    pub fn contains(self, family: IpFamily) -> bool {
        self.dual || self.primary == family
    }

    /// The families in order.
    pub fn iter(self) -> impl Iterator<Item = IpFamily> {
        std::iter::once(self.primary).chain(self.secondary())
    }
}

/// A list of families that is empty, too long or repeats itself.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FamiliesError {
    /// No family at all.
    #[error("the list of IP families is empty")]
    Empty,
    /// The same family twice.
    #[error("IP family {family} is listed more than once")]
    Repeated {
        /// The family that is repeated.
        family: IpFamily,
    },
    /// A word that names no family.
    #[error(transparent)]
    Unknown(#[from] UnknownFamily),
}

impl TryFrom<Vec<IpFamily>> for Families {
    type Error = FamiliesError;

    fn try_from(list: Vec<IpFamily>) -> Result<Self, Self::Error> {
        match list.as_slice() {
            [] => Err(FamiliesError::Empty),
            [only] => Ok(Self::single(*only)),
            [first, second] if first != second => Ok(Self::dual(*first)),
            [first, rest @ ..] => {
                let family = if rest.contains(first) {
                    *first
                } else {
                    rest[0]
                };
                Err(FamiliesError::Repeated { family })
            }
        }
    }
}

impl From<Families> for Vec<IpFamily> {
    fn from(families: Families) -> Self {
        families.iter().collect()
    }
}

impl FromStr for Families {
    type Err = FamiliesError;

    /// Reads `ipv4`, `ipv6`, `dual` (IPv6 first) or a comma list in order of preference.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.eq_ignore_ascii_case("dual") {
            return Ok(Self::dual(IpFamily::V6));
        }
        let list = text
            .split(',')
            .map(str::trim)
            .filter(|word| !word.is_empty())
            .map(IpFamily::from_str)
            .collect::<Result<Vec<_>, _>>()?;
        Self::try_from(list)
    }
}

impl fmt::Display for Families {
    /// The comma list that [`FromStr`] reads back, in kind's lower case: `ipv6`, `ipv6,ipv4`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, family) in self.iter().enumerate() {
            if index > 0 {
                f.write_str(",")?;
            }
            f.write_str(match family {
                IpFamily::V4 => "ipv4",
                IpFamily::V6 => "ipv6",
            })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Families; 4] = [
        Families::single(IpFamily::V4),
        Families::single(IpFamily::V6),
        Families::dual(IpFamily::V4),
        Families::dual(IpFamily::V6),
    ];

    #[test]
    fn text_and_list_forms_round_trip() {
        for families in ALL {
            assert_eq!(families.to_string().parse(), Ok(families));
            assert_eq!(Families::try_from(Vec::from(families)), Ok(families));
        }
    }

    #[test]
    fn dual_means_ipv6_first() {
        assert_eq!("dual".parse(), Ok(Families::dual(IpFamily::V6)));
        assert_eq!("IPv4,IPv6".parse(), Ok(Families::dual(IpFamily::V4)));
    }

    #[test]
    fn empty_repeated_and_unknown_families_are_refused() {
        assert_eq!("".parse::<Families>(), Err(FamiliesError::Empty));
        assert_eq!(
            "ipv6,ipv6".parse::<Families>(),
            Err(FamiliesError::Repeated {
                family: IpFamily::V6
            })
        );
        assert!(matches!(
            "ipv5".parse::<Families>(),
            Err(FamiliesError::Unknown(_))
        ));
    }

    #[test]
    fn manifests_spell_families_exactly() {
        let read = |text: &str| serde_json::from_str::<Families>(text);
        assert_eq!(
            read(r#"["IPv6","IPv4"]"#).ok(),
            Some(Families::dual(IpFamily::V6))
        );
        assert!(read(r#"["ipv6"]"#).is_err());
        assert!(read("[]").is_err());
    }
}
