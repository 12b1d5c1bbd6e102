//! Everything that is remembered: the engine, networks and addresses, changed step by step.
//!
//! A [`Change`] is a result, not a request: a later change of policy replays old records as they
//! were. A [`Transaction`] is all or nothing, so a network of two families, its prefixes and its
//! record appear together or not at all.

mod change;
mod snapshot;
mod transaction;

use std::{collections::BTreeMap, net::IpAddr};

use super::{
    engine::{Engine, EngineError},
    network::{Allocation, Network},
};

pub use change::Change;
pub use transaction::Transaction;

/// What is remembered.
#[derive(Clone, Debug, Default)]
pub struct State {
    engine: Engine,
    networks: BTreeMap<String, Network>,
    allocations: BTreeMap<IpAddr, Allocation>,
}

impl State {
    /// Nothing at all, not even the default namespace: to be filled from a record.
    pub(super) const fn empty() -> Self {
        Self {
            engine: Engine::empty(),
            networks: BTreeMap::new(),
            allocations: BTreeMap::new(),
        }
    }

    /// Prefixes and what is taken from them.
    pub const fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Networks by their id.
    pub const fn networks(&self) -> &BTreeMap<String, Network> {
        &self.networks
    }

    /// Addresses of networks and who has them.
    pub const fn allocations(&self) -> &BTreeMap<IpAddr, Allocation> {
        &self.allocations
    }

    /// Carries out several steps; after an error everything is as it was before.
    ///
    /// Answers what the steps answered, and the changes.
    pub fn transact<T, E>(
        &mut self,
        steps: impl FnOnce(&mut Transaction<'_>) -> Result<T, E>,
    ) -> Result<(T, Vec<Change>), E> {
        let mut transaction = Transaction::new(self);
        match steps(&mut transaction) {
            Ok(answer) => Ok((answer, transaction.commit())),
            Err(error) => {
                transaction.roll_back();
                Err(error)
            }
        }
    }

    /// Carries out one change.
    pub(super) fn apply(&mut self, change: &Change) -> Result<(), EngineError> {
        let engine = &mut self.engine;
        match change {
            Change::Namespace(namespace) => {
                engine.create_namespace(namespace);
            }
            Change::NamespaceGone(namespace) => engine.delete_namespace(namespace)?,
            Change::Root(namespace, prefix, reserve) => {
                engine.create_prefix(namespace, *prefix, *reserve)?;
            }
            Change::RootGone(namespace, prefix) => engine.delete_prefix(namespace, *prefix)?,
            Change::Child(namespace, parent, child) => {
                engine.acquire_specific_child(namespace, *parent, *child)?;
            }
            Change::ChildGone(namespace, child) => engine.release_child(namespace, *child)?,
            Change::Address(namespace, prefix, address) => {
                engine.acquire_specific_address(namespace, *prefix, *address)?;
            }
            Change::AddressGone(namespace, prefix, address) => {
                engine.release_address(namespace, *prefix, *address)?;
            }
            Change::Network(network) => {
                self.networks
                    .insert(network.id.clone(), (**network).clone());
            }
            Change::NetworkGone(id) => {
                self.networks.remove(id);
            }
            Change::Allocation(allocation) => {
                let allocation = (**allocation).clone();
                self.allocations.insert(allocation.address, allocation);
            }
            Change::AllocationGone(address) => {
                self.allocations.remove(address);
            }
        }
        Ok(())
    }
}
