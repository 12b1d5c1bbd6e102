//! Prefix lengths by family.

use serde::{Deserialize, Serialize};

use crate::net::IpFamily;

/// A prefix length for each of some families.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChildLengths {
    /// The length for IPv4.
    #[serde(rename = "IPv4", skip_serializing_if = "Option::is_none")]
    v4: Option<u8>,
    /// The length for IPv6.
    #[serde(rename = "IPv6", skip_serializing_if = "Option::is_none")]
    v6: Option<u8>,
}

impl ChildLengths {
    /// The length for a family.
    pub const fn get(&self, family: IpFamily) -> Option<u8> {
        match family {
            IpFamily::V4 => self.v4,
            IpFamily::V6 => self.v6,
        }
    }

    /// Sets the length for a family.
    pub const fn set(&mut self, family: IpFamily, length: u8) {
        match family {
            IpFamily::V4 => self.v4 = Some(length),
            IpFamily::V6 => self.v6 = Some(length),
        }
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.v4.is_none() && self.v6.is_none()
    }

    /// These, and where `other` has one, that.
    #[must_use]
    pub fn overlaid_by(self, other: Self) -> Self {
        Self {
            v4: other.v4.or(self.v4),
            v6: other.v6.or(self.v6),
        }
    }

    /// Those that are given, IPv4 first.
    pub fn iter(self) -> impl Iterator<Item = (IpFamily, u8)> {
        [(IpFamily::V4, self.v4), (IpFamily::V6, self.v6)]
            .into_iter()
            .filter_map(|(family, length)| Some((family, length?)))
    }
}

impl FromIterator<(IpFamily, u8)> for ChildLengths {
    fn from_iter<I: IntoIterator<Item = (IpFamily, u8)>>(lengths: I) -> Self {
        let mut all = Self::default();
        for (family, length) in lengths {
            all.set(family, length);
        }
        all
    }
}
