//! The local registry: where it is on the container network and on the host, and what it listens on. Pure.

use std::net::{IpAddr, SocketAddr};

use crate::{
    config::Environment,
    net::{Cidr, IpFamily},
};

/// Last part of the registry's addresses, far from those the engine hands out by itself.
const IPV6_OFFSET: u128 = 0x5001;
const IPV4_OFFSET_FROM_END: u128 = 5;

/// The registry of an environment.
#[derive(Debug, Clone, Copy)]
pub struct LocalRegistry<'a>(pub &'a Environment);

impl LocalRegistry<'_> {
    /// Name of the container, and of the volume.
    pub fn container(self) -> String {
        format!("{}-registry", self.0.name)
    }

    /// Where the host reaches it.
    pub fn published(self) -> SocketAddr {
        SocketAddr::new(self.0.plan.families.primary().loopback(), self.port())
    }

    /// The port, everywhere.
    pub const fn port(self) -> u16 {
        self.0.registry.address.port
    }

    /// Its IPv6 address on the container network.
    pub fn ipv6(self) -> Option<IpAddr> {
        self.0.plan.v6.docker.nth(IPV6_OFFSET)
    }

    /// Its IPv4 address on the container network; none where the range is too small to keep it away from nodes.
    pub fn ipv4(self) -> Option<IpAddr> {
        let range = self.0.plan.v4.docker;
        ipv4_offset(range).and_then(|offset| range.nth(offset))
    }

    /// What it listens on.
    ///
    /// Where IPv6 is primary it is the IPv6 address alone: the network has IPv4 as well, and Go programs
    /// such as containerd prefer IPv4 to unique local addresses (RFC 6724 section 2.1), so pulls would
    /// never use IPv6. A connection over IPv4 is refused at once and the next address is tried.
    pub fn listen(self) -> String {
        match (self.0.plan.families.primary(), self.ipv6()) {
            (IpFamily::V6, Some(address)) => SocketAddr::new(address, self.port()).to_string(),
            _ => format!(":{}", self.port()),
        }
    }
}

/// An address near the end of a range.
fn ipv4_offset(cidr: Cidr) -> Option<u128> {
    let host_bits = u32::from(cidr.family().bits() - cidr.prefix_len());
    (host_bits >= 5).then(|| (1_u128 << host_bits) - 1 - IPV4_OFFSET_FROM_END)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ipv4_address_is_near_the_end_of_the_range() {
        let range: Cidr = "172.18.0.0/24".parse().unwrap();
        let address = ipv4_offset(range).and_then(|offset| range.nth(offset));
        assert_eq!(address.unwrap().to_string(), "172.18.0.250");
        assert_eq!(ipv4_offset("172.18.0.0/28".parse().unwrap()), None);
    }
}
