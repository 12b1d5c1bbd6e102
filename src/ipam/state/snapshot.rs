//! A state as the changes that lead to it.

use super::{Change, State};

impl State {
    /// The changes that make this state out of nothing, always in the same order.
    pub fn changes(&self) -> Vec<Change> {
        let mut changes = Vec::new();
        let engine = &self.engine;
        for namespace in engine.namespaces() {
            let named = || namespace.to_owned();
            changes.push(Change::Namespace(named()));
            let prefixes = engine.prefixes(namespace).expect("the namespace is listed");
            for view in prefixes {
                changes.push(match view.parent {
                    None => Change::Root(named(), view.cidr, view.reserve),
                    Some(parent) => Change::Child(named(), parent, view.cidr),
                });
            }
            engine
                .held_addresses(namespace, &mut |prefix, address| {
                    changes.push(Change::Address(named(), prefix, address));
                })
                .expect("the namespace is listed");
        }
        let networks = self.networks.values().cloned();
        changes.extend(networks.map(|network| Change::Network(Box::new(network))));
        let allocations = self.allocations.values().cloned();
        changes.extend(allocations.map(|one| Change::Allocation(Box::new(one))));
        changes
    }
}
