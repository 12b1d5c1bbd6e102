//! What a Worker tells about its pools, whatever provider realises them.

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use crate::api::extensions::{MachineDeployment, Worker};

/// Publishes one deployment of machines per pool, and when that changed last.
pub(super) fn publish(worker: &mut Worker, namespace: &str, now: Timestamp) {
    let deployments: Vec<MachineDeployment> = worker
        .spec
        .pools
        .iter()
        .map(|pool| MachineDeployment {
            name: format!("{namespace}-{}", pool.name),
            minimum: pool.minimum,
            maximum: pool.maximum,
            ..MachineDeployment::default()
        })
        .collect();
    let status = worker.status.get_or_insert_default();
    if status.machine_deployments != deployments {
        status.machine_deployments = deployments;
        status.machine_deployments_last_update_time = Some(Time(now));
    }
}
