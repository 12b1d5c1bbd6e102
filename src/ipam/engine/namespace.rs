//! One overlap domain: its roots, and everything below them.

use std::net::IpAddr;

use super::{
    EngineError, PrefixView, Reserve, Usage,
    addresses::Addresses,
    block::Block,
    blocks::{Blocks, Level},
    figures::unit,
    prefix::{Content, Prefix},
};
use crate::net::{Cidr, IpFamily};

/// The prefixes of one namespace.
#[derive(Clone, Debug, Default)]
pub(super) struct Namespace {
    v4: Level,
    v6: Level,
}

/// The prefix at `wanted`, and the one it was taken from.
fn find(roots: &Level, wanted: Block) -> Option<(Option<Block>, &Prefix)> {
    let mut level = roots;
    let mut parent = None;
    loop {
        let (base, prefix) = level.range(..=wanted.base).next_back()?;
        let found = Block {
            base: *base,
            len: prefix.len,
        };
        if found == wanted {
            return Some((parent, prefix));
        }
        match &prefix.content {
            Content::Children(blocks) if found.contains(wanted) => level = &blocks.children,
            _ => return None,
        }
        parent = Some(found);
    }
}

fn find_mut(roots: &mut Level, wanted: Block) -> Option<&mut Prefix> {
    let mut level = roots;
    loop {
        let (base, prefix) = level.range_mut(..=wanted.base).next_back()?;
        let found = Block {
            base: *base,
            len: prefix.len,
        };
        if found == wanted {
            return Some(prefix);
        }
        match &mut prefix.content {
            Content::Children(blocks) if found.contains(wanted) => level = &mut blocks.children,
            _ => return None,
        }
    }
}

impl Namespace {
    const fn roots(&self, family: IpFamily) -> &Level {
        match family {
            IpFamily::V4 => &self.v4,
            IpFamily::V6 => &self.v6,
        }
    }

    const fn roots_mut(&mut self, family: IpFamily) -> &mut Level {
        match family {
            IpFamily::V4 => &mut self.v4,
            IpFamily::V6 => &mut self.v6,
        }
    }

    fn get(&self, cidr: Cidr) -> Result<(Option<Block>, &Prefix), EngineError> {
        find(self.roots(cidr.family()), Block::of(cidr))
            .ok_or(EngineError::NotFound { prefix: cidr })
    }

    fn get_mut(&mut self, cidr: Cidr) -> Result<&mut Prefix, EngineError> {
        find_mut(self.roots_mut(cidr.family()), Block::of(cidr))
            .ok_or(EngineError::NotFound { prefix: cidr })
    }

    /// How many roots there are.
    pub(super) fn len(&self) -> usize {
        self.v4.len() + self.v6.len()
    }

    pub(super) fn view(&self, cidr: Cidr) -> Result<PrefixView, EngineError> {
        let (parent, prefix) = self.get(cidr)?;
        Ok(PrefixView {
            cidr,
            parent: parent.map(|block| block.cidr(cidr.family())),
            reserve: prefix.reserve,
        })
    }

    pub(super) fn usage(&self, cidr: Cidr) -> Result<Usage, EngineError> {
        let (_, prefix) = self.get(cidr)?;
        Ok(Usage::of(prefix, cidr.family()))
    }

    /// The maximal free blocks in order; all of them, or those that go-ipam lists.
    pub(super) fn free(&self, cidr: Cidr, smallest: bool) -> Result<Vec<Cidr>, EngineError> {
        let (_, prefix) = self.get(cidr)?;
        let family = cidr.family();
        let longest = if smallest {
            family.bits()
        } else {
            unit(family)
        };
        let free = prefix.free(Block::of(cidr)).into_iter();
        Ok(free
            .filter(|block| block.len <= longest)
            .map(|block| block.cidr(family))
            .collect())
    }

    /// Walks over every prefix, parents before their children, IPv4 first.
    pub(super) fn walk(&self, visit: &mut dyn FnMut(PrefixView, &Prefix)) {
        for family in [IpFamily::V4, IpFamily::V6] {
            walk(self.roots(family), family, None, visit);
        }
    }

    /// Why a new root is refused, if it is: its neighbours decide, because roots never overlap.
    pub(super) fn check_root(&self, cidr: Cidr) -> Result<(), EngineError> {
        let family = cidr.family();
        let wanted = Block::of(cidr);
        let roots = self.roots(family);
        let before = roots.range(..=wanted.base).next_back();
        let behind = roots.range(wanted.base..).next();
        for (base, prefix) in before.into_iter().chain(behind) {
            let found = Block {
                base: *base,
                len: prefix.len,
            };
            if found == wanted {
                return Err(EngineError::AlreadyExists { prefix: cidr });
            }
            if found.contains(wanted) || wanted.contains(found) {
                return Err(EngineError::Overlap {
                    prefix: cidr,
                    with: found.cidr(family),
                });
            }
        }
        Ok(())
    }

