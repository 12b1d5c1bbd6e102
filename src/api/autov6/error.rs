//! What can be wrong with one tuple.

use thiserror::Error;

use super::KEYWORD;
use crate::net::{CidrError, IpFamily};

/// Why a text is no tuple. The variants stand in the order in which they are looked for.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TupleError {
    /// Nothing is there.
    #[error("the tuple is empty, expected `{KEYWORD}`, a range, or both separated by a comma")]
    Empty,
    /// Nothing stands between two commas.
    #[error("element {position} of the tuple is empty")]
    EmptyElement {
        /// Which element, counted from 1.
        position: usize,
    },
    /// More than one element per family.
    #[error("the tuple has {count} elements, expected one per IP family")]
    TooMany {
        /// How many there are.
        count: usize,
    },
    /// The keyword in another case.
    #[error("`{word}` must be written `{KEYWORD}`")]
    KeywordCase {
        /// What was written.
        word: String,
    },
    /// Another word than the keyword.
    #[error("`{word}` is not known, the only keyword is `{KEYWORD}`")]
    UnknownKeyword {
        /// What was written.
        word: String,
    },
    /// An element of a list that is no text, usually because an address without quotes was read
    /// as something else.
    #[error("element {position} is {found} instead of a text; quote this address")]
    NotText {
        /// Which element, counted from 1.
        position: usize,
        /// What was found there.
        found: &'static str,
    },
    /// An IPv4 address in IPv6 clothes.
    #[error("`{text}` is an IPv4-mapped IPv6 range; write it as an IPv4 range")]
    Ipv4Mapped {
        /// What was written.
        text: String,
    },
    /// No range, or one with host bits.
    #[error(transparent)]
    Cidr(CidrError),
    /// Two elements of one family.
    #[error("both elements of the tuple are {family}, expected one per IP family")]
    DuplicateFamily {
        /// The family.
        family: IpFamily,
    },
}

impl TupleError {
    /// The name of the error, for machines.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "EMPTY",
            Self::EmptyElement { .. } => "EMPTY_ELEMENT",
            Self::TooMany { .. } => "TOO_MANY",
            Self::KeywordCase { .. } => "KEYWORD_CASE",
            Self::UnknownKeyword { .. } => "UNKNOWN_KEYWORD",
            Self::Cidr(CidrError::HostBits { .. }) => "NOT_CANONICAL",
            Self::NotText { .. } | Self::Cidr(_) => "CIDR_SYNTAX",
            Self::Ipv4Mapped { .. } => "IPV4_MAPPED",
            Self::DuplicateFamily { .. } => "DUPLICATE_FAMILY",
        }
    }
}
