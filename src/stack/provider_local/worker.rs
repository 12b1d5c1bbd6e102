//! Workers: the machines of a Shoot, whatever they are made of.

use std::sync::Arc;

use async_trait::async_trait;
use kube::ResourceExt as _;
use serde_json::json;

use super::machines::Machines;
use crate::{
    api::extensions::Worker,
    net::Cidr,
    stack::{context::Context, error::ReconcileError, extension::Actuator, machine_deployments},
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
        machine_deployments::publish(object, &namespace, context.clock.now());
        let status = object.status.get_or_insert_default();
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
