//! Steps that are carried out together or not at all.

use std::net::IpAddr;

use super::{Change, State};
use crate::{
    ipam::engine::{EngineError, Reserve},
    net::Cidr,
};

/// A run of steps on a state, each of which can be undone.
#[derive(Debug)]
pub struct Transaction<'a> {
    state: &'a mut State,
    done: Vec<Change>,
    undo: Vec<Change>,
}

impl<'a> Transaction<'a> {
    pub(super) const fn new(state: &'a mut State) -> Self {
        Self {
            state,
            done: Vec::new(),
            undo: Vec::new(),
        }
    }

    pub(super) fn commit(self) -> Vec<Change> {
        self.done
    }

    pub(super) fn roll_back(self) {
        for change in self.undo.iter().rev() {
            self.state
                .apply(change)
                .expect("a step that was carried out can be taken back");
        }
    }

    /// The state with the steps so far.
    pub const fn state(&self) -> &State {
        self.state
    }

    /// Carries out a step.
    pub fn apply(&mut self, change: Change) -> Result<(), EngineError> {
        let undo = self.reverse(&change)?;
        self.state.apply(&change)?;
        self.undo.extend(undo);
        self.done.push(change);
        Ok(())
    }

    /// What takes a step back; nothing where the step changes nothing.
    fn reverse(&self, change: &Change) -> Result<Option<Change>, EngineError> {
        let engine = &self.state.engine;
        Ok(match change.clone() {
            Change::Namespace(namespace) => {
                let new = engine.namespaces().all(|known| known != namespace);
                new.then_some(Change::NamespaceGone(namespace))
            }
            Change::NamespaceGone(namespace) => Some(Change::Namespace(namespace)),
            Change::Root(namespace, prefix, _) => Some(Change::RootGone(namespace, prefix)),
            Change::RootGone(namespace, prefix) => {
                let view = engine.prefix(&namespace, prefix)?;
                Some(match view.parent {
                    Some(parent) => Change::Child(namespace, parent, prefix),
                    None => Change::Root(namespace, prefix, view.reserve),
                })
            }
            Change::Child(namespace, _, child) => Some(Change::ChildGone(namespace, child)),
            Change::ChildGone(namespace, child) => {
                let parent = engine.prefix(&namespace, child)?.parent;
                parent.map(|parent| Change::Child(namespace, parent, child))
            }
            Change::Address(namespace, prefix, address) => {
                Some(Change::AddressGone(namespace, prefix, address))
            }
            Change::AddressGone(namespace, prefix, address) => {
                Some(Change::Address(namespace, prefix, address))
            }
            Change::Network(network) => Some(self.network_before(&network.id)),
            Change::NetworkGone(id) => Some(self.network_before(&id)),
            Change::Allocation(allocation) => Some(self.allocation_before(allocation.address)),
            Change::AllocationGone(address) => Some(self.allocation_before(address)),
        })
    }

    fn network_before(&self, id: &str) -> Change {
        match self.state.networks.get(id) {
            Some(network) => Change::Network(Box::new(network.clone())),
            None => Change::NetworkGone(id.to_owned()),
        }
    }

    fn allocation_before(&self, address: IpAddr) -> Change {
        match self.state.allocations.get(&address) {
            Some(allocation) => Change::Allocation(Box::new(allocation.clone())),
            None => Change::AllocationGone(address),
        }
    }

    /// Adds a root prefix.
    pub fn create_prefix(
        &mut self,
        namespace: &str,
        prefix: Cidr,
        reserve: Reserve,
    ) -> Result<(), EngineError> {
        self.apply(Change::Root(namespace.to_owned(), prefix, reserve))
    }

    /// Removes a root, or gives a child back.
    pub fn delete_prefix(&mut self, namespace: &str, prefix: Cidr) -> Result<(), EngineError> {
        self.apply(Change::RootGone(namespace.to_owned(), prefix))
    }

    /// Takes the next child of a length.
    pub fn acquire_child(
        &mut self,
        namespace: &str,
        parent: Cidr,
        length: u8,
    ) -> Result<Cidr, EngineError> {
        let child = self.state.engine.next_child(namespace, parent, length)?;
        self.apply(Change::Child(namespace.to_owned(), parent, child))?;
        Ok(child)
    }

    /// Gives a child back.
    pub fn release_child(&mut self, namespace: &str, child: Cidr) -> Result<(), EngineError> {
        self.apply(Change::ChildGone(namespace.to_owned(), child))
    }

    /// Takes the lowest free address.
    pub fn acquire_address(
        &mut self,
        namespace: &str,
        prefix: Cidr,
    ) -> Result<IpAddr, EngineError> {
        let address = self.state.engine.next_address(namespace, prefix)?;
        self.apply(Change::Address(namespace.to_owned(), prefix, address))?;
        Ok(address)
    }

    /// Takes exactly this address.
    pub fn acquire_specific_address(
        &mut self,
        namespace: &str,
        prefix: Cidr,
        address: IpAddr,
    ) -> Result<(), EngineError> {
        self.apply(Change::Address(namespace.to_owned(), prefix, address))
    }

    /// Gives an address back.
    pub fn release_address(
        &mut self,
        namespace: &str,
        prefix: Cidr,
        address: IpAddr,
    ) -> Result<(), EngineError> {
        self.apply(Change::AddressGone(namespace.to_owned(), prefix, address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ipam::engine::DEFAULT_NAMESPACE as NS;

    fn cidr(text: &str) -> Cidr {
        text.parse().unwrap()
    }

    #[test]
    fn a_failed_run_of_steps_leaves_no_trace() {
        let mut state = State::default();
        let prepared = state.transact(|steps| {
            steps.create_prefix(NS, cidr("10.0.0.0/24"), Reserve::Ends)?;
            steps.create_prefix(NS, cidr("10.0.1.0/24"), Reserve::Ends)?;
            steps.acquire_child(NS, cidr("10.0.0.0/24"), 26)?;
            steps.acquire_address(NS, cidr("10.0.1.0/24"))
        });
        prepared.unwrap();
        let before = state.changes();
        let failed = state.transact(|steps| -> Result<(), EngineError> {
            steps.acquire_child(NS, cidr("10.0.0.0/24"), 28)?;
            steps.acquire_address(NS, cidr("10.0.0.0/26"))?;
            steps.release_address(NS, cidr("10.0.1.0/24"), "10.0.1.1".parse().unwrap())?;
            steps.delete_prefix(NS, cidr("10.0.1.0/24"))?;
            steps.create_prefix(NS, cidr("10.0.0.0/16"), Reserve::Ends)
        });
        assert!(matches!(failed, Err(EngineError::Overlap { .. })));
        assert_eq!(state.changes(), before);
        assert!(state.engine().is_sound());
    }
}
