//! The children of a prefix and the space between them: a buddy allocator.

use std::collections::{BTreeMap, BTreeSet};

use super::{block::Block, prefix::Prefix};

/// Prefixes that do not overlap, by the bits of their networks.
pub(super) type Level = BTreeMap<u128, Prefix>;

/// What a prefix with children is made of.
#[derive(Clone, Debug)]
pub(super) struct Blocks {
    /// The maximal free blocks, by length and then by place: siblings are always merged.
    free: BTreeSet<(u8, u128)>,
    /// The length of the blocks that free space is counted in.
    unit: u8,
    /// How many blocks of length `unit` the free space amounts to; smaller blocks do not count.
    pub(super) free_units: u128,
    /// The children.
    pub(super) children: Level,
}

impl Blocks {
    /// The space of a prefix without children.
    pub(super) fn new(whole: Block, unit: u8) -> Self {
        let mut blocks = Self {
            free: BTreeSet::new(),
            unit,
            free_units: 0,
            children: Level::new(),
        };
        blocks.insert(whole);
        blocks
    }

    /// What a free block counts.
    fn units(&self, block: Block) -> u128 {
        let bits = self.unit.checked_sub(block.len);
        bits.map_or(0, |bits| 1 << bits)
    }

    fn insert(&mut self, block: Block) {
        self.free_units += self.units(block);
        self.free.insert((block.len, block.base));
    }

    fn remove(&mut self, block: Block) -> bool {
        let was_free = self.free.remove(&(block.len, block.base));
        if was_free {
            self.free_units -= self.units(block);
        }
        was_free
    }

    /// The length of the block that a child of length `len` would be cut from: of the free blocks
    /// that are large enough the smallest, of equal ones the lowest.
    fn best_fit(&self, len: u8) -> Option<Block> {
        let (fit, _) = *self.free.range(..=(len, u128::MAX)).next_back()?;
        let (_, base) = *self.free.range((fit, 0)..).next()?;
        Some(Block { base, len: fit })
    }

    /// Where the next child of length `len` would be.
    pub(super) fn next(&self, len: u8) -> Option<Block> {
        let fit = self.best_fit(len)?;
        Some(Block {
            base: fit.base,
            len,
        })
    }

    /// The free block that holds all of `wanted`.
    fn around(&self, wanted: Block) -> Option<Block> {
        (0..=wanted.len)
            .rev()
            .map(|len| wanted.ancestor(len))
            .find(|block| self.free.contains(&(block.len, block.base)))
    }

    /// Whether `wanted` is free as a whole.
    pub(super) fn is_free(&self, wanted: Block) -> bool {
        self.around(wanted).is_some()
    }

    /// Takes the next child of length `len`.
    pub(super) fn acquire(&mut self, len: u8, child: Prefix) -> Option<Block> {
        let fit = self.best_fit(len)?;
        let block = Block {
            base: fit.base,
            len,
        };
        self.cut(fit, block);
        self.children.insert(block.base, child);
        Some(block)
    }

    /// Takes `wanted`; false, and nothing happens, where it is not free.
    pub(super) fn take(&mut self, wanted: Block, child: Prefix) -> bool {
        let Some(around) = self.around(wanted) else {
            return false;
        };
        self.cut(around, wanted);
        self.children.insert(wanted.base, child);
        true
    }

    /// Cuts `wanted` out of the free block `around`: on the way down one half of each block stays.
    fn cut(&mut self, around: Block, wanted: Block) {
        self.remove(around);
        for len in around.len + 1..=wanted.len {
            let stays = wanted.ancestor(len).sibling();
            let stays = stays.expect("a block inside another one has a sibling");
            self.insert(stays);
        }
    }

    /// Gives a child back; its block merges with free siblings as far as they go.
    pub(super) fn release(&mut self, whole: Block, child: Block) {
        if self.children.remove(&child.base).is_none() {
            return;
        }
        let mut block = child;
        while block.len > whole.len {
            let Some(sibling) = block.sibling() else {
                break;
            };
            if !self.remove(sibling) {
                break;
            }
            block = block.ancestor(block.len - 1);
        }
        self.insert(block);
    }

    /// The maximal free blocks, largest first.
    pub(super) fn free(&self) -> impl Iterator<Item = Block> {
        self.free.iter().map(|&(len, base)| Block { base, len })
    }

    /// The length of the largest free block.
    pub(super) fn largest_free(&self) -> Option<u8> {
        self.free.first().map(|(len, _)| *len)
    }

    /// Whether children and free blocks fill `whole` exactly, and free siblings are merged.
    #[cfg(test)]
    pub(super) fn is_sound(&self, whole: Block) -> bool {
        let mut pieces: Vec<Block> = self.free().collect();
        let merged = pieces.iter().all(|block| {
            block.len == whole.len
                || block
                    .sibling()
                    .is_none_or(|other| !self.free.contains(&(other.len, other.base)))
        });
        pieces.extend(self.children.iter().map(|(base, child)| Block {
            base: *base,
            len: child.len,
        }));
        pieces.sort_by_key(|block| block.base);
        let adjacent = pieces
            .windows(2)
            .all(|pair| pair[0].last().checked_add(1) == Some(pair[1].base));
        let units: u128 = self.free().map(|block| self.units(block)).sum();
        merged
            && adjacent
            && units == self.free_units
            && pieces.first().map(|block| block.base) == Some(whole.base)
            && pieces.last().map(|block| block.last()) == Some(whole.last())
    }
}
