//! Workers: the machines of a Shoot, whatever they are made of.

use std::sync::Arc;

use async_trait::async_trait;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::ResourceExt as _;
use serde_json::json;

use super::machines::Machines;
use crate::{
    api::extensions::{MachineDeployment, Worker},
    net::Cidr,
    stack::{context::Context, error::ReconcileError, extension::Actuator},
};

/// Realises Workers of type `local`.
pub(crate) struct WorkerActuator {
    pub(crate) machines: Arc<dyn Machines>,
}

#[async_trait]
impl Actuator<Worker> for WorkerActuator {
    async fn reconcile(
        &self,
        context: &Context,
        object: &mut Worker,
    ) -> Result<(), ReconcileError> {
        let namespace = object.namespace().unwrap_or_default();
        let nodes = node_ranges(object)?;
        let machines = self.machines.ensure(object, &nodes).await?;
        let deployments: Vec<MachineDeployment> = object
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
        let status = object.status.get_or_insert_default();
        if status.machine_deployments != deployments {
            status.machine_deployments = deployments;
            status.machine_deployments_last_update_time = Some(Time(context.clock.now()));
        }
        status.common.provider_status = Some(json!({
            "apiVersion": "local.provider.extensions.gardener.cloud/v1alpha1",
            "kind": "WorkerStatus",
            "madeOf": self.machines.made_of(),
            "machines": machines,
        }));
        Ok(())
    }

    async fn delete(&self, _: &Context, object: &Worker) -> Result<(), ReconcileError> {
        self.machines.remove(object).await
    }
}

/// The node ranges that the Infrastructure handed over.
fn node_ranges(worker: &Worker) -> Result<Vec<Cidr>, ReconcileError> {
    let nodes = worker
        .spec
        .infrastructure_provider_status
        .as_ref()
        .and_then(|status| status.get("nodes")?.as_array());
    let Some(nodes) = nodes else {
        let what = "spec.infrastructureProviderStatus.nodes is missing";
        return Err(ReconcileError::configuration(what));
    };
    nodes
        .iter()
        .map(|range| {
            let text = range.as_str().unwrap_or_default();
            text.parse()
                .map_err(|error| ReconcileError::configuration(format!("node range: {error}")))
        })
        .collect()
}
