//! The engine as a whole: namespaces, each an overlap domain of its own.

use std::{collections::BTreeMap, net::IpAddr};

use super::{EngineError, PrefixView, Reserve, Usage, namespace::Namespace, prefix::Content};
use crate::net::Cidr;

/// The namespace that exists from the start.
pub const DEFAULT_NAMESPACE: &str = "root";

/// All namespaces and what they hold. Operations are all or nothing.
#[derive(Clone, Debug)]
pub struct Engine {
    namespaces: BTreeMap<String, Namespace>,
}

impl Default for Engine {
    fn default() -> Self {
        Self {
            namespaces: [(DEFAULT_NAMESPACE.to_owned(), Namespace::default())].into(),
        }
    }
}

impl Engine {
    /// An engine without any namespace, to be filled from a record of what there was.
    pub const fn empty() -> Self {
        Self {
            namespaces: BTreeMap::new(),
        }
    }

    fn of(&self, namespace: &str) -> Result<&Namespace, EngineError> {
        self.namespaces
            .get(namespace)
            .ok_or_else(|| missing(namespace))
    }

    fn of_mut(&mut self, namespace: &str) -> Result<&mut Namespace, EngineError> {
        self.namespaces
            .get_mut(namespace)
            .ok_or_else(|| missing(namespace))
    }

    /// Makes a namespace; false where it exists already.
    pub fn create_namespace(&mut self, namespace: &str) -> bool {
        let new = !self.namespaces.contains_key(namespace);
        if new {
            self.namespaces
                .insert(namespace.to_owned(), Namespace::default());
        }
        new
    }

    /// Removes a namespace that holds no prefix.
    pub fn delete_namespace(&mut self, namespace: &str) -> Result<(), EngineError> {
        match self.of(namespace)?.len() {
            0 => {
                self.namespaces.remove(namespace);
                Ok(())
            }
            prefixes => Err(EngineError::NamespaceNotEmpty {
                namespace: namespace.to_owned(),
                prefixes,
            }),
        }
    }

    /// The names of all namespaces, sorted.
    pub fn namespaces(&self) -> impl Iterator<Item = &str> {
        self.namespaces.keys().map(String::as_str)
    }

    /// Adds a root prefix.
    pub fn create_prefix(
        &mut self,
        namespace: &str,
        prefix: Cidr,
        reserve: Reserve,
    ) -> Result<(), EngineError> {
        self.of_mut(namespace)?.create(prefix, reserve)
    }

    /// Why a root prefix would be refused, if it would.
    pub fn check_prefix(&self, namespace: &str, prefix: Cidr) -> Result<(), EngineError> {
        self.of(namespace)?.check_root(prefix)
    }

    /// Removes a prefix that nothing is below of. A child goes back to its parent.
    pub fn delete_prefix(&mut self, namespace: &str, prefix: Cidr) -> Result<(), EngineError> {
        self.of_mut(namespace)?.delete(prefix)
    }

    /// One prefix.
    pub fn prefix(&self, namespace: &str, prefix: Cidr) -> Result<PrefixView, EngineError> {
        self.of(namespace)?.view(prefix)
    }

    /// Every prefix of a namespace, parents before their children, IPv4 first.
    pub fn prefixes(&self, namespace: &str) -> Result<Vec<PrefixView>, EngineError> {
        let mut all = Vec::new();
        self.of(namespace)?.walk(&mut |view, _| all.push(view));
        Ok(all)
    }

    /// Every prefix of a namespace that holds addresses, with them.
    pub fn held_addresses(
        &self,
        namespace: &str,
        visit: &mut dyn FnMut(Cidr, IpAddr),
    ) -> Result<(), EngineError> {
        self.of(namespace)?.walk(&mut |view, prefix| {
            if let Content::Addresses(addresses) = &prefix.content {
                let usable = prefix.usable(view.cidr.family());
                for address in addresses
                    .held(usable)
                    .filter_map(|offset| view.cidr.nth(offset))
                {
                    visit(view.cidr, address);
                }
            }
        });
        Ok(())
    }

    /// Where the next child of this length would be, without taking it.
    pub fn next_child(
        &self,
        namespace: &str,
        parent: Cidr,
        length: u8,
    ) -> Result<Cidr, EngineError> {
        self.of(namespace)?.next_child(parent, length)
    }

    /// Takes a child: cut from the smallest free block that is large enough, of equal ones from
    /// the lowest (go-ipam's placement).
    pub fn acquire_child(
        &mut self,
        namespace: &str,
        parent: Cidr,
        length: u8,
    ) -> Result<Cidr, EngineError> {
        self.of_mut(namespace)?.acquire_child(parent, length)
    }

    /// Takes exactly this child.
    pub fn acquire_specific_child(
        &mut self,
        namespace: &str,
        parent: Cidr,
        child: Cidr,
    ) -> Result<(), EngineError> {
        self.of_mut(namespace)?.take_child(parent, child)
    }

    /// Gives a child back that nothing is below of.
    pub fn release_child(&mut self, namespace: &str, child: Cidr) -> Result<(), EngineError> {
        let namespace = self.of_mut(namespace)?;
        match namespace.view(child)?.parent {
            Some(_) => namespace.delete(child),
            None => Err(EngineError::NotAChild { prefix: child }),
        }
    }

    /// Which address would be next, without taking it.
    pub fn next_address(&self, namespace: &str, prefix: Cidr) -> Result<IpAddr, EngineError> {
        self.of(namespace)?.next_address(prefix)
    }

    /// Takes the lowest free address.
    pub fn acquire_address(
        &mut self,
        namespace: &str,
        prefix: Cidr,
    ) -> Result<IpAddr, EngineError> {
        self.of_mut(namespace)?.acquire_address(prefix)
    }

    /// Takes exactly this address.
    pub fn acquire_specific_address(
        &mut self,
        namespace: &str,
        prefix: Cidr,
        address: IpAddr,
    ) -> Result<(), EngineError> {
        self.of_mut(namespace)?.take_address(prefix, address)
    }

    /// Gives an address back.
    pub fn release_address(
        &mut self,
        namespace: &str,
        prefix: Cidr,
        address: IpAddr,
    ) -> Result<(), EngineError> {
        self.of_mut(namespace)?.release_address(prefix, address)
    }

    /// How full a prefix is.
    pub fn usage(&self, namespace: &str, prefix: Cidr) -> Result<Usage, EngineError> {
        self.of(namespace)?.usage(prefix)
    }

    /// The maximal free blocks of a prefix, in order.
    pub fn free_blocks(&self, namespace: &str, prefix: Cidr) -> Result<Vec<Cidr>, EngineError> {
        self.of(namespace)?.free(prefix, true)
    }

    /// The free blocks that go-ipam lists: those of four addresses and more.
    pub fn available_prefixes(
        &self,
        namespace: &str,
        prefix: Cidr,
    ) -> Result<Vec<Cidr>, EngineError> {
        self.of(namespace)?.free(prefix, false)
    }

    /// Whether the books are balanced: children and free blocks fill their parents exactly.
    #[cfg(test)]
    pub(crate) fn is_sound(&self) -> bool {
        self.namespaces.values().all(Namespace::is_sound)
    }
}

fn missing(namespace: &str) -> EngineError {
    EngineError::NamespaceMissing {
        namespace: namespace.to_owned(),
    }
}
