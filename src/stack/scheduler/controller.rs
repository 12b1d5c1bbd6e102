//! The controller behind the decision.

use std::{sync::Arc, time::Duration};

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::{
    Api, ResourceExt as _,
    runtime::{controller::Action, events::EventType},
};
use serde_json::json;

use super::decision::{Verdict, decide};
use crate::{
    api::{LastOperation, OperationState, OperationType, core::Shoot},
    stack::{context::Context, error::ReconcileError, feeds::filled},
};

/// How long an unscheduled Shoot is left alone when no Seed changes.
const PATIENCE: Duration = Duration::from_secs(30);

/// Gives one Shoot a Seed.
pub(crate) async fn reconcile(
    shoot: Arc<Shoot>,
    context: Arc<Context>,
) -> Result<Action, ReconcileError> {
    if shoot.spec.seed_name.is_some() || shoot.metadata.deletion_timestamp.is_some() {
        return Ok(Action::await_change());
    }
    filled(&context.stores.seeds).await;
    let namespace = shoot.namespace().unwrap_or_default();
    let api: Api<Shoot> = Api::namespaced(context.client.clone(), &namespace);
    let seeds = context.stores.seeds.state();
    let load = |seed: &str| context.shoots_on(seed);
    match decide(&shoot, seeds.iter().map(|seed| &**seed), load) {
        Verdict::Seed(seed) => {
            // The version makes sure that nobody else scheduled it meanwhile.
            let patch = json!({
                "metadata": {"resourceVersion": shoot.metadata.resource_version},
                "spec": {"seedName": seed},
            });
            match context.merge(&api, &*shoot, &patch).await {
                Err(error) if error.is_refusal() => {
                    let why = format!("Seed `{seed}` was refused: {error}");
                    report(&shoot, &api, &context, why).await?;
                    return Ok(Action::requeue(PATIENCE));
                }
                scheduled => scheduled?,
            };
            let note = format!("Scheduled to seed `{seed}`");
            context
                .event(&*shoot, EventType::Normal, "SchedulingSuccessful", note)
                .await;
            Ok(Action::await_change())
        }
        Verdict::None(misfits) => {
            let why = Verdict::explain(&misfits);
            report(&shoot, &api, &context, why).await?;
            Ok(Action::requeue(PATIENCE))
        }
    }
}

/// What to do after a failure.
pub(crate) fn error_policy(_: Arc<Shoot>, error: &ReconcileError, _: Arc<Context>) -> Action {
    tracing::debug!(%error, "the scheduling of a Shoot will be tried again");
    Action::requeue(error.retry_after())
}

/// Says why no Seed fits, once per reason.
async fn report(
    shoot: &Shoot,
    api: &Api<Shoot>,
    context: &Context,
    why: String,
) -> Result<(), ReconcileError> {
    let description = format!("Failed to schedule Shoot: {why}");
    let last = shoot
        .status
        .as_ref()
        .and_then(|status| status.last_operation.as_ref());
    if last.is_some_and(|last| last.description == description) {
        return Ok(());
    }
    let mut new = shoot.clone();
    new.status.get_or_insert_default().last_operation = Some(LastOperation {
        type_: OperationType::Create,
        state: OperationState::Pending,
        progress: 0,
        description: description.clone(),
        last_update_time: Time(context.clock.now()),
    });
    context.write_status(api, shoot, &new).await?;
    let reason = "SchedulingFailed";
    context
        .event(shoot, EventType::Warning, reason, description)
        .await;
    Ok(())
}
