//! Server-side apply of objects whose kinds are known only when they are read.

use std::{collections::BTreeMap, time::Duration};

use kube::{
    Api, Client,
    api::{DynamicObject, Patch, PatchParams},
    core::GroupVersionKind,
    discovery::{self, ApiResource, Scope},
};
use serde_json::Value;

use super::{
    ClusterError,
    wait::{Look, Wait},
};
use crate::progress::Step;

/// Who applies.
const MANAGER: &str = "garden6";
/// Time for a definition to be served after it was applied.
const ESTABLISHED: Duration = Duration::from_secs(30);

/// What happens to an object whose kind the cluster does not serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownKind {
    /// It is an error.
    Refuse,
    /// The object is left out, and told.
    LeaveOut,
}

/// Applies objects in order and returns those that were left out, as `Kind name`.
///
/// Definitions come first and are waited for, so that objects of their kinds may be in the same list.
pub async fn apply(
    client: &Client,
    objects: &[Value],
    unknown: impl Fn(&GroupVersionKind) -> UnknownKind,
    step: &Step,
) -> Result<Vec<String>, ClusterError> {
    let is_definition = |object: &&Value| {
        object["kind"] == "CustomResourceDefinition" || object["kind"] == "Namespace"
    };
    let (first, then): (Vec<&Value>, Vec<&Value>) = objects.iter().partition(is_definition);
    let mut applier = Applier {
        client,
        known: BTreeMap::new(),
    };
    let mut left_out = Vec::new();
    for object in first.into_iter().chain(then) {
        let name = format!(
            "{} {}",
            text(object, "/kind"),
            text(object, "/metadata/name")
        );
        step.detail(format!("applying {name}"));
        let kind = kind_of(object);
        match applier.resource(&kind, step).await {
            Ok((resource, scope)) => applier.apply(object, &resource, &scope, &name).await?,
            Err(_) if unknown(&kind) == UnknownKind::LeaveOut => left_out.push(name),
            Err(error) => return Err(error),
        }
    }
    Ok(left_out)
}

struct Applier<'a> {
    client: &'a Client,
    known: BTreeMap<String, (ApiResource, Scope)>,
}

impl Applier<'_> {
    /// How a kind is served; one that was just defined takes a moment.
    async fn resource(
        &mut self,
        kind: &GroupVersionKind,
        step: &Step,
    ) -> Result<(ApiResource, Scope), ClusterError> {
        let key = format!("{}/{} {}", kind.group, kind.version, kind.kind);
        if let Some(found) = self.known.get(&key) {
            return Ok(found.clone());
        }
        let client = self.client;
        let ask = || async {
            let (resource, capabilities) = discovery::pinned_kind(client, kind).await?;
            Ok::<_, kube::Error>((resource, capabilities.scope))
        };
        let found = if is_defined_later(kind) {
            let look = || async {
                match ask().await {
                    Ok(found) => Look::Reached(found),
                    Err(error) => Look::NotYet(super::wait::chain(&error)),
                }
            };
            Wait::new(format!("kind {key}"), ESTABLISHED)
                .until(step, look)
                .await?
        } else {
            ask().await.map_err(|source| ClusterError::Api {
                request: format!("find kind {key}"),
                source: Box::new(source),
            })?
        };
        self.known.insert(key, found.clone());
        Ok(found)
    }

    async fn apply(
        &self,
        object: &Value,
        resource: &ApiResource,
        scope: &Scope,
        name: &str,
    ) -> Result<(), ClusterError> {
        let client = self.client.clone();
        let api: Api<DynamicObject> = match (scope, object.pointer("/metadata/namespace")) {
            (Scope::Namespaced, Some(Value::String(namespace))) => {
                Api::namespaced_with(client, namespace, resource)
            }
            (Scope::Namespaced, _) => Api::default_namespaced_with(client, resource),
            (Scope::Cluster, _) => Api::all_with(client, resource),
        };
        let parameters = PatchParams::apply(MANAGER).force();
        api.patch(
            text(object, "/metadata/name"),
            &parameters,
            &Patch::Apply(object),
        )
        .await
        .map_err(|source| ClusterError::Api {
            request: format!("apply {name}"),
            source: Box::new(source),
        })?;
        Ok(())
    }
}

/// Groups outside of Kubernetes itself come from definitions.
fn is_defined_later(kind: &GroupVersionKind) -> bool {
    kind.group.contains('.') && !kind.group.ends_with(".k8s.io")
}

fn kind_of(object: &Value) -> GroupVersionKind {
    let version = text(object, "/apiVersion");
    let (group, version) = version.split_once('/').unwrap_or(("", version));
    GroupVersionKind::gvk(group, version, text(object, "/kind"))
}

fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    object
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn core_kinds_have_no_group() {
        let kind = kind_of(&json!({"apiVersion": "v1", "kind": "ConfigMap"}));
        assert_eq!((kind.group.as_str(), kind.version.as_str()), ("", "v1"));
        let kind = kind_of(&json!({"apiVersion": "apps/v1", "kind": "DaemonSet"}));
        assert_eq!((kind.group.as_str(), kind.version.as_str()), ("apps", "v1"));
    }
}
