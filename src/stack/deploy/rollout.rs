//! Waiting until the Deployment runs, with words for what it waits for.

use std::time::Duration;

use futures_util::{StreamExt as _, TryStreamExt as _};
use k8s_openapi::api::{
    apps::v1::Deployment,
    core::v1::{ContainerStatus, Pod},
};
use kube::{
    Api, Client,
    api::ListParams,
    runtime::{WatchStreamExt as _, watcher},
};

use super::{NAME, NAMESPACE};
use crate::{progress::Step, stack::StackError};

/// How long the stack may take: an image pull over a slow link included.
const PATIENCE: Duration = Duration::from_secs(180);
/// How often the pods are asked what they wait for.
const LOOK: Duration = Duration::from_secs(2);

/// Waits until the Deployment is available in its latest form.
pub(super) async fn wait(client: &Client, step: &Step) -> Result<(), StackError> {
    let mut last = "no pod yet".to_owned();
    let waiting = watch(client, step, &mut last);
    match tokio::time::timeout(PATIENCE, waiting).await {
        Ok(result) => result,
        Err(_) => Err(StackError::TimedOut {
            what: format!("the Deployment {NAMESPACE}/{NAME} does not run"),
            seconds: PATIENCE.as_secs(),
            last,
        }),
    }
}

async fn watch(client: &Client, step: &Step, last: &mut String) -> Result<(), StackError> {
    let api: Api<Deployment> = Api::namespaced(client.clone(), NAMESPACE);
    let config = watcher::Config::default().fields(&format!("metadata.name={NAME}"));
    let mut changes = watcher::watcher(api, config)
        .default_backoff()
        .applied_objects()
        .inspect_err(|error| tracing::debug!(%error, "the watch of the Deployment is tried again"))
        .boxed();
    let mut looks = tokio::time::interval(LOOK);
    loop {
        tokio::select! {
            change = changes.next() => {
                if let Some(Ok(deployment)) = change && is_available(&deployment) {
                    return Ok(());
                }
            }
            _ = looks.tick() => {
                if let Some(text) = what_pods_say(client).await {
                    step.detail(text.clone());
                    *last = text;
                }
            }
        }
    }
}

fn is_available(deployment: &Deployment) -> bool {
    deployment.status.as_ref().is_some_and(|status| {
        status.observed_generation == deployment.metadata.generation
            && status.updated_replicas == Some(1)
            && status.available_replicas == Some(1)
            && status.replicas == Some(1)
    })
}

async fn what_pods_say(client: &Client) -> Option<String> {
    let api: Api<Pod> = Api::namespaced(client.clone(), NAMESPACE);
    let params = ListParams::default().labels(&format!("app={NAME}"));
    let pods = api.list(&params).await.ok()?;
    pods.items.iter().find_map(describe)
}

/// What a pod waits for; the message of a failed start or pull, if there is one.
fn describe(pod: &Pod) -> Option<String> {
    let status = pod.status.as_ref()?;
    let mut containers = status.container_statuses.iter().flatten();
    if let Some(text) = containers.find_map(waiting) {
        return Some(text);
    }
    let unscheduled = status
        .conditions
        .iter()
        .flatten()
        .find(|condition| condition.type_ == "PodScheduled" && condition.status == "False");
    match unscheduled {
        Some(condition) => condition.message.clone(),
        None => status.phase.clone().map(|phase| format!("pod is {phase}")),
    }
}

fn waiting(container: &ContainerStatus) -> Option<String> {
    let state = container.state.as_ref()?;
    if let Some(waiting) = &state.waiting {
        let reason = waiting.reason.clone().unwrap_or_default();
        return Some(match &waiting.message {
            Some(message) => format!("{reason}: {message}"),
            None => reason,
        });
    }
    let running = state.running.is_some() && !container.ready;
    running.then(|| "the controllers start".to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn pod(status: &Value) -> Pod {
        serde_json::from_value(json!({"metadata": {"name": "p"}, "status": status})).unwrap()
    }

    #[test]
    fn a_pod_says_what_it_waits_for() {
        let container = |state: &Value| {
            pod(&json!({"containerStatuses": [{
                "name": "c", "image": "i", "imageID": "", "ready": false, "restartCount": 0,
                "state": state,
            }]}))
        };
        let cases = [
            (
                container(&json!({"waiting": {"reason": "ErrImagePull", "message": "refused"}})),
                "ErrImagePull: refused",
            ),
            (container(&json!({"running": {}})), "the controllers start"),
            (pod(&json!({"phase": "Pending"})), "pod is Pending"),
            (
                pod(&json!({"phase": "Pending", "conditions": [{
                    "type": "PodScheduled", "status": "False", "message": "no nodes",
                }]})),
                "no nodes",
            ),
        ];
        for (pod, expected) in cases {
            assert_eq!(describe(&pod).as_deref(), Some(expected));
        }
    }

    #[test]
    fn only_the_latest_form_counts() {
        let deployment = |observed: i64, available: i32| -> Deployment {
            serde_json::from_value(json!({
                "metadata": {"generation": 2},
                "spec": {"selector": {}, "template": {}},
                "status": {
                    "observedGeneration": observed, "replicas": 1, "updatedReplicas": 1,
                    "availableReplicas": available,
                },
            }))
            .unwrap()
        };
        assert!(is_available(&deployment(2, 1)));
        assert!(!is_available(&deployment(1, 1)));
        assert!(!is_available(&deployment(2, 0)));
    }
}
