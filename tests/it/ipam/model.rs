//! A model of the engine that is too simple to be wrong: a list of prefixes, searched in full.

use std::{collections::BTreeSet, net::IpAddr};

use garden6::net::{Cidr, IpFamily};

/// The variant of a refusal.
pub(super) type Refusal = &'static str;

#[derive(Debug)]
struct Entry {
    cidr: Cidr,
    parent: Option<Cidr>,
    held: BTreeSet<IpAddr>,
}

/// The prefixes of one namespace.
#[derive(Debug, Default)]
pub(super) struct Model(Vec<Entry>);

impl Model {
    pub(super) fn prefixes(&self) -> Vec<Cidr> {
        self.0.iter().map(|entry| entry.cidr).collect()
    }

    pub(super) fn held(&self, cidr: Cidr) -> Vec<IpAddr> {
        let entry = self.0.iter().find(|entry| entry.cidr == cidr);
        entry.map_or_else(Vec::new, |entry| entry.held.iter().copied().collect())
    }

    pub(super) fn children(&self, parent: Cidr) -> Vec<Cidr> {
        let children = self.0.iter().filter(|entry| entry.parent == Some(parent));
        children.map(|entry| entry.cidr).collect()
    }

    fn entry(&mut self, cidr: Cidr) -> Result<&mut Entry, Refusal> {
        self.0
            .iter_mut()
            .find(|entry| entry.cidr == cidr)
            .ok_or("NotFound")
    }

    pub(super) fn create(&mut self, cidr: Cidr) -> Result<(), Refusal> {
        let roots = || self.0.iter().filter(|entry| entry.parent.is_none());
        if roots().any(|entry| entry.cidr == cidr) {
            return Err("AlreadyExists");
        }
        if roots().any(|entry| entry.cidr.overlaps(cidr)) {
            return Err("Overlap");
        }
        self.push(cidr, None);
        Ok(())
    }

    fn push(&mut self, cidr: Cidr, parent: Option<Cidr>) {
        let held = BTreeSet::new();
        self.0.push(Entry { cidr, parent, held });
    }

    pub(super) fn delete(&mut self, cidr: Cidr) -> Result<(), Refusal> {
        let held = self.entry(cidr)?.held.len();
        if !self.children(cidr).is_empty() {
            return Err("HasChildren");
        }
        if held > 0 {
            return Err("HasAddresses");
        }
        self.0.retain(|entry| entry.cidr != cidr);
        Ok(())
    }

    pub(super) fn release(&mut self, cidr: Cidr) -> Result<(), Refusal> {
        if self.entry(cidr)?.parent.is_none() {
            return Err("NotAChild");
        }
        self.delete(cidr)
    }

    /// The maximal blocks that no child touches, in order.
    pub(super) fn free(&self, parent: Cidr) -> Vec<Cidr> {
        fn search(block: Cidr, children: &[Cidr], free: &mut Vec<Cidr>) {
            if children.iter().all(|child| !child.overlaps(block)) {
                free.push(block);
            } else if !children.iter().any(|child| child.contains_cidr(block)) {
                for half in block.subnets(block.prefix_len() + 1) {
                    search(half, children, free);
                }
            }
        }
        let mut free = Vec::new();
        search(parent, &self.children(parent), &mut free);
        free
    }

    fn check_parent(&mut self, parent: Cidr, length: u8) -> Result<(), Refusal> {
        let entry = self.entry(parent)?;
        if length <= parent.prefix_len() {
            Err("LengthNotLonger")
        } else if !entry.held.is_empty() {
            Err("HasAddresses")
        } else if length > parent.family().bits() {
            Err("LengthImpossible")
        } else {
            Ok(())
        }
    }

    pub(super) fn acquire_child(&mut self, parent: Cidr, length: u8) -> Result<Cidr, Refusal> {
        self.check_parent(parent, length)?;
        let free = self.free(parent).into_iter();
        let best = free
            .filter(|block| block.prefix_len() <= length)
            .max_by_key(|block| (block.prefix_len(), std::cmp::Reverse(*block)))
            .ok_or("Exhausted")?;
        let child = Cidr::containing(best.network(), length).ok_or("LengthImpossible")?;
        self.push(child, Some(parent));
        Ok(child)
    }

    pub(super) fn take_child(&mut self, parent: Cidr, child: Cidr) -> Result<(), Refusal> {
        self.check_parent(parent, child.prefix_len())?;
        let free = self.free(parent);
        if !free.iter().any(|block| block.contains_cidr(child)) {
            return Err("Unavailable");
        }
        self.push(child, Some(parent));
        Ok(())
    }

    fn check_holder(&mut self, cidr: Cidr) -> Result<(), Refusal> {
        self.entry(cidr)?;
        if self.children(cidr).is_empty() {
            Ok(())
        } else {
            Err("HasChildren")
        }
    }

    pub(super) fn acquire_address(&mut self, cidr: Cidr) -> Result<IpAddr, Refusal> {
        self.check_holder(cidr)?;
        let entry = self.entry(cidr)?;
        for offset in 0.. {
            let address = cidr.nth(offset).ok_or("NoAddressLeft")?;
            if !is_reserved(cidr, address) && !entry.held.contains(&address) {
                entry.held.insert(address);
                return Ok(address);
            }
        }
        Err("NoAddressLeft")
    }

    pub(super) fn take_address(&mut self, cidr: Cidr, address: IpAddr) -> Result<(), Refusal> {
        self.check_holder(cidr)?;
        if !cidr.contains(address) {
            Err("OutOfPrefix")
        } else if is_reserved(cidr, address) {
            Err("Reserved")
        } else if self.entry(cidr)?.held.insert(address) {
            Ok(())
        } else {
            Err("Held")
        }
    }

    pub(super) fn release_address(&mut self, cidr: Cidr, address: IpAddr) -> Result<(), Refusal> {
        let entry = self.entry(cidr)?;
        if cidr.contains(address) && is_reserved(cidr, address) {
            Err("Reserved")
        } else if entry.held.remove(&address) {
            Ok(())
        } else {
            Err("NotHeld")
        }
    }
}

fn is_reserved(cidr: Cidr, address: IpAddr) -> bool {
    address == cidr.network() || (cidr.family() == IpFamily::V4 && address == cidr.last())
}
