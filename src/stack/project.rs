//! The controller of Projects: each has a namespace that knows whose it is.

use std::{collections::BTreeMap, sync::Arc};

use k8s_openapi::api::core::v1::Namespace;
use kube::{Api, ResourceExt as _, api::ObjectMeta, runtime::controller::Action};
use serde_json::json;

use super::{
    context::Context,
    error::ReconcileError,
    names::{PROJECT_LABEL, ROLE_LABEL},
};
use crate::api::core::Project;

/// One pass over one Project.
pub(crate) async fn reconcile(
    project: Arc<Project>,
    context: Arc<Context>,
) -> Result<Action, ReconcileError> {
    if project.metadata.deletion_timestamp.is_some() {
        return Ok(Action::await_change());
    }
    let api: Api<Project> = Api::all(context.client.clone());
    let name = project.name_any();
    let namespace = project.spec.namespace.clone();
    let namespace = namespace.unwrap_or_else(|| format!("garden-{name}"));
    context
        .apply(
            &Api::all(context.client.clone()),
            &namespace_of(&name, &namespace),
        )
        .await?;
    if project.spec.namespace.is_none() {
        let patch = json!({"spec": {"namespace": namespace}});
        context.merge(&api, &*project, &patch).await?;
        return Ok(Action::await_change());
    }
    let mut new = (*project).clone();
    let status = new.status.get_or_insert_default();
    status.phase = Some("Ready".to_owned());
    status.observed_generation = project.metadata.generation;
    context.write_status(&api, &*project, &new).await?;
    Ok(Action::await_change())
}

/// What to do after a failure.
pub(crate) fn error_policy(_: Arc<Project>, error: &ReconcileError, _: Arc<Context>) -> Action {
    tracing::debug!(%error, "a Project will be tried again");
    Action::requeue(error.retry_after())
}

/// The namespace of a project.
pub(crate) fn namespace_of(project: &str, namespace: &str) -> Namespace {
    Namespace {
        metadata: ObjectMeta {
            name: Some(namespace.to_owned()),
            labels: Some(BTreeMap::from([
                (ROLE_LABEL.to_owned(), "project".to_owned()),
                (PROJECT_LABEL.to_owned(), project.to_owned()),
            ])),
            ..ObjectMeta::default()
        },
        ..Namespace::default()
    }
}
