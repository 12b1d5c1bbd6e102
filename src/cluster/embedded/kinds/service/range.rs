//! The addresses of one range and who has them.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

/// The addresses of one range; the network address, and the broadcast address of IPv4, are never
/// handed out.
#[derive(Debug)]
pub(super) struct Range {
    net: IpNet,
    /// Offset of the last address that may be handed out.
    last: u128,
    /// The offset tried next: addresses just released are the last to be used again.
    next: u128,
    used: BTreeSet<u128>,
}

impl Range {
    pub(super) fn new(net: IpNet) -> Self {
        let net = net.trunc();
        let host_bits = u32::from(net.max_prefix_len() - net.prefix_len());
        let size = 1_u128
            .checked_shl(host_bits)
            .map_or(u128::MAX, |size| size - 1);
        let last = if net.addr().is_ipv4() {
            size.saturating_sub(1)
        } else {
            size
        };
        Self {
            net,
            last,
            next: 1,
            used: BTreeSet::new(),
        }
    }

    pub(super) fn net(&self) -> IpNet {
        self.net
    }

    pub(super) fn contains(&self, address: IpAddr) -> bool {
        self.net.contains(&address)
    }

    /// The first free address at or after the cursor.
    pub(super) fn allocate(&mut self) -> Option<IpAddr> {
        let offset = self
            .first_free(self.next, self.last)
            .or_else(|| self.first_free(1, self.next))?;
        self.used.insert(offset);
        self.next = if offset >= self.last { 1 } else { offset + 1 };
        Some(self.address(offset))
    }

    /// Takes one address; `false` when somebody has it or it is not for services.
    pub(super) fn take(&mut self, address: IpAddr) -> bool {
        let offset = self.offset(address);
        (1..=self.last).contains(&offset) && self.used.insert(offset)
    }

    pub(super) fn release(&mut self, address: IpAddr) {
        if self.contains(address) {
            let offset = self.offset(address);
            self.used.remove(&offset);
        }
    }

    fn first_free(&self, from: u128, to: u128) -> Option<u128> {
        let mut candidate = from;
        for taken in self.used.range(from..=to.max(from)) {
            if *taken != candidate {
                break;
            }
            candidate += 1;
        }
        (candidate <= to).then_some(candidate)
    }

    fn offset(&self, address: IpAddr) -> u128 {
        bits(address).wrapping_sub(bits(self.net.network()))
    }

    fn address(&self, offset: u128) -> IpAddr {
        let bits = bits(self.net.network()) + offset;
        match self.net {
            IpNet::V4(_) => {
                let bits = u32::try_from(bits).expect("invariant: the offset is inside the range");
                Ipv4Addr::from_bits(bits).into()
            }
            IpNet::V6(_) => Ipv6Addr::from_bits(bits).into(),
        }
    }
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hands_out_every_usable_address_once_and_then_says_no() {
        for (net, count) in [("10.0.0.0/29", 6), ("fd00::/125", 7)] {
            let mut range = Range::new(net.parse().unwrap());
            let mut seen = BTreeSet::new();
            while let Some(address) = range.allocate() {
                assert!(seen.insert(address), "{address} twice");
            }
            assert_eq!(seen.len(), count, "{net}");
        }
    }

    #[test]
    fn a_released_address_is_reused_last() {
        let mut range = Range::new("fd00:1::/64".parse().unwrap());
        let first = range.allocate().unwrap();
        assert_eq!(first.to_string(), "fd00:1::1");
        range.release(first);
        assert_eq!(range.allocate().unwrap().to_string(), "fd00:1::2");
    }

    #[test]
    fn a_requested_address_is_taken_once_and_the_network_address_never() {
        let mut range = Range::new("fd00:1::/64".parse().unwrap());
        assert!(range.take("fd00:1::a".parse().unwrap()));
        assert!(!range.take("fd00:1::a".parse().unwrap()));
        assert!(!range.take("fd00:1::".parse().unwrap()));
    }
}
