//! The controller of Shoots.

use std::{sync::Arc, time::Duration};

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::{
    Api, ResourceExt as _,
    runtime::{controller::Action, events::EventType, reflector::ObjectRef},
};
use serde_json::json;

use super::{conditions, flow::Flow, operation::Operation, status};
use crate::{
    api::{
        OperationState,
        autov6::notation,
        core::{AdvertisedAddress, NetworkingStatus, Shoot, ShootStatus},
    },
    stack::{
        context::{Context, TRUST},
        error::ReconcileError,
        finalizers,
        names::{DnsRole, OPERATION_ANNOTATION, SHOOT_FINALIZER, STATUS_LABEL, api_server_domain},
    },
};

pub(super) const NAMESPACE: &str = "namespace";
pub(super) const CLUSTER: &str = "cluster";
pub(super) const DNS_SECRETS: &str = "dns-secrets";
pub(super) const NETWORK_POLICIES: &str = "network-policies";
pub(super) const DNS_INTERNAL: &str = "dns-internal";
pub(super) const DNS_EXTERNAL: &str = "dns-external";
pub(super) const INFRASTRUCTURE: &str = "infrastructure";
pub(super) const NETWORK: &str = "network";
pub(super) const OPERATING_SYSTEM: &str = "operating-system-config";
pub(super) const WORKER: &str = "worker";

const ALWAYS: [&str; 6] = [
    NAMESPACE,
    CLUSTER,
    DNS_SECRETS,
    NETWORK_POLICIES,
    DNS_INTERNAL,
    DNS_EXTERNAL,
];
const WITH_WORKERS: [&str; 10] = [
    NAMESPACE,
    CLUSTER,
    DNS_SECRETS,
    NETWORK_POLICIES,
    DNS_INTERNAL,
    DNS_EXTERNAL,
    INFRASTRUCTURE,
    NETWORK,
    OPERATING_SYSTEM,
    WORKER,
];

/// How long a Shoot that waits is left alone when nothing changes.
const PATIENCE: Duration = Duration::from_secs(30);

/// One pass over one Shoot.
pub(crate) async fn reconcile(
    shoot: Arc<Shoot>,
    context: Arc<Context>,
) -> Result<Action, ReconcileError> {
    let namespace = shoot.namespace().unwrap_or_default();
    let api: Api<Shoot> = Api::namespaced(context.client.clone(), &namespace);
    let deleting = shoot.metadata.deletion_timestamp.is_some();
    let release = finalizers::removed(&*shoot, SHOOT_FINALIZER).filter(|_| deleting);
    let Some(seed_name) = shoot.spec.seed_name.as_deref() else {
        // Nothing was made for a Shoot that never had a Seed.
        if let Some(patch) = release {
            context.merge(&api, &*shoot, &patch).await?;
        }
        return Ok(Action::await_change());
    };
    if deleting && release.is_none() {
        return Ok(Action::await_change());
    }
    let mut current = (*shoot).clone();
    // Admission gives the finalizer to new Shoots; this is for those from before.
    if let Some(patch) = finalizers::added(&current, SHOOT_FINALIZER).filter(|_| !deleting) {
        current = context.merge(&api, &current, &patch).await?;
    }
    let operation = Operation::new(&context, &current, seed_name).await?;
    let reference = ObjectRef::from_obj(&current);
    context.remember_shoot(&operation.namespace, reference);
    if current.annotations().contains_key(OPERATION_ANNOTATION) {
        context.ledger.forget_namespace(&operation.namespace);
    }
    if deleting {
        return operation.delete(&api).await;
    }
    let flow = operation.deploy().await;
    operation.report(&api, &flow).await?;
    Ok(Action::requeue(if flow.is_done() {
        TRUST
    } else {
        PATIENCE
    }))
}

/// What to do after a failure.
pub(crate) fn error_policy(_: Arc<Shoot>, error: &ReconcileError, _: Arc<Context>) -> Action {
    tracing::debug!(%error, "a Shoot will be tried again");
    Action::requeue(error.retry_after())
}

