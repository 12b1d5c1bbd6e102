//! The addresses of a prefix that holds addresses, as offsets from its network address.

use std::collections::BTreeMap;

use super::prefix::Reserve;
use crate::net::IpFamily;

/// The offsets of a prefix that may be handed out. Empty where `first` is behind `last`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ipam) struct Usable {
    first: u128,
    last: u128,
}

impl Usable {
    /// By default the network address is nobody's, and in IPv4 neither is the broadcast address.
    pub(super) fn of(family: IpFamily, len: u8, reserve: Reserve) -> Self {
        let host_bits = family.bits() - len;
        let last = match host_bits {
            128 => u128::MAX,
            bits => (1 << bits) - 1,
        };
        match (reserve, family) {
            (Reserve::Nothing, _) => Self { first: 0, last },
            (Reserve::Ends, IpFamily::V6) => Self { first: 1, last },
            (Reserve::Ends, IpFamily::V4) => Self {
                first: 1,
                last: last.saturating_sub(1),
            },
        }
    }

    /// The offsets from `first` to `last`.
    pub(in crate::ipam) const fn between(first: u128, last: u128) -> Self {
        Self { first, last }
    }

    pub(super) const fn contains(self, offset: u128) -> bool {
        self.first <= offset && offset <= self.last
    }
}

/// Which addresses are free, as ranges; everything else that is usable is held.
#[derive(Clone, Debug)]
pub(in crate::ipam) struct Addresses {
    /// Start and end of each free range; neighbours are always merged.
    free: BTreeMap<u128, u128>,
    /// How many are held.
    pub(super) held: u128,
}

impl Addresses {
    /// All of them free.
    pub(in crate::ipam) fn new(usable: Usable) -> Self {
        let some = usable.first <= usable.last;
        Self {
            free: some
                .then_some((usable.first, usable.last))
                .into_iter()
                .collect(),
            held: 0,
        }
    }

    /// The lowest free one.
    pub(in crate::ipam) fn next(&self) -> Option<u128> {
        self.free.first_key_value().map(|(start, _)| *start)
    }

    /// Takes the lowest free one.
    pub(super) fn acquire(&mut self) -> Option<u128> {
        let (start, end) = self.free.pop_first()?;
        if start < end {
            self.free.insert(start + 1, end);
        }
        self.held += 1;
        Some(start)
    }

    /// Takes this one; false, and nothing happens, where it is not free.
    pub(in crate::ipam) fn take(&mut self, offset: u128) -> bool {
        let Some((&start, &end)) = self.free.range(..=offset).next_back() else {
            return false;
        };
        if end < offset {
            return false;
        }
        self.free.remove(&start);
        if start < offset {
            self.free.insert(start, offset - 1);
        }
        if offset < end {
            self.free.insert(offset + 1, end);
        }
        self.held += 1;
        true
    }

    /// Whether this one is free.
    pub(in crate::ipam) fn is_free(&self, offset: u128) -> bool {
        let range = self.free.range(..=offset).next_back();
        range.is_some_and(|(_, end)| offset <= *end)
    }

    /// Gives one back that is usable; false, and nothing happens, where nobody holds it.
    pub(in crate::ipam) fn release(&mut self, offset: u128) -> bool {
        if self.is_free(offset) {
            return false;
        }
        let (mut start, mut end) = (offset, offset);
        if let Some((&before, &before_end)) = self.free.range(..offset).next_back()
            && before_end.checked_add(1) == Some(offset)
        {
            self.free.remove(&before);
            start = before;
        }
        // The last address of the IPv6 space has no successor.
        if let Some(behind) = offset.checked_add(1)
            && let Some(behind_end) = self.free.remove(&behind)
        {
            end = behind_end;
        }
        self.free.insert(start, end);
        self.held -= 1;
        true
    }

    /// The held ones in order, found between the free ranges.
    pub(super) fn held(&self, usable: Usable) -> impl Iterator<Item = u128> {
        let mut next = Some(usable.first);
        let mut gaps = Vec::new();
        for (start, end) in &self.free {
            if let Some(from) = next
                && from < *start
            {
                gaps.push((from, start - 1));
            }
            next = end.checked_add(1);
        }
        if let Some(from) = next
            && from <= usable.last
        {
            gaps.push((from, usable.last));
        }
        gaps.into_iter().flat_map(|(from, to)| from..=to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_very_last_address_of_the_space_comes_and_goes_without_overflow() {
        let usable = Usable::of(IpFamily::V6, 0, Reserve::Ends);
        let mut addresses = Addresses::new(usable);
        assert!(addresses.take(u128::MAX) && !addresses.take(u128::MAX));
        assert_eq!(addresses.acquire(), Some(1));
        assert!(addresses.release(u128::MAX) && !addresses.release(u128::MAX));
        assert_eq!(addresses.held(usable).collect::<Vec<_>>(), [1]);
    }
}
