//! The stack as a Deployment in a cluster that is not ours.

mod manifests;
mod rollout;

use std::fmt::Debug;

use kube::{
    Api, Client, Resource, ResourceExt as _,
    api::{Patch, PatchParams},
};
use serde::{Serialize, de::DeserializeOwned};

use super::{StackError, bootstrap, install_crds, names::FIELD_MANAGER, options::Options};
use crate::progress::Progress;

/// The namespace of the stack.
const NAMESPACE: &str = "garden6-system";
/// The name of everything in it.
const NAME: &str = "garden6";

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
    step.detail("project, cloud profile, Seed");
    bootstrap(client, &options).await?;
    step.done("ready for Shoots");
    Ok(())
}

async fn apply<K>(api: &Api<K>, object: &K) -> Result<(), StackError>
where
    K: Resource<DynamicType = ()> + Serialize + DeserializeOwned + Clone + Debug,
{
    let name = object.name_any();
    let params = PatchParams::apply(FIELD_MANAGER).force();
    api.patch(&name, &params, &Patch::Apply(object))
        .await
        .map_err(StackError::api(format!("apply {} {name}", K::kind(&()))))?;
    Ok(())
}
