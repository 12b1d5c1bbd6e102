//! The local registry: where it is on the container network and on the host, and what it listens on. Pure.

use std::net::{IpAddr, SocketAddr};

use crate::{
    config::Environment,
    net::{Cidr, IpFamily},
};

/// Where the IPv4 address of a registry on the usual port is, counted from the end of the range: far from what the
/// engine hands out by itself.
const IPV4_OFFSET_FROM_END: u128 = 5;
const USUAL_PORT: u16 = 5001;

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

    /// Its IPv6 address on the container network, far from what the engine hands out by itself. The last group reads as
    /// the port, so registries of several environments can share a network.
    pub fn ipv6(self) -> Option<IpAddr> {
        self.0.plan.v6.docker.nth(ipv6_offset(self.port()))
    }

    /// Its IPv4 address on the container network; none where the range is too small to keep it away from nodes.
    pub fn ipv4(self) -> Option<IpAddr> {
        let range = self.0.plan.v4.docker;
        ipv4_offset(range, self.port()).and_then(|offset| range.nth(offset))
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

/// The decimal digits of a port read as hexadecimal ones.
fn ipv6_offset(port: u16) -> u128 {
    u128::from_str_radix(&port.to_string(), 16).expect("decimal digits are hexadecimal digits")
}

/// An address in the last quarter of a range, another one for each of the ports that follow the usual one.
fn ipv4_offset(cidr: Cidr, port: u16) -> Option<u128> {
    let host_bits = u32::from(cidr.family().bits() - cidr.prefix_len());
    let last = (1_u128 << host_bits) - 1;
    (host_bits >= 5).then(|| {
        let places = (last + 1) / 4 - IPV4_OFFSET_FROM_END;
        let place = u128::from(port.wrapping_sub(USUAL_PORT)) % places;
        last - IPV4_OFFSET_FROM_END - place
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ipv4_address_is_near_the_end_of_the_range() {
        let range: Cidr = "172.18.0.0/24".parse().unwrap();
        let address = |port| ipv4_offset(range, port).and_then(|offset| range.nth(offset));
        assert_eq!(address(5001).unwrap().to_string(), "172.18.0.250");
        assert_eq!(address(5002).unwrap().to_string(), "172.18.0.249");
        let quarter: IpAddr = "172.18.0.192".parse().unwrap();
        for port in [1, 5000, 5060, 65535] {
            assert!(address(port).unwrap() >= quarter, "{port}");
        }
        assert_eq!(ipv4_offset("172.18.0.0/28".parse().unwrap(), 5001), None);
    }

    #[test]
    fn the_ipv6_address_ends_in_the_port() {
        let range: Cidr = "fd00:10::/64".parse().unwrap();
        let address = |port| range.nth(ipv6_offset(port)).unwrap().to_string();
        assert_eq!(address(5001), "fd00:10::5001");
        assert_eq!(address(65535), "fd00:10::6:5535");
    }
}
