//! One element of a tuple.

use std::{fmt, net::IpAddr};

use super::TupleError;
use crate::net::{Cidr, CidrError, IpFamily};

/// The word that stands for an IPv6 range from the provider.
pub const KEYWORD: &str = "AUTOv6";

/// One element of a tuple.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Element {
    /// An IPv6 range that the provider assigns.
    Auto,
    /// A range that is given.
    Cidr(Cidr),
}

impl Element {
    /// The family.
    pub fn family(self) -> IpFamily {
        match self {
            Self::Auto => IpFamily::V6,
            Self::Cidr(cidr) => cidr.family(),
        }
    }

    /// The range, if it is given.
    pub const fn cidr(self) -> Option<Cidr> {
        match self {
            Self::Auto => None,
            Self::Cidr(cidr) => Some(cidr),
        }
    }

    /// Reads an element without blanks around it.
    ///
    /// A word of letters and digits is taken for a keyword, everything else for a range.
    pub(super) fn parse(text: &str) -> Result<Self, TupleError> {
        if text == KEYWORD {
            return Ok(Self::Auto);
        }
        let word = || text.to_owned();
        if text.eq_ignore_ascii_case(KEYWORD) {
            return Err(TupleError::KeywordCase { word: word() });
        }
        if is_word(text) {
            return Err(TupleError::UnknownKeyword { word: word() });
        }
        // The order of the checks is part of the contract: syntax, then mapped, then host bits.
        let parsed = text.parse::<Cidr>();
        if matches!(parsed, Ok(_) | Err(CidrError::HostBits { .. })) && is_mapped(text) {
            return Err(TupleError::Ipv4Mapped { text: word() });
        }
        parsed.map(Self::Cidr).map_err(TupleError::Cidr)
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str(KEYWORD),
            Self::Cidr(cidr) => cidr.fmt(f),
        }
    }
}

/// Whether a text looks like a keyword: a letter, then letters and digits.
pub(super) fn is_word(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Whether the address of a range is an IPv4 address in IPv6 clothes (`::ffff:0:0/96`).
fn is_mapped(text: &str) -> bool {
    let address = text.split_once('/').map(|(address, _)| address);
    matches!(
        address.map(str::parse::<IpAddr>),
        Some(Ok(IpAddr::V6(address))) if address.to_ipv4_mapped().is_some()
    )
}
