//! The custom resource definitions that the stack needs.

use std::time::Duration;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::{
    Api, Client,
    api::{Patch, PatchParams},
    runtime::{conditions, wait::await_condition},
};
use serde_json::Value;

use super::{error::StackError, names::FIELD_MANAGER};

/// How long a definition may take until it is served.
const PATIENCE: Duration = Duration::from_secs(30);

/// The definitions of every kind of the stack.
pub fn crds() -> Vec<CustomResourceDefinition> {
    crate::api::crds()
}

/// The same as the embedded control plane takes them.
///
/// # Panics
///
/// Never: what is made of the kinds can be written as JSON.
pub fn crds_as_json() -> Vec<Value> {
    crds()
        .iter()
        .map(|crd| serde_json::to_value(crd).expect("invariant: definitions are JSON"))
        .collect()
}

/// Installs the definitions and waits until all of them are served.
pub async fn install_crds(client: &Client) -> Result<(), StackError> {
    let api: Api<CustomResourceDefinition> = Api::all(client.clone());
    let params = PatchParams::apply(FIELD_MANAGER).force();
    let crds = crds();
    for crd in &crds {
        let name = crd.metadata.name.as_deref().unwrap_or_default();
        api.patch(name, &params, &Patch::Apply(crd))
            .await
            .map_err(StackError::api(format!("install the definition {name}")))?;
    }
    for crd in &crds {
        let name = crd.metadata.name.as_deref().unwrap_or_default();
        let established = await_condition(api.clone(), name, conditions::is_crd_established());
        let timed_out = |last: String| StackError::TimedOut {
            what: format!("the definition {name} is not served"),
            seconds: PATIENCE.as_secs(),
            last,
        };
        match tokio::time::timeout(PATIENCE, established).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => return Err(timed_out(error.to_string())),
            Err(_) => return Err(timed_out("it has no condition Established".to_owned())),
        }
    }
    Ok(())
}
