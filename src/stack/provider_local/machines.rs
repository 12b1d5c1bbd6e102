//! What a worker is made of, behind one seam.

use std::net::IpAddr;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::{
    api::extensions::Worker,
    net::{Cidr, IpFamily},
    stack::error::ReconcileError,
};

/// One machine of a Worker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Machine {
    /// The name of the machine and of its node.
    pub(crate) name: String,
    /// The pool that the machine is from.
    pub(crate) pool: String,
    /// The addresses of the node, one per family of the node ranges.
    pub(crate) addresses: Vec<IpAddr>,
    /// Whether the node takes pods.
    pub(crate) ready: bool,
}

/// A way to have machines.
#[async_trait]
pub(crate) trait Machines: Send + Sync {
    /// The word for people: `data`, `container`, `network namespace`.
    fn made_of(&self) -> &'static str;

    /// Makes the machines of a Worker and removes those that are too many.
    async fn ensure(
        &self,
        worker: &Worker,
        node_ranges: &[Cidr],
    ) -> Result<Vec<Machine>, ReconcileError>;

    /// Removes all machines of a Worker.
    async fn remove(&self, worker: &Worker) -> Result<(), ReconcileError>;
}

/// Machines that are entries in a status and nothing else.
pub(crate) struct DataOnly;

/// The first addresses of a range are left to routers.
const FIRST_MACHINE: u128 = 16;

#[async_trait]
impl Machines for DataOnly {
    fn made_of(&self) -> &'static str {
        "data"
    }

    async fn ensure(
        &self,
        worker: &Worker,
        node_ranges: &[Cidr],
    ) -> Result<Vec<Machine>, ReconcileError> {
        planned(worker, node_ranges)
    }

    async fn remove(&self, _: &Worker) -> Result<(), ReconcileError> {
        Ok(())
    }
}

/// The machines of a Worker: the minimum of every pool, addresses in order from the node ranges.
fn planned(worker: &Worker, node_ranges: &[Cidr]) -> Result<Vec<Machine>, ReconcileError> {
    let namespace = worker.metadata.namespace.as_deref().unwrap_or_default();
    let mut offset = FIRST_MACHINE;
    let mut machines = Vec::new();
    for pool in &worker.spec.pools {
        for index in 0..pool.minimum.max(0) {
            let mut addresses = Vec::new();
            for family in [IpFamily::V6, IpFamily::V4] {
                let Some(range) = node_ranges.iter().find(|range| range.family() == family) else {
                    continue;
                };
                let address = range.nth(offset).ok_or_else(|| {
                    ReconcileError::configuration(format!(
                        "the node range {range} has no address left for pool `{}`",
                        pool.name
                    ))
                })?;
                addresses.push(address);
            }
            offset += 1;
            machines.push(Machine {
                name: format!("machine-{namespace}-{}-{index}", pool.name),
                pool: pool.name.clone(),
                addresses,
                ready: true,
            });
        }
    }
    Ok(machines)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn worker(pools: &serde_json::Value) -> Worker {
        let spec = json!({"type": "local", "pools": pools});
        let mut worker = Worker::new("local", serde_json::from_value(spec).unwrap());
        worker.metadata.namespace = Some("shoot--local--local".to_owned());
        worker
    }

    #[test]
    fn every_pool_has_its_minimum_and_addresses_never_repeat() {
        let pools = json!([
            {"name": "a", "minimum": 2, "maximum": 3},
            {"name": "b", "minimum": 1, "maximum": 1},
        ]);
        let ranges = ["fd00:10:1:100::/56".parse().unwrap()];
        let machines = planned(&worker(&pools), &ranges).unwrap();
        let found: Vec<(&str, String)> = machines
            .iter()
            .map(|machine| (machine.pool.as_str(), machine.addresses[0].to_string()))
            .collect();
        let expected = [
            "fd00:10:1:100::10",
            "fd00:10:1:100::11",
            "fd00:10:1:100::12",
        ];
        assert_eq!(
            found,
            [
                ("a", expected[0].to_owned()),
                ("a", expected[1].to_owned()),
                ("b", expected[2].to_owned())
            ]
        );
    }

    #[test]
    fn a_node_range_that_is_used_up_is_an_error() {
        let pools = json!([{"name": "a", "minimum": 1, "maximum": 1}]);
        let ranges = ["fd00::/124".parse().unwrap()];
        assert!(planned(&worker(&pools), &ranges).is_err());
    }
}
