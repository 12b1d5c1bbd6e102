//! Figures of a prefix, exact, and as go-ipam reports them.

use super::prefix::{Content, Prefix};
use crate::net::IpFamily;

/// Where go-ipam stops counting.
const CAP: u128 = i32::MAX as u128;

/// How full a prefix is. Counts are exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// The capacity is two to the power of this many addresses.
    pub host_bits: u8,
    /// Addresses that are never handed out.
    pub reserved: u8,
    /// Addresses that are held.
    pub held: u128,
    /// Children.
    pub children: usize,
    /// Free space in blocks of four addresses (/30 or /126); smaller blocks do not count.
    pub free_units: u128,
    /// The length of the largest free block.
    pub largest_free: Option<u8>,
}

/// The length of a block of four addresses, the smallest that go-ipam counts.
pub(super) const fn unit(family: IpFamily) -> u8 {
    family.bits() - 2
}

impl Usage {
    pub(super) fn of(prefix: &Prefix, family: IpFamily) -> Self {
        let len = prefix.len;
        let host_bits = family.bits() - len;
        let unit = unit(family);
        let (free_units, largest_free) = match &prefix.content {
            Content::Children(blocks) => (blocks.free_units, blocks.largest_free()),
            Content::Unused | Content::Addresses(_) => {
                let units = unit.checked_sub(len).map_or(0, |bits| 1 << bits);
                (units, Some(len))
            }
        };
        let usable = prefix.usable(family);
        let last = if host_bits == 128 {
            u128::MAX
        } else {
            (1 << host_bits) - 1
        };
        let mut ends = vec![0, last];
        ends.dedup();
        let reserved = ends.iter().filter(|end| !usable.contains(**end)).count();
        Self {
            host_bits,
            reserved: u8::try_from(reserved).expect("a prefix has two ends at most"),
            held: prefix.held(),
            children: prefix.children(),
            free_units,
            largest_free,
        }
    }

    /// How many addresses the prefix has at all; nothing where that does not fit 128 bits (`::/0`).
    pub const fn capacity(&self) -> Option<u128> {
        1_u128.checked_shl(self.host_bits as u32)
    }

    /// The capacity as go-ipam reports it: capped at 2147483647 where there are more than 31 host
    /// bits.
    pub fn available_ips(&self) -> u64 {
        let capacity = match self.host_bits {
            0..=31 => 1 << self.host_bits,
            _ => CAP,
        };
        u64::try_from(capacity).expect("capped")
    }

    /// Addresses that cannot be had any more: reserved ones count.
    pub fn acquired_ips(&self) -> u64 {
        let acquired = self.held.saturating_add(self.reserved.into());
        u64::try_from(acquired).unwrap_or(u64::MAX)
    }

    /// Free blocks of four addresses, capped at 2147483647.
    pub fn available_smallest_prefixes(&self) -> u64 {
        u64::try_from(self.free_units.min(CAP)).expect("capped")
    }
}
