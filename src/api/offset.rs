//! Well-known addresses inside a range, counted from its start.

use std::net::IpAddr;

use thiserror::Error;

use crate::net::{Cidr, IpFamily};

/// Where the API server's service sits in a service range.
pub const API_SERVER: u128 = 1;
/// Where the DNS service sits in a service range.
pub const CLUSTER_DNS: u128 = 10;

/// A range that is too small for a well-known address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{range} is too small for an address at offset {offset}")]
pub struct RangeTooSmall {
    /// The range.
    pub range: Cidr,
    /// The offset that is asked for.
    pub offset: u128,
}

/// The address at an offset. IPv4 keeps its last address for broadcast; IPv6 has no such thing.
pub fn address(range: Cidr, offset: u128) -> Result<IpAddr, RangeTooSmall> {
    range
        .nth(offset)
        .filter(|address| range.family() == IpFamily::V6 || *address != range.last())
        .ok_or(RangeTooSmall { range, offset })
}
