//! The controller of Seeds: says that the Seed is ready, and for what.

use std::{sync::Arc, time::Duration};

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::{Api, runtime::controller::Action};
use serde_json::json;

use crate::{
    api::{Condition, ConditionStatus, core::Seed, families::FamilyList},
    stack::{context::Context, error::ReconcileError},
};

const RETRY: Duration = Duration::from_secs(5);

/// One pass over one Seed.
pub(crate) async fn reconcile(
    seed: Arc<Seed>,
    context: Arc<Context>,
) -> Result<Action, ReconcileError> {
    if seed.metadata.deletion_timestamp.is_some() {
        return Ok(Action::await_change());
    }
    let mut new = (*seed).clone();
    let now = Time(context.clock.now());
    let status = new.status.get_or_insert_default();
    status.observed_generation = seed.metadata.generation;
    status
        .kubernetes_version
        .clone_from(&context.kubernetes_version);
    let gardener = json!({
        "id": "garden6", "name": "gardenlet", "version": env!("CARGO_PKG_VERSION"),
    });
    status.other.0.insert("gardener".to_owned(), gardener);
    let readable = FamilyList(&seed.spec.networks.ip_families).checked();
    let networks = readable.map_or_else(
        || {
            (
                ConditionStatus::False,
                "the IP families cannot be read".to_owned(),
            )
        },
        |families| {
            let text = format!("Shoots with these IP families fit: {families}.");
            (ConditionStatus::True, text)
        },
    );
    let conditions = [
        (
            "GardenletReady",
            ConditionStatus::True,
            "The gardenlet is running.".to_owned(),
        ),
        ("SeedNetworksReadable", networks.0, networks.1),
    ];
    for (type_, verdict, message) in conditions {
        let known = Condition::find(&status.conditions, type_);
        if known.is_some_and(|old| old.status == verdict && old.message == message) {
            continue;
        }
        let new = Condition {
            type_: type_.to_owned(),
            status: verdict,
            last_transition_time: now.clone(),
            last_update_time: now.clone(),
            reason: "Observed".to_owned(),
            message,
            codes: Vec::new(),
        };
        Condition::set(&mut status.conditions, new);
    }
    let api: Api<Seed> = Api::all(context.client.clone());
    context.write_status(&api, &*seed, &new).await?;
    Ok(Action::await_change())
}

/// What to do after a failure.
pub(crate) fn error_policy(_: Arc<Seed>, error: &ReconcileError, _: Arc<Context>) -> Action {
    tracing::debug!(%error, "a Seed will be tried again");
    Action::requeue(RETRY)
}
