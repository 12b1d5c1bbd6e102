//! A prefix as a number, aligned to the left so that both families nest by the same arithmetic.

use crate::net::{Cidr, IpFamily};

/// A prefix: its bits from the left of a 128-bit word, and its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// The bits of the network, the first of them the highest of the word.
    pub(super) base: u128,
    /// The length.
    pub(super) len: u8,
}

impl Block {
    pub(super) fn of(cidr: Cidr) -> Self {
        Self {
            base: cidr.left_aligned_bits(),
            len: cidr.prefix_len(),
        }
    }

    /// The prefix that this is in a family.
    pub(super) fn cidr(self, family: IpFamily) -> Cidr {
        Cidr::from_left_aligned(family, self.base, self.len)
            .expect("blocks of a family are as long as its prefixes at most")
    }

    /// Whether `other` lies inside, or is the same.
    pub(super) const fn contains(self, other: Self) -> bool {
        other.len >= self.len && network(other.base, self.len) == self.base
    }

    /// The last bit pattern inside.
    #[cfg(test)]
    pub(super) const fn last(self) -> u128 {
        if self.len == 0 {
            u128::MAX
        } else {
            self.base | ((1 << (128 - self.len)) - 1)
        }
    }

    /// The other half of the block that is one bit shorter. The whole space has none.
    pub(super) const fn sibling(self) -> Option<Self> {
        if self.len == 0 {
            return None;
        }
        Some(Self {
            base: self.base ^ (1 << (128 - self.len)),
            len: self.len,
        })
    }

    /// The block of length `len` that holds this one.
    pub(super) const fn ancestor(self, len: u8) -> Self {
        Self {
            base: network(self.base, len),
            len,
        }
    }
}

/// The first `len` bits of a word.
const fn network(bits: u128, len: u8) -> u128 {
    if len == 0 {
        0
    } else {
        bits & (u128::MAX << (128 - len))
    }
}
