//! Addresses of interfaces.

use std::{fmt, net::IpAddr, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::net::Cidr;

/// An address on an interface: `fd00::1/64`, or `fd00::1/64 dadfailed tentative` with flags.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct InterfaceAddress {
    /// The address.
    pub address: IpAddr,
    /// The length of the on-link prefix.
    pub prefix_len: u8,
    /// Flags by the names of `ip address`: `dadfailed`, `tentative`, `deprecated`, `detached`.
    pub flags: Vec<String>,
}

/// A text that is not an address with a prefix length.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{text}` is not ADDRESS/LENGTH")]
pub struct InvalidAddress {
    /// What was written.
    pub text: String,
}

impl InterfaceAddress {
    /// An address without flags.
    pub const fn new(address: IpAddr, prefix_len: u8) -> Self {
        Self {
            address,
            prefix_len,
            flags: Vec::new(),
        }
    }

    /// Whether a flag is set.
    pub fn has(&self, flag: &str) -> bool {
        self.flags.iter().any(|set| set == flag)
    }

    /// The prefix that is reachable without a router.
    pub fn on_link(&self) -> Option<Cidr> {
        Cidr::containing(self.address, self.prefix_len)
    }
}

impl FromStr for InterfaceAddress {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidAddress {
            text: text.to_owned(),
        };
        let mut words = text.split_whitespace();
        let (address, prefix_len) = words
            .next()
            .and_then(|word| word.split_once('/'))
            .ok_or_else(invalid)?;
        let address: IpAddr = address.parse().map_err(|_| invalid())?;
        let prefix_len = prefix_len.parse().map_err(|_| invalid())?;
        let parsed = Self {
            address,
            prefix_len,
            flags: words.map(str::to_owned).collect(),
        };
        // Longer than the family has bits.
        parsed.on_link().ok_or_else(invalid)?;
        Ok(parsed)
    }
}

impl fmt::Display for InterfaceAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix_len)?;
        self.flags.iter().try_for_each(|flag| write!(f, " {flag}"))
    }
}

impl TryFrom<String> for InterfaceAddress {
    type Error = InvalidAddress;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<InterfaceAddress> for String {
    fn from(address: InterfaceAddress) -> Self {
        address.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_keep_their_flags() {
        let text = "fd00::1/64 tentative dadfailed";
        let address: InterfaceAddress = text.parse().unwrap();
        assert!(address.has("dadfailed"));
        assert_eq!(address.to_string(), text);
        assert_eq!(address.on_link().unwrap().to_string(), "fd00::/64");
    }

    #[test]
    fn what_has_no_length_of_its_family_is_refused() {
        for text in ["", "fd00::1", "10.0.0.1/33", "fd00::1/129", "x/1"] {
            assert!(text.parse::<InterfaceAddress>().is_err(), "{text}");
        }
    }
}
