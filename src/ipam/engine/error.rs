//! Why the engine refuses.

use std::net::IpAddr;

use thiserror::Error;

use crate::net::{Cidr, CidrError};

/// A refusal. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EngineError {
    /// A text is no prefix.
    #[error(transparent)]
    InvalidPrefix(CidrError),
    /// A text is no address.
    #[error("`{text}` is not an IP address")]
    InvalidAddress {
        /// What was written.
        text: String,
    },
    /// An address with a zone belongs to a link, not to a prefix.
    #[error("`{text}` has a zone; prefixes hold addresses without zones only")]
    Zoned {
        /// What was written.
        text: String,
    },
    /// A namespace that nobody created.
    #[error("namespace `{namespace}` does not exist")]
    NamespaceMissing {
        /// Its name.
        namespace: String,
    },
    /// A namespace that holds prefixes cannot be deleted.
    #[error("namespace `{namespace}` still holds {prefixes} prefixes, delete them first")]
    NamespaceNotEmpty {
        /// Its name.
        namespace: String,
        /// How many roots it holds.
        prefixes: usize,
    },
    /// A prefix that is not managed.
    #[error("prefix {prefix} does not exist")]
    NotFound {
        /// The prefix.
        prefix: Cidr,
    },
    /// Exactly this root exists; who repeats a request may take it for done.
    #[error("prefix {prefix} exists already")]
    AlreadyExists {
        /// The prefix.
        prefix: Cidr,
    },
    /// Another root shares addresses with it.
    #[error("{prefix} overlaps {with}")]
    Overlap {
        /// The prefix that was asked for.
        prefix: Cidr,
        /// The one that exists.
        with: Cidr,
    },
    /// A root was not taken from anything, so it cannot be given back; it can be deleted.
    #[error("prefix {prefix} is no child prefix, delete it instead of releasing it")]
    NotAChild {
        /// The prefix.
        prefix: Cidr,
    },
    /// Prefixes with addresses have no children and cannot go.
    #[error("prefix {prefix} has {count} addresses in use, release them first")]
    HasAddresses {
        /// The prefix.
        prefix: Cidr,
        /// How many addresses it holds.
        count: u128,
    },
    /// Prefixes with children hold no addresses and cannot go.
    #[error("prefix {prefix} has {count} child prefixes, release them first")]
    HasChildren {
        /// The prefix.
        prefix: Cidr,
        /// How many children it has.
        count: usize,
    },
    /// A child must be smaller than its parent.
    #[error("a child of length /{length} does not fit into {parent}: it must be longer than /{}", parent.prefix_len())]
    LengthNotLonger {
        /// The parent.
        parent: Cidr,
        /// The length that was asked for.
        length: u8,
    },
    /// The family has no prefixes of that length.
    #[error("/{length} is no {} prefix length, the longest is /{}", parent.family(), parent.family().bits())]
    LengthImpossible {
        /// The parent.
        parent: Cidr,
        /// The length that was asked for.
        length: u8,
    },
    /// No free block is large enough.
    #[error("no prefix of length /{length} is left in {parent}{}", left(*largest))]
    Exhausted {
        /// The parent.
        parent: Cidr,
        /// The length that was asked for.
        length: u8,
        /// The length of the largest free block, if any is left.
        largest: Option<u8>,
    },
    /// Exactly this child cannot be had.
    #[error("prefix {child} is not available in {parent}")]
    Unavailable {
        /// The parent.
        parent: Cidr,
        /// The child that was asked for.
        child: Cidr,
    },
    /// The address belongs elsewhere.
    #[error("address {address} is not in prefix {prefix}")]
    OutOfPrefix {
        /// The prefix.
        prefix: Cidr,
        /// The address.
        address: IpAddr,
    },
    /// All addresses are held.
    #[error("no address is left in prefix {prefix}")]
    NoAddressLeft {
        /// The prefix.
        prefix: Cidr,
    },
    /// Somebody holds the address.
    #[error("address {address} of prefix {prefix} is allocated already")]
    Held {
        /// The prefix.
        prefix: Cidr,
        /// The address.
        address: IpAddr,
    },
    /// Nobody may hold the address.
    #[error(
        "address {address} of prefix {prefix} is reserved: network and broadcast addresses are never handed out"
    )]
    Reserved {
        /// The prefix.
        prefix: Cidr,
        /// The address.
        address: IpAddr,
    },
    /// Nobody holds the address.
    #[error("address {address} of prefix {prefix} is not allocated")]
    NotHeld {
        /// The prefix.
        prefix: Cidr,
        /// The address.
        address: IpAddr,
    },
}

fn left(largest: Option<u8>) -> String {
    largest.map_or_else(String::new, |len| {
        format!(", the largest free block is a /{len}")
    })
}

impl EngineError {
    /// Whether something ran out, as opposed to a request that can never work.
    pub const fn is_exhaustion(&self) -> bool {
        matches!(self, Self::Exhausted { .. } | Self::NoAddressLeft { .. })
    }
}
