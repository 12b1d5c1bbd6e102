//! The health of a Shoot, no better than what was seen of it. Pure.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use super::flow::{Flow, State};
use crate::api::{Condition, ConditionStatus};

/// The tasks behind a condition, and what it says once they are done.
struct Rule {
    type_: &'static str,
    tasks: &'static [&'static str],
    reason: &'static str,
    message: &'static str,
}

/// What can be known here: no API server and no pods stand behind a Shoot, so the messages say
/// what was looked at.
const RULES: [Rule; 5] = [
    Rule {
        type_: "APIServerAvailable",
        tasks: &[super::shoot::DNS_INTERNAL, super::shoot::DNS_EXTERNAL],
        reason: "NamesPublished",
        message: "The names of the API server lead to the load balancer. No API server is run.",
    },
    Rule {
        type_: "ControlPlaneHealthy",
        tasks: &[
            super::shoot::NAMESPACE,
            super::shoot::CLUSTER,
            super::shoot::NETWORK_POLICIES,
            super::shoot::INFRASTRUCTURE,
        ],
        reason: "ControlPlaneObjectsReady",
        message: "All objects of the control plane are in place. No pods are run.",
    },
    Rule {
        type_: "ObservabilityComponentsHealthy",
        tasks: &[super::shoot::NAMESPACE],
        reason: "NothingToObserve",
        message: "No observability components are deployed.",
    },
    Rule {
        type_: "EveryNodeReady",
        tasks: &[super::shoot::WORKER],
        reason: "EveryNodeReady",
        message: "All machines of all pools are ready.",
    },
    Rule {
        type_: "SystemComponentsHealthy",
        tasks: &[super::shoot::NETWORK, super::shoot::OPERATING_SYSTEM],
        reason: "NetworkConfigured",
        message: "The pod network is configured.",
    },
];

/// Writes the conditions of a Shoot. A workerless Shoot has no nodes to be ready.
pub(super) fn write(list: &mut Vec<Condition>, flow: &Flow, workerless: bool, now: &Time) {
    if workerless {
        list.retain(|condition| condition.type_ != "EveryNodeReady");
    }
    for rule in &RULES {
        if workerless && rule.type_ == "EveryNodeReady" {
            continue;
        }
        let (status, reason, message) = verdict(rule, flow);
        let same = list.iter().any(|old| {
            old.type_ == rule.type_
                && old.status == status
                && old.reason == reason
                && old.message == message
        });
        // An unchanged verdict is not confirmed with every pass, or passes would never end.
        if !same {
            let new = Condition {
                type_: rule.type_.to_owned(),
                status,
                last_transition_time: now.clone(),
                last_update_time: now.clone(),
                reason,
                message,
                codes: Vec::new(),
            };
            Condition::set(list, new);
        }
    }
}

fn verdict(rule: &Rule, flow: &Flow) -> (ConditionStatus, String, String) {
    let states = || rule.tasks.iter().filter_map(|task| flow.state(task));
    let failed = states().find_map(|state| match state {
        State::Failed { description, .. } => Some(description.clone()),
        _ => None,
    });
    if let Some(message) = failed {
        return (ConditionStatus::False, "TaskFailed".to_owned(), message);
    }
    let waiting = states().find_map(|state| match state {
        State::Waiting(reason) => Some(reason.clone()),
        State::Blocked => Some("waiting for earlier tasks".to_owned()),
        _ => None,
    });
    if let Some(message) = waiting {
        let reason = "TaskPending".to_owned();
        return (ConditionStatus::Progressing, reason, message);
    }
    (
        ConditionStatus::True,
        rule.reason.to_owned(),
        rule.message.to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::{error::ReconcileError, gardenlet::shoot};

    fn at(second: i64) -> Time {
        Time(jiff::Timestamp::from_second(second).unwrap())
    }

    fn status(list: &[Condition], type_: &str) -> Option<ConditionStatus> {
        Condition::find(list, type_).map(|condition| condition.status)
    }

    #[test]
    fn a_condition_is_as_good_as_its_tasks() {
        let mut flow = Flow::new(&[shoot::NAMESPACE, shoot::NETWORK, shoot::WORKER]);
        flow.record(shoot::NAMESPACE, Ok(None));
        flow.record(
            shoot::NETWORK,
            Err(ReconcileError::configuration("bad pool")),
        );
        let mut list = Vec::new();
        write(&mut list, &flow, false, &at(1));
        assert_eq!(
            status(&list, "ControlPlaneHealthy"),
            Some(ConditionStatus::True)
        );
        assert_eq!(
            status(&list, "SystemComponentsHealthy"),
            Some(ConditionStatus::False)
        );
        assert_eq!(
            status(&list, "EveryNodeReady"),
            Some(ConditionStatus::Progressing)
        );

        let before = list.clone();
        write(&mut list, &flow, false, &at(2));
        assert_eq!(list, before);
        write(&mut list, &flow, true, &at(3));
        assert_eq!(status(&list, "EveryNodeReady"), None);
    }
}
