//! Workers on simulated clouds.

use async_trait::async_trait;
use kube::ResourceExt as _;
use serde_json::{Value, json};

use super::{
    assigned::{Assigned, cloud_error},
    config::{self, PoolConfig},
    infrastructure::given,
    machines::{self, Machine, Slot, Space},
};
use crate::{
    api::extensions::Worker,
    net::{Cidr, Families, IpFamily},
    stack::{context::Context, error::ReconcileError, extension::Actuator, machine_deployments},
};

/// Realises Workers of the clouds.
pub(crate) struct WorkerActuator;

#[async_trait]
impl Actuator<Worker> for WorkerActuator {
    async fn reconcile(
        &self,
        context: &Context,
        object: &mut Worker,
    ) -> Result<(), ReconcileError> {
        let namespace = object.namespace().unwrap_or_default();
        let given = Given::read(object)?;
        let wanted = slots(object, &namespace, &given.zones)?;
        let before = before(object);
        let (machines, space) = machines::plan(given.space()?, &wanted, &before)
            .map_err(|error| cloud_error(&error))?;
        let routes = space.v6.map(|resolution| resolution.fleet.routes());
        let routes: Vec<Value> = routes
            .into_iter()
            .flatten()
            .map(|(destination, nexthop)| json!({"destination": destination, "nexthop": nexthop}))
            .collect();
        let provider = object.spec.type_.clone();
        machine_deployments::publish(object, &namespace, context.clock.now());
        let status = object.status.get_or_insert_default();
        status.common.provider_status = Some(json!({
            "apiVersion": format!("{provider}.provider.extensions.gardener.cloud/v1alpha1"),
            "kind": "WorkerStatus",
            "madeOf": "data",
            "machines": machines,
            "router": {"routes": routes},
        }));
        Ok(())
    }
}

/// What the Infrastructure handed over.
struct Given {
    families: Families,
    zones: Vec<String>,
    nodes: Vec<Cidr>,
    pods: Vec<Cidr>,
    ipv6: Option<Assigned>,
}

impl Given {
    fn read(worker: &Worker) -> Result<Self, ReconcileError> {
        let status = worker.spec.infrastructure_provider_status.as_ref();
        let read = |key: &str| status.and_then(|status| status.get(key)).cloned();
        let unreadable = |key: &str| {
            let what = format!("spec.infrastructureProviderStatus.{key} cannot be read");
            ReconcileError::configuration(what)
        };
        let list = |key: &str| -> Result<Vec<Cidr>, ReconcileError> {
            let value = read(key).ok_or_else(|| unreadable(key))?;
            serde_json::from_value(value).map_err(|_| unreadable(key))
        };
        let families = read("families").ok_or_else(|| unreadable("families"))?;
        let zones = read("zones").ok_or_else(|| unreadable("zones"))?;
        Ok(Self {
            families: serde_json::from_value(families).map_err(|_| unreadable("families"))?,
            zones: serde_json::from_value(zones).map_err(|_| unreadable("zones"))?,
            nodes: list("nodes")?,
            pods: list("pods")?,
            ipv6: given(status),
        })
    }

    fn space(&self) -> Result<Space, ReconcileError> {
        let v4 = |ranges: &[Cidr]| {
            let mut ranges = ranges.iter().copied();
            ranges.find(|range| range.family() == IpFamily::V4)
        };
        let halves = v4(&self.nodes).zip(v4(&self.pods));
        if self.families.contains(IpFamily::V4) && halves.is_none() {
            let what = "an IPv4 range of nodes and of pods is needed";
            return Err(ReconcileError::configuration(what));
        }
        Ok(Space {
            families: self.families,
            v6: self.ipv6.as_ref().map(Assigned::resolve).transpose()?,
            v4: halves.map(|(nodes, pods)| machines::v4(nodes, pods)),
        })
    }
}

/// The machines that are there already.
fn before(worker: &Worker) -> Vec<Machine> {
    let status = worker.status.as_ref();
    let status = status.and_then(|status| status.common.provider_status.as_ref());
    let machines = status.and_then(|status| status.get("machines")).cloned();
    machines
        .and_then(|machines| serde_json::from_value(machines).ok())
        .unwrap_or_default()
}

/// The machines that are wanted: the minimum of every pool, its zones in turns.
fn slots(worker: &Worker, namespace: &str, zones: &[String]) -> Result<Vec<Slot>, ReconcileError> {
    let mut slots = Vec::new();
    for pool in &worker.spec.pools {
        let what = format!("providerConfig of pool `{}`", pool.name);
        let config: PoolConfig = config::read(&what, pool.provider_config.as_ref())?;
        let of_pool = if pool.zones.is_empty() {
            zones
        } else {
            &pool.zones
        };
        let count = usize::try_from(pool.minimum).unwrap_or_default();
        for index in 0..count {
            let zone = of_pool.get(index % of_pool.len().max(1));
            let zone_index = zones.iter().position(|known| Some(known) == zone);
            let Some(zone_index) = zone_index else {
                return Err(ReconcileError::configuration(format!(
                    "pool `{}` wants a zone that the infrastructure does not have",
                    pool.name
                )));
            };
            slots.push(Slot {
                name: format!("machine-{namespace}-{}-{index}", pool.name),
                pool: pool.name.clone(),
                zone: zone.cloned(),
                zone_index,
                address: config.fixed_addresses.get(index).copied(),
            });
        }
    }
    Ok(slots)
}
