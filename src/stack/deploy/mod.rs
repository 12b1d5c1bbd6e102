//! The stack as a Deployment in a cluster that is not ours.

mod manifests;
mod rollout;

use std::time::Duration;

use kube::{Api, Client};

use super::{StackError, apply::apply, bootstrap, install_crds, options::Options};
use crate::progress::{Progress, Step};

/// The namespace of the stack.
const NAMESPACE: &str = "garden6-system";
/// The name of everything in it.
const NAME: &str = "garden6";
/// How long kube-proxy may take to lead the Service of the webhook to the pod.
const WEBHOOK_PATIENCE: Duration = Duration::from_secs(30);
/// How often to try.
const WEBHOOK_LOOK: Duration = Duration::from_millis(250);

/// Puts the stack into a cluster, waits until it runs, and prepares the environment for Shoots.
///
/// `image` holds this program, by a name that the nodes can pull.
pub async fn deploy(
    client: &Client,
    options: &Options,
    image: &str,
    progress: &Progress,
) -> Result<(), StackError> {
    let step = progress.step("custom resource definitions");
    install_crds(client).await?;
    step.done("served");

    let options = options.clone().in_cluster(NAMESPACE, NAME);
    let step = progress.step("stack");
    step.detail("applying manifests");
    let manifests = manifests::manifests(&options, image);
    apply(&Api::all(client.clone()), &manifests.namespace).await?;
    let namespaced = client.clone();
    apply(
        &Api::namespaced(namespaced.clone(), NAMESPACE),
        &manifests.service_account,
    )
    .await?;
    apply(&Api::all(client.clone()), &manifests.role).await?;
    apply(&Api::all(client.clone()), &manifests.binding).await?;
    apply(
        &Api::namespaced(namespaced.clone(), NAMESPACE),
        &manifests.settings,
    )
    .await?;
    apply(
        &Api::namespaced(namespaced.clone(), NAMESPACE),
        &manifests.service,
    )
    .await?;
    apply(
        &Api::namespaced(namespaced, NAMESPACE),
        &manifests.deployment,
    )
    .await?;
    rollout::wait(client, &step).await?;
    step.done("running");

    let step = progress.step("garden");
    prepare(client, &options, &step).await?;
    step.done("ready for Shoots");
    Ok(())
}

/// Makes what Shoots need. kube-proxy leads the webhook's Service to the pod a moment after the
/// pod is ready; until then the API server cannot ask it and refuses.
async fn prepare(client: &Client, options: &Options, step: &Step) -> Result<(), StackError> {
    let mut left = WEBHOOK_PATIENCE;
    step.detail("project, cloud profile, Seed");
    loop {
        match bootstrap(client, options).await {
            Err(error) if is_webhook_out_of_reach(&error) && !left.is_zero() => {
                step.detail("waiting for the Service of the webhook");
                tokio::time::sleep(WEBHOOK_LOOK).await;
                left = left.saturating_sub(WEBHOOK_LOOK);
            }
            result => return result,
        }
    }
}

fn is_webhook_out_of_reach(error: &StackError) -> bool {
    let StackError::Api { source, .. } = error else {
        return false;
    };
    matches!(&**source, kube::Error::Api(status)
        if status.code == 500 && status.message.contains("failed calling webhook"))
}