impl Operation<'_> {
    /// Brings all objects of the Shoot in line, as far as their turn has come.
    async fn deploy(&self) -> Flow {
        let workerless = self.shoot.spec.is_workerless();
        let mut flow = Flow::new(if workerless { &ALWAYS } else { &WITH_WORKERS });
        flow.record(NAMESPACE, self.deploy_namespace().await);
        flow.record(CLUSTER, self.deploy_cluster().await);
        if !flow.are_done(&[NAMESPACE, CLUSTER]) {
            return flow;
        }
        flow.record(DNS_SECRETS, self.deploy_dns_secrets().await);
        flow.record(NETWORK_POLICIES, self.deploy_network_policies().await);
        if flow.are_done(&[DNS_SECRETS]) {
            flow.record(DNS_INTERNAL, self.deploy_dns(DnsRole::Internal).await);
            flow.record(DNS_EXTERNAL, self.deploy_dns(DnsRole::External).await);
        }
        if workerless {
            return flow;
        }
        flow.record(OPERATING_SYSTEM, self.deploy_operating_systems().await);
        flow.record(INFRASTRUCTURE, self.deploy_infrastructure().await);
        if flow.are_done(&[INFRASTRUCTURE]) {
            flow.record(NETWORK, self.deploy_network().await);
        }
        if flow.are_done(&[INFRASTRUCTURE, OPERATING_SYSTEM]) {
            flow.record(WORKER, self.deploy_worker().await);
        }
        flow
    }

    /// Writes how far the Shoot got.
    async fn report(&self, api: &Api<Shoot>, flow: &Flow) -> Result<(), ReconcileError> {
        let mut new = self.shoot.clone();
        let before = new.status.clone().unwrap_or_default();
        let now = Time(self.context.clock.now());
        let status = new.status.get_or_insert_default();
        status.technical_id = Some(self.namespace.clone());
        status.seed_name.clone_from(&self.shoot.spec.seed_name);
        status.advertised_addresses = self.advertised_addresses(flow);
        if let Some(networking) = self.networking(flow) {
            status.networking = Some(networking);
        }
        let type_ = status::operation_type(Some(&before), false);
        status::write(status, flow, type_, self.shoot.metadata.generation, &now);
        let workerless = self.shoot.spec.is_workerless();
        conditions::write(&mut status.conditions, flow, workerless, &now);
        self.context.write_status(api, self.shoot, &new).await?;
        let after = new.status.unwrap_or_default();
        self.report_nodes(api, &after).await?;
        self.report_label(api, &after).await?;
        self.report_event(&before, &after).await;
        Ok(())
    }

    fn advertised_addresses(&self, flow: &Flow) -> Vec<AdvertisedAddress> {
        [
            (DnsRole::External, DNS_EXTERNAL),
            (DnsRole::Internal, DNS_INTERNAL),
        ]
        .into_iter()
        .filter(|(_, task)| flow.are_done(&[task]))
        .map(|(role, _)| AdvertisedAddress {
            name: role.as_str().to_owned(),
            url: format!("https://{}", api_server_domain(&self.cluster_domain(role))),
            ..AdvertisedAddress::default()
        })
        .collect()
    }

    /// The ranges in effect: what the Infrastructure reports, or what a workerless Shoot asks for.
    fn networking(&self, flow: &Flow) -> Option<NetworkingStatus> {
        if self.shoot.spec.is_workerless() {
            let services = self.ranges().services;
            return Some(NetworkingStatus {
                services,
                ..NetworkingStatus::default()
            });
        }
        if !flow.are_done(&[INFRASTRUCTURE]) {
            return None;
        }
        let (object, networking) = self.infrastructure()?;
        let status = object.status.unwrap_or_default();
        Some(NetworkingStatus {
            pods: networking.pods,
            nodes: networking.nodes,
            services: networking.services,
            egress_cidrs: status.egress_cidrs,
        })
    }

    /// The first reported node range goes into the specification where nothing is said. It is the
    /// only range that Gardener fills in like this.
    async fn report_nodes(
        &self,
        api: &Api<Shoot>,
        status: &ShootStatus,
    ) -> Result<(), ReconcileError> {
        let networking = self.shoot.spec.networking.as_ref();
        let set = networking.is_none_or(|networking| {
            networking.nodes.is_some()
                || !networking.nodes_cidrs.is_empty()
                // One range beside tuples of two families would be refused.
                || notation::uses_tuples(networking)
        });
        let reported = status
            .networking
            .as_ref()
            .and_then(|networking| networking.nodes.first());
        if let (false, Some(range)) = (set, reported) {
            let patch = json!({"spec": {"networking": {"nodes": range}}});
            self.context.merge(api, self.shoot, &patch).await?;
        }
        Ok(())
    }

    async fn report_label(
        &self,
        api: &Api<Shoot>,
        status: &ShootStatus,
    ) -> Result<(), ReconcileError> {
        let label = status::label(status);
        let asked = self.shoot.annotations().contains_key(OPERATION_ANNOTATION);
        let settled = label == "healthy";
        if self.shoot.labels().get(STATUS_LABEL).map(String::as_str) != Some(label)
            || (asked && settled)
        {
            let mut patch = json!({"metadata": {"labels": {STATUS_LABEL: label}}});
            if asked && settled {
                patch["metadata"]["annotations"] = json!({OPERATION_ANNOTATION: null});
            }
            self.context.merge(api, self.shoot, &patch).await?;
        }
        Ok(())
    }

    async fn report_event(&self, before: &ShootStatus, after: &ShootStatus) {
        let state = |status: &ShootStatus| status.last_operation.as_ref().map(|last| last.state);
        let (was, is) = (state(before), state(after));
        let Some(last) = after.last_operation.as_ref().filter(|_| was != is) else {
            return;
        };
        let (type_, reason) = match last.state {
            OperationState::Succeeded => (EventType::Normal, "Reconciled"),
            OperationState::Error => (EventType::Warning, "ReconcileError"),
            _ => return,
        };
        let note = last.description.clone();
        self.context.event(self.shoot, type_, reason, note).await;
    }
}
