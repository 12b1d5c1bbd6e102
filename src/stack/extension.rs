//! The contract between gardenlet and extensions, from the extension's side.
//!
//! One controller per kind; which [`Actuator`] does the work is decided by `spec.type`. The
//! controller keeps the finalizer, `lastOperation`, `lastError` and `observedGeneration`; an
//! actuator only brings the outside in line and fills in the rest of the status.

use std::{collections::BTreeMap, fmt::Debug, sync::Arc};

use async_trait::async_trait;
use k8s_openapi::{NamespaceResourceScope, apimachinery::pkg::apis::meta::v1::Time};
use kube::{Api, Resource, ResourceExt as _, runtime::controller::Action};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;

use super::{context::Context, error::ReconcileError, finalizers, names::OPERATION_ANNOTATION};
use crate::api::{
    LastError, LastOperation, OperationState, OperationType,
    extensions::{ExtensionObject, ExtensionStatus},
};

/// What an extension does for one kind and type.
#[async_trait]
pub(crate) trait Actuator<K: Send + Sync>: Send + Sync {
    /// Brings the outside in line with the object and fills in its status.
    async fn reconcile(&self, context: &Context, object: &mut K) -> Result<(), ReconcileError>;

    /// Removes what [`Actuator::reconcile`] made.
    async fn delete(&self, _: &Context, _: &K) -> Result<(), ReconcileError> {
        Ok(())
    }
}

/// A kind that extensions serve.
pub(crate) trait ExtensionKind:
    ExtensionObject
    + Resource<DynamicType = (), Scope = NamespaceResourceScope>
    + Serialize
    + DeserializeOwned
    + Clone
    + Debug
    + Send
    + Sync
    + 'static
{
}

impl<K> ExtensionKind for K where
    K: ExtensionObject
        + Resource<DynamicType = (), Scope = NamespaceResourceScope>
        + Serialize
        + DeserializeOwned
        + Clone
        + Debug
        + Send
        + Sync
        + 'static
{
}

/// What the controller of one kind has at hand.
pub(crate) struct Extension<K: Send + Sync> {
    pub(crate) context: Arc<Context>,
    pub(crate) actuators: BTreeMap<&'static str, Arc<dyn Actuator<K>>>,
}

/// The finalizer of the extension that serves a kind.
pub(crate) fn finalizer<K: Resource<DynamicType = ()>>() -> String {
    let kind = K::kind(&()).to_ascii_lowercase();
    format!("extensions.gardener.cloud/{kind}")
}

/// Reconciles one object.
pub(crate) async fn reconcile<K: ExtensionKind>(
    object: Arc<K>,
    extension: Arc<Extension<K>>,
) -> Result<Action, ReconcileError> {
    let Some(actuator) = extension.actuators.get(object.extension_type()) else {
        return Ok(Action::await_change());
    };
    let context = &extension.context;
    let namespace = object.namespace().unwrap_or_default();
    let api: Api<K> = Api::namespaced(context.client.clone(), &namespace);
    let finalizer = finalizer::<K>();
    if object.meta().deletion_timestamp.is_some() {
        let Some(patch) = finalizers::removed(&*object, &finalizer) else {
            return Ok(Action::await_change());
        };
        actuator.delete(context, &object).await?;
        context.merge(&api, &*object, &patch).await?;
        return Ok(Action::await_change());
    }
    if !needs_work(&*object) {
        return Ok(Action::await_change());
    }
    let mut current = (*object).clone();
    if let Some(patch) = finalizers::added(&current, &finalizer) {
        current = context.merge(&api, &current, &patch).await?;
    }
    let before = current.clone();
    let result = actuator.reconcile(context, &mut current).await;
    let generation = current.meta().generation;
    let now = Time(context.clock.now());
    record(current.extension_status_mut(), generation, &result, now);
    context.write_status(&api, &before, &current).await?;
    if result.is_ok() && object.annotations().contains_key(OPERATION_ANNOTATION) {
        let patch = json!({"metadata": {"annotations": {OPERATION_ANNOTATION: null}}});
        context.merge(&api, &current, &patch).await?;
    }
    match result {
        // The status tells what is wrong with a configuration; only a change of it helps.
        Ok(()) | Err(ReconcileError::Configuration { .. }) => Ok(Action::await_change()),
        Err(error) => Err(error),
    }
}

