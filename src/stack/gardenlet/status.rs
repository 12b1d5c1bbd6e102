//! The status of a Shoot from how far the work on it got. Pure.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use super::flow::Flow;
use crate::api::{LastError, LastOperation, OperationState, OperationType, core::ShootStatus};

/// Which operation is under way: the first one is a Create until it succeeded once.
pub(super) fn operation_type(status: Option<&ShootStatus>, deleting: bool) -> OperationType {
    let last = status.and_then(|status| status.last_operation.as_ref());
    match last {
        _ if deleting => OperationType::Delete,
        None => OperationType::Create,
        Some(last)
            if last.type_ == OperationType::Create && last.state != OperationState::Succeeded =>
        {
            OperationType::Create
        }
        // The scheduler's note about a missing Seed is no operation of gardenlet's.
        Some(last) if last.state == OperationState::Pending => last.type_,
        Some(last) if last.state == OperationState::Succeeded => last.type_,
        Some(_) => OperationType::Reconcile,
    }
}

/// Writes `lastOperation`, `lastErrors` and `observedGeneration`.
pub(super) fn write(
    status: &mut ShootStatus,
    flow: &Flow,
    type_: OperationType,
    generation: Option<i64>,
    now: &Time,
) {
    let failures: Vec<LastError> = flow
        .failures()
        .map(|(task, description, codes)| LastError {
            description: description.to_owned(),
            task_id: Some(task.to_owned()),
            codes: codes.to_vec(),
            last_update_time: Some(now.clone()),
        })
        .collect();
    let state = match (failures.is_empty(), flow.is_done()) {
        (false, _) => OperationState::Error,
        (true, true) => OperationState::Succeeded,
        (true, false) => OperationState::Processing,
    };
    // A new generation of a Shoot that was fine is a reconciliation from its first step on.
    let last = status.last_operation.as_ref();
    let settled = last.is_some_and(|last| last.state == OperationState::Succeeded);
    let news = state != OperationState::Succeeded || status.observed_generation != generation;
    let type_ = if settled && news && type_ == OperationType::Create {
        OperationType::Reconcile
    } else {
        type_
    };
    let description = match state {
        OperationState::Succeeded if type_ == OperationType::Delete => {
            "Shoot cluster has been successfully deleted.".to_owned()
        }
        OperationState::Succeeded => "Shoot cluster has been successfully reconciled.".to_owned(),
        OperationState::Error => failures
            .iter()
            .map(|error| error.description.as_str())
            .collect::<Vec<_>>()
            .join("; "),
        _ => flow.description(),
    };
    let new = LastOperation {
        type_,
        state,
        progress: flow.percent(),
        description,
        last_update_time: now.clone(),
    };
    let same = status.last_operation.as_ref().is_some_and(|old| {
        let mut old = old.clone();
        old.last_update_time = now.clone();
        old == new
    });
    if !same {
        status.last_operation = Some(new);
        status.last_errors = failures;
    }
    status.observed_generation = generation;
}

/// The short health for the label.
pub(super) fn label(status: &ShootStatus) -> &'static str {
    let state = status.last_operation.as_ref().map(|last| last.state);
    match state {
        Some(OperationState::Succeeded) => "healthy",
        Some(OperationState::Error | OperationState::Failed) => "unhealthy",
        _ => "progressing",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::error::ReconcileError;

    fn at(second: i64) -> Time {
        Time(jiff::Timestamp::from_second(second).unwrap())
    }

    fn pass(status: &mut ShootStatus, flow: &Flow, generation: i64, second: i64) -> OperationType {
        let type_ = operation_type(Some(status), false);
        write(status, flow, type_, Some(generation), &at(second));
        status.last_operation.as_ref().unwrap().type_
    }

    #[test]
    fn create_becomes_reconcile_after_the_first_success() {
        let mut status = ShootStatus::default();
        let mut flow = Flow::new(&["a"]);
        assert_eq!(pass(&mut status, &flow, 1, 1), OperationType::Create);
        assert_eq!(label(&status), "progressing");
        flow.record("a", Err(ReconcileError::configuration("bad")));
        assert_eq!(pass(&mut status, &flow, 1, 2), OperationType::Create);
        assert_eq!(status.last_errors[0].task_id.as_deref(), Some("a"));
        assert_eq!(label(&status), "unhealthy");
        flow.record("a", Ok(None));
        assert_eq!(pass(&mut status, &flow, 1, 3), OperationType::Create);
        assert_eq!((status.last_errors.len(), label(&status)), (0, "healthy"));
        flow.record("a", Ok(Some("waiting".to_owned())));
        assert_eq!(pass(&mut status, &flow, 2, 4), OperationType::Reconcile);
        flow.record("a", Ok(None));
        assert_eq!(pass(&mut status, &flow, 2, 5), OperationType::Reconcile);
    }

    #[test]
    fn a_pass_without_news_changes_nothing() {
        let mut status = ShootStatus::default();
        let mut flow = Flow::new(&["a"]);
        flow.record("a", Ok(None));
        pass(&mut status, &flow, 1, 1);
        let before = status.clone();
        pass(&mut status, &flow, 1, 2);
        assert_eq!(status, before);
    }
}
