//! What calico demands of a pool object.

use std::{fmt, net::IpAddr, ops::RangeInclusive};

use thiserror::Error;

use crate::net::{Cidr, CidrError, IpFamily};

/// A pool as somebody writes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spec {
    /// The range.
    pub cidr: String,
    /// The prefix length of a block; the family's default where nothing is said.
    pub block_size: Option<u8>,
    /// IP in IP: `Always`, `CrossSubnet`, `Never`.
    pub ipip_mode: Option<String>,
    /// VXLAN: `Always`, `CrossSubnet`, `Never`.
    pub vxlan_mode: Option<String>,
}

/// Why a pool is refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Problem {
    /// The range is none, or has host bits.
    #[error("cidr: {0}")]
    Range(#[from] CidrError),
    /// Link-local addresses are never pod addresses.
    #[error("cidr: {0} is link-local")]
    LinkLocal(Cidr),
    /// There is no IP in IP for IPv6.
    #[error("ipipMode: there is no IP in IP for IPv6")]
    IpipForIpv6,
    /// A pool is encapsulated once at most.
    #[error("ipipMode and vxlanMode exclude each other")]
    TwoEncapsulations,
    /// The block size is out of range.
    #[error("blockSize: {size} is not within {}", Limits(limits))]
    BlockSize {
        /// What was written.
        size: u8,
        /// What is allowed.
        limits: RangeInclusive<u8>,
    },
    /// Not even one block fits.
    #[error("cidr: {range} is smaller than a block of /{size}")]
    SmallerThanABlock {
        /// The range.
        range: Cidr,
        /// The prefix length of a block.
        size: u8,
    },
}

struct Limits<'a>(&'a RangeInclusive<u8>);

impl fmt::Display for Limits<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", self.0.start(), self.0.end())
    }
}

/// The block sizes that calico takes.
pub const fn block_sizes(family: IpFamily) -> RangeInclusive<u8> {
    match family {
        IpFamily::V4 => 20..=32,
        IpFamily::V6 => 116..=128,
    }
}

/// The block size where nothing is said.
pub const fn default_block_size(family: IpFamily) -> u8 {
    match family {
        IpFamily::V4 => 26,
        IpFamily::V6 => 122,
    }
}

/// The first demand that a pool does not meet.
pub fn check(pool: &Spec) -> Result<(), Problem> {
    let range: Cidr = pool.cidr.parse()?;
    let family = range.family();
    let link_local = match range.network() {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => address.is_unicast_link_local(),
    };
    if link_local {
        return Err(Problem::LinkLocal(range));
    }
    let encapsulates = |mode: &Option<String>| {
        mode.as_deref()
            .is_some_and(|mode| !matches!(mode, "" | "Never"))
    };
    let (ipip, vxlan) = (
        encapsulates(&pool.ipip_mode),
        encapsulates(&pool.vxlan_mode),
    );
    if ipip && family == IpFamily::V6 {
        return Err(Problem::IpipForIpv6);
    }
    if ipip && vxlan {
        return Err(Problem::TwoEncapsulations);
    }
    let size = pool.block_size.unwrap_or(default_block_size(family));
    let limits = block_sizes(family);
    if !limits.contains(&size) {
        return Err(Problem::BlockSize { size, limits });
    }
    if range.prefix_len() > size {
        return Err(Problem::SmallerThanABlock { range, size });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool(cidr: &str) -> Spec {
        Spec {
            cidr: cidr.to_owned(),
            ..Spec::default()
        }
    }

    #[test]
    fn a_plain_pool_of_either_family_is_fine() {
        assert_eq!(check(&pool("fd00:10:3::/56")), Ok(()));
        assert_eq!(check(&pool("10.3.0.0/16")), Ok(()));
    }

    #[test]
    fn link_local_and_tiny_pools_are_refused() {
        assert!(matches!(
            check(&pool("fe80::/64")),
            Err(Problem::LinkLocal(_))
        ));
        assert!(matches!(
            check(&pool("10.3.0.0/27")),
            Err(Problem::SmallerThanABlock { size: 26, .. })
        ));
    }
}