/// What to do after a failure.
pub(crate) fn error_policy<K: Send + Sync>(
    _: Arc<K>,
    error: &ReconcileError,
    _: Arc<Extension<K>>,
) -> Action {
    tracing::debug!(%error, "an extension object will be tried again");
    Action::requeue(error.retry_after())
}

/// Whether an object asks for something that was not done yet.
pub(crate) fn needs_work<K: ExtensionKind>(object: &K) -> bool {
    if object.annotations().contains_key(OPERATION_ANNOTATION) {
        return true;
    }
    let Some(status) = object.extension_status() else {
        return true;
    };
    let succeeded = status
        .last_operation
        .as_ref()
        .is_some_and(|operation| operation.state == OperationState::Succeeded);
    !succeeded || status.observed_generation != object.meta().generation
}

fn record(
    status: &mut ExtensionStatus,
    generation: Option<i64>,
    result: &Result<(), ReconcileError>,
    now: Time,
) {
    let first = status.last_operation.as_ref().is_none_or(|last| {
        last.type_ == OperationType::Create && last.state != OperationState::Succeeded
    });
    let type_ = if first {
        OperationType::Create
    } else {
        OperationType::Reconcile
    };
    let (state, progress, description) = match result {
        Ok(()) => (OperationState::Succeeded, 100, "Done".to_owned()),
        Err(error) => (OperationState::Error, 50, error.to_string()),
    };
    let unchanged = status.last_operation.as_ref().is_some_and(|last| {
        state == OperationState::Error && last.state == state && last.description == description
    });
    // An error that stays the same is not written again, or it would trigger itself.
    if !unchanged {
        status.last_operation = Some(LastOperation {
            type_,
            state,
            progress,
            description: description.clone(),
            last_update_time: now.clone(),
        });
        status.last_error = result.as_ref().err().map(|error| LastError {
            description,
            task_id: None,
            codes: error.codes(),
            last_update_time: Some(now),
        });
    }
    status.observed_generation = generation;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::extensions::Network;

    fn at(second: i64) -> Time {
        Time(jiff::Timestamp::from_second(second).unwrap())
    }

    #[test]
    fn the_first_success_is_a_create_and_the_next_a_reconcile() {
        let mut status = ExtensionStatus::default();
        let failed = Err(ReconcileError::configuration("no"));
        record(&mut status, Some(1), &failed, at(1));
        assert_eq!(
            status.last_error.as_ref().unwrap().codes,
            ["ERR_CONFIGURATION_PROBLEM"]
        );
        record(&mut status, Some(1), &Ok(()), at(2));
        let last = status.last_operation.clone().unwrap();
        assert_eq!((last.type_, last.progress), (OperationType::Create, 100));
        assert_eq!(status.last_error, None);
        record(&mut status, Some(2), &Ok(()), at(3));
        assert_eq!(
            status.last_operation.unwrap().type_,
            OperationType::Reconcile
        );
    }

    #[test]
    fn an_error_that_stays_is_written_once() {
        let mut status = ExtensionStatus::default();
        let failed = Err(ReconcileError::configuration("no"));
        record(&mut status, Some(1), &failed, at(1));
        let before = status.clone();
        record(&mut status, Some(1), &failed, at(2));
        assert_eq!(status, before);
    }

    #[test]
    fn work_is_needed_until_this_generation_succeeded() {
        let mut network = Network::new("n", crate::api::extensions::NetworkSpec::default());
        network.metadata.generation = Some(1);
        assert!(needs_work(&network));
        record(network.extension_status_mut(), Some(1), &Ok(()), at(1));
        assert!(!needs_work(&network));
        network.metadata.generation = Some(2);
        assert!(needs_work(&network));
    }
}
