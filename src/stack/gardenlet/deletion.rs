//! Removing a Shoot: everything that was made, in reverse order.

use k8s_openapi::{api::core::v1::Namespace, apimachinery::pkg::apis::meta::v1::Time};
use kube::{
    Api,
    runtime::{
        controller::Action,
        events::EventType,
        reflector::{ObjectRef, Store},
    },
};

use super::{flow::Flow, operation::Operation, shoot, status};
use crate::{
    api::{
        core::Shoot,
        extensions::{Cluster, DnsRecord, Infrastructure, Network, Worker},
    },
    stack::{error::ReconcileError, extension::ExtensionKind, finalizers, names::SHOOT_FINALIZER},
};

const TASKS: [&str; 7] = [
    shoot::WORKER,
    shoot::OPERATING_SYSTEM,
    shoot::NETWORK,
    shoot::INFRASTRUCTURE,
    DNS,
    shoot::NAMESPACE,
    shoot::CLUSTER,
];
const DNS: &str = "dns";
/// How long a namespace may take before it is looked at again.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(2);

impl Operation<'_> {
    pub(super) async fn delete(&self, api: &Api<Shoot>) -> Result<Action, ReconcileError> {
        let flow = self.remove_everything().await;
        if flow.is_done() {
            let note = "Deleted the Shoot cluster".to_owned();
            self.context
                .event(self.shoot, EventType::Normal, "Deleted", note)
                .await;
            if let Some(patch) = finalizers::removed(self.shoot, SHOOT_FINALIZER) {
                self.context.merge(api, self.shoot, &patch).await?;
            }
            self.context.forget_shoot(&self.namespace);
            return Ok(Action::await_change());
        }
        let mut new = self.shoot.clone();
        let now = Time(self.context.clock.now());
        let status = new.status.get_or_insert_default();
        let type_ = status::operation_type(Some(&*status), true);
        status::write(status, &flow, type_, self.shoot.metadata.generation, &now);
        self.context.write_status(api, self.shoot, &new).await?;
        Ok(Action::requeue(PATIENCE))
    }

    async fn remove_everything(&self) -> Flow {
        let mut flow = Flow::new(&TASKS);
        let stores = &self.context.stores;
        let name = [self.name()];
        flow.record(
            shoot::WORKER,
            self.remove::<Worker>(&stores.workers, &name).await,
        );
        if !flow.are_done(&[shoot::WORKER]) {
            return flow;
        }
        let api = Api::namespaced(self.context.client.clone(), &self.namespace);
        let systems = match self.operating_systems(&api).await {
            Ok(systems) => systems,
            Err(error) => {
                flow.record(shoot::OPERATING_SYSTEM, Err(error));
                return flow;
            }
        };
        let store = &stores.operating_system_configs;
        flow.record(shoot::OPERATING_SYSTEM, self.remove(store, &systems).await);
        flow.record(
            shoot::NETWORK,
            self.remove::<Network>(&stores.networks, &name).await,
        );
        if !flow.are_done(&[shoot::OPERATING_SYSTEM, shoot::NETWORK]) {
            return flow;
        }
        let store = &stores.infrastructures;
        flow.record(
            shoot::INFRASTRUCTURE,
            self.remove::<Infrastructure>(store, &name).await,
        );
        if !flow.are_done(&[shoot::INFRASTRUCTURE]) {
            return flow;
        }
        let records: Vec<String> = ["internal", "external", "internal-aaaa", "external-aaaa"]
            .iter()
            .map(|suffix| format!("{}-{suffix}", self.name()))
            .collect();
        flow.record(
            DNS,
            self.remove::<DnsRecord>(&stores.dns_records, &records)
                .await,
        );
        if !flow.are_done(&[DNS]) {
            return flow;
        }
        flow.record(shoot::NAMESPACE, self.remove_namespace().await);
        if flow.are_done(&[shoot::NAMESPACE]) {
            flow.record(shoot::CLUSTER, self.remove_cluster().await);
        }
        flow
    }

    /// Deletes objects and waits until the last of them is gone.
    async fn remove<K: ExtensionKind>(
        &self,
        store: &Store<K>,
        names: &[String],
    ) -> Result<Option<String>, ReconcileError> {
        let api: Api<K> = Api::namespaced(self.context.client.clone(), &self.namespace);
        let mut waiting = None;
        for name in names {
            let known = store.get(&ObjectRef::new(name).within(&self.namespace));
            let going = known.is_some_and(|object| object.meta().deletion_timestamp.is_some());
            // Only the API server knows for sure that an object is gone.
            if going || !self.context.delete(&api, name).await? {
                waiting = Some(format!("waiting for {} {name} to go", K::kind(&())));
            }
        }
        Ok(waiting)
    }

    async fn remove_namespace(&self) -> Result<Option<String>, ReconcileError> {
        let api: Api<Namespace> = Api::all(self.context.client.clone());
        let gone = self.context.delete(&api, &self.namespace).await?;
        Ok((!gone).then(|| format!("waiting for namespace {} to go", self.namespace)))
    }

    async fn remove_cluster(&self) -> Result<Option<String>, ReconcileError> {
        let api: Api<Cluster> = Api::all(self.context.client.clone());
        // Nothing holds a Cluster, so it is gone with the first call.
        self.context.delete(&api, &self.namespace).await?;
        Ok(None)
    }
}
