//! The addresses of one range and who has them.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::net::{Cidr, IpFamily};

/// The addresses of one range; the network address, and the broadcast address of IPv4, are never
/// handed out.
#[derive(Debug)]
pub(super) struct Range {
    net: Cidr,
    /// Offset of the last address that may be handed out.
    last: u128,
    /// The offset tried next: addresses just released are the last to be used again.
    next: u128,
    used: BTreeSet<u128>,
}

impl Range {
    pub(super) fn new(net: Cidr) -> Self {
        let size = net
            .offset_of(net.last())
            .expect("invariant: the last address is inside");
        let last = match net.family() {
            IpFamily::V4 => size.saturating_sub(1),
            IpFamily::V6 => size,
        };
        Self {
            net,
            last,
            next: 1,
            used: BTreeSet::new(),
        }
    }

    pub(super) fn net(&self) -> Cidr {
        self.net
    }

    pub(super) fn contains(&self, address: IpAddr) -> bool {
        self.net.contains(address)
    }

    /// The first free address at or after the cursor.
    pub(super) fn allocate(&mut self) -> Option<IpAddr> {
        let offset = self
            .first_free(self.next, self.last)
            .or_else(|| self.first_free(1, self.next))?;
        self.used.insert(offset);
        self.next = if offset >= self.last { 1 } else { offset + 1 };
        self.net.nth(offset)
    }

    /// Takes one address; `false` when somebody has it or it is not for services.
    pub(super) fn take(&mut self, address: IpAddr) -> bool {
        self.net
            .offset_of(address)
            .is_some_and(|offset| (1..=self.last).contains(&offset) && self.used.insert(offset))
    }

    pub(super) fn release(&mut self, address: IpAddr) {
        if let Some(offset) = self.net.offset_of(address) {
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