    pub(super) fn create(&mut self, cidr: Cidr, reserve: Reserve) -> Result<(), EngineError> {
        self.check_root(cidr)?;
        let prefix = Prefix::new(cidr.prefix_len(), reserve);
        self.roots_mut(cidr.family())
            .insert(Block::of(cidr).base, prefix);
        Ok(())
    }

    /// The parent of a prefix that may go; refused while anything is below it.
    pub(super) fn check_unused(&self, cidr: Cidr) -> Result<Option<Cidr>, EngineError> {
        let (parent, prefix) = self.get(cidr)?;
        match (prefix.children(), prefix.held()) {
            (0, 0) => Ok(parent.map(|block| block.cidr(cidr.family()))),
            (0, count) => Err(EngineError::HasAddresses {
                prefix: cidr,
                count,
            }),
            (count, _) => Err(EngineError::HasChildren {
                prefix: cidr,
                count,
            }),
        }
    }

    /// Removes a root, or gives a child back to its parent.
    pub(super) fn delete(&mut self, cidr: Cidr) -> Result<(), EngineError> {
        let parent = self.check_unused(cidr)?;
        let block = Block::of(cidr);
        let Some(parent) = parent else {
            self.roots_mut(cidr.family()).remove(&block.base);
            return Ok(());
        };
        let prefix = self.get_mut(parent)?;
        if let Content::Children(blocks) = &mut prefix.content {
            blocks.release(Block::of(parent), block);
            if blocks.children.is_empty() {
                prefix.content = Content::Unused;
            }
        }
        Ok(())
    }

    /// Where the next child would be.
    pub(super) fn next_child(&self, parent: Cidr, len: u8) -> Result<Cidr, EngineError> {
        let (_, prefix) = self.get(parent)?;
        check_parent(prefix, parent, len)?;
        let block = match &prefix.content {
            Content::Children(blocks) => blocks.next(len),
            Content::Unused | Content::Addresses(_) => Some(Block {
                base: Block::of(parent).base,
                len,
            }),
        };
        block
            .map(|block| block.cidr(parent.family()))
            .ok_or_else(|| exhausted(prefix, parent, len))
    }

    pub(super) fn acquire_child(&mut self, parent: Cidr, len: u8) -> Result<Cidr, EngineError> {
        let prefix = self.get_mut(parent)?;
        check_parent(prefix, parent, len)?;
        let child = Prefix::new(len, prefix.reserve);
        let blocks = blocks_of(prefix, parent);
        match blocks.acquire(len, child) {
            Some(block) => Ok(block.cidr(parent.family())),
            None => Err(exhausted(prefix, parent, len)),
        }
    }

    pub(super) fn check_child(&self, parent: Cidr, child: Cidr) -> Result<(), EngineError> {
        let (_, prefix) = self.get(parent)?;
        check_parent(prefix, parent, child.prefix_len())?;
        let wanted = Block::of(child);
        let free = parent.contains_cidr(child)
            && match &prefix.content {
                Content::Children(blocks) => blocks.is_free(wanted),
                Content::Unused | Content::Addresses(_) => true,
            };
        if free {
            Ok(())
        } else {
            Err(EngineError::Unavailable { parent, child })
        }
    }

    pub(super) fn take_child(&mut self, parent: Cidr, child: Cidr) -> Result<(), EngineError> {
        self.check_child(parent, child)?;
        let prefix = self.get_mut(parent)?;
        let taken = Prefix::new(child.prefix_len(), prefix.reserve);
        blocks_of(prefix, parent).take(Block::of(child), taken);
        Ok(())
    }

    /// Which address would be next.
    pub(super) fn next_address(&self, cidr: Cidr) -> Result<IpAddr, EngineError> {
        let (_, prefix) = self.get(cidr)?;
        check_holder(prefix, cidr)?;
        let next = match &prefix.content {
            Content::Addresses(addresses) => addresses.next(),
            Content::Unused | Content::Children(_) => {
                Addresses::new(prefix.usable(cidr.family())).next()
            }
        };
        next.and_then(|offset| cidr.nth(offset))
            .ok_or(EngineError::NoAddressLeft { prefix: cidr })
    }

    pub(super) fn acquire_address(&mut self, cidr: Cidr) -> Result<IpAddr, EngineError> {
        let prefix = self.get_mut(cidr)?;
        check_holder(prefix, cidr)?;
        let usable = prefix.usable(cidr.family());
        if let Content::Unused = prefix.content {
            prefix.content = Content::Addresses(Box::new(Addresses::new(usable)));
        }
        let Content::Addresses(addresses) = &mut prefix.content else {
            unreachable!("a prefix with children was refused above");
        };
        let offset = addresses.acquire();
        if addresses.held == 0 {
            prefix.content = Content::Unused;
        }
        offset
            .and_then(|offset| cidr.nth(offset))
            .ok_or(EngineError::NoAddressLeft { prefix: cidr })
    }

    pub(super) fn check_address(&self, cidr: Cidr, address: IpAddr) -> Result<(), EngineError> {
        let (_, prefix) = self.get(cidr)?;
        check_holder(prefix, cidr)?;
        let offset = usable_offset(prefix, cidr, address)?;
        match &prefix.content {
            Content::Addresses(addresses) if !addresses.is_free(offset) => Err(EngineError::Held {
                prefix: cidr,
                address,
            }),
            _ => Ok(()),
        }
    }

    pub(super) fn take_address(&mut self, cidr: Cidr, address: IpAddr) -> Result<(), EngineError> {
        self.check_address(cidr, address)?;
        let prefix = self.get_mut(cidr)?;
        let usable = prefix.usable(cidr.family());
        let offset = usable_offset(prefix, cidr, address)?;
        if let Content::Unused = prefix.content {
            prefix.content = Content::Addresses(Box::new(Addresses::new(usable)));
        }
        if let Content::Addresses(addresses) = &mut prefix.content {
            addresses.take(offset);
        }
        Ok(())
    }

    pub(super) fn release_address(
        &mut self,
        cidr: Cidr,
        address: IpAddr,
    ) -> Result<(), EngineError> {
        let prefix = self.get_mut(cidr)?;
        let not_held = EngineError::NotHeld {
            prefix: cidr,
            address,
        };
        if !cidr.contains(address) {
            return Err(not_held);
        }
        let offset = usable_offset(prefix, cidr, address)?;
        let Content::Addresses(addresses) = &mut prefix.content else {
            return Err(not_held);
        };
        if !addresses.release(offset) {
            return Err(not_held);
        }
        if addresses.held == 0 {
            prefix.content = Content::Unused;
        }
        Ok(())
    }
}

fn walk(
    level: &Level,
    family: IpFamily,
    parent: Option<Cidr>,
    visit: &mut dyn FnMut(PrefixView, &Prefix),
) {
    for (base, prefix) in level {
        let block = Block {
            base: *base,
            len: prefix.len,
        };
        let cidr = block.cidr(family);
        let view = PrefixView {
            cidr,
            parent,
            reserve: prefix.reserve,
        };
        visit(view, prefix);
        if let Content::Children(blocks) = &prefix.content {
            walk(&blocks.children, family, Some(cidr), visit);
        }
    }
}

/// The children of a prefix that may have some.
fn blocks_of(prefix: &mut Prefix, cidr: Cidr) -> &mut Blocks {
    if !matches!(prefix.content, Content::Children(_)) {
        prefix.content =
            Content::Children(Box::new(Blocks::new(Block::of(cidr), unit(cidr.family()))));
    }
    match &mut prefix.content {
        Content::Children(blocks) => blocks,
        Content::Unused | Content::Addresses(_) => unreachable!("it was just made so"),
    }
}

fn check_parent(prefix: &Prefix, parent: Cidr, length: u8) -> Result<(), EngineError> {
    if length <= parent.prefix_len() {
        return Err(EngineError::LengthNotLonger { parent, length });
    }
    match prefix.held() {
        0 if length <= parent.family().bits() => Ok(()),
        0 => Err(EngineError::LengthImpossible { parent, length }),
        count => Err(EngineError::HasAddresses {
            prefix: parent,
            count,
        }),
    }
}

fn exhausted(prefix: &Prefix, parent: Cidr, length: u8) -> EngineError {
    let largest = Usage::of(prefix, parent.family()).largest_free;
    EngineError::Exhausted {
        parent,
        length,
        largest,
    }
}

fn check_holder(prefix: &Prefix, cidr: Cidr) -> Result<(), EngineError> {
    match prefix.children() {
        0 => Ok(()),
        count => Err(EngineError::HasChildren {
            prefix: cidr,
            count,
        }),
    }
}

fn usable_offset(prefix: &Prefix, cidr: Cidr, address: IpAddr) -> Result<u128, EngineError> {
    let offset = cidr.offset_of(address).ok_or(EngineError::OutOfPrefix {
        prefix: cidr,
        address,
    })?;
    if prefix.usable(cidr.family()).contains(offset) {
        Ok(offset)
    } else {
        Err(EngineError::Reserved {
            prefix: cidr,
            address,
        })
    }
}

#[cfg(test)]
impl Namespace {
    /// Whether every prefix with children is filled by them and by merged free blocks.
    pub(super) fn is_sound(&self) -> bool {
        let mut sound = true;
        self.walk(&mut |view, prefix| {
            if let Content::Children(blocks) = &prefix.content {
                sound &= blocks.is_sound(Block::of(view.cidr)) && !blocks.children.is_empty();
            }
        });
        sound
    }
}
