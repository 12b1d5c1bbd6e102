//! Collects every object of the namespaces of an attempt, and their events as a table.

use async_trait::async_trait;
use k8s_openapi::api::core::v1::Event;
use kube::{
    Api, Client,
    api::{DynamicObject, ListParams},
    discovery::{Discovery, Scope, verbs},
};
use serde_json::Value;

use super::{Collected, Collection, Collector, redact::redact_secret};
use crate::{e2e::failure::describe, yaml};

/// Reads the objects of namespaces.
pub struct NamespaceObjects {
    client: Client,
}

impl NamespaceObjects {
    /// Reads them through `client`.
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// Every object of a namespace, kind by kind, as a stream of YAML documents. Kinds that
    /// cannot be listed become comments.
    async fn objects(&self, discovery: &Discovery, namespace: &str) -> String {
        let mut kinds: Vec<_> = discovery
            .groups()
            .flat_map(kube::discovery::ApiGroup::recommended_resources)
            // Events of both groups are the same objects, and have a table of their own.
            .filter(|(resource, capabilities)| {
                resource.plural != "events"
                    && capabilities.scope == Scope::Namespaced
                    && capabilities.supports_operation(verbs::LIST)
            })
            .map(|(resource, _)| resource)
            .collect();
        kinds
            .sort_by(|left, right| (&left.group, &left.plural).cmp(&(&right.group, &right.plural)));
        let mut text = String::new();
        for kind in kinds {
            let api: Api<DynamicObject> =
                Api::namespaced_with(self.client.clone(), namespace, &kind);
            match api.list(&ListParams::default()).await {
                Ok(list) => {
                    for mut object in list.items {
                        object.types = Some(kube::api::TypeMeta {
                            api_version: kind.api_version.clone(),
                            kind: kind.kind.clone(),
                        });
                        text.push_str("---\n");
                        text.push_str(&document(object));
                    }
                }
                Err(error) => {
                    let reason = describe(&error).replace('\n', " ");
                    text.push_str(&["# ", &kind.plural, ": ", &reason, "\n"].concat());
                }
            }
        }
        text
    }

    async fn events(&self, namespace: &str) -> Result<String, String> {
        let api: Api<Event> = Api::namespaced(self.client.clone(), namespace);
        let mut events = api
            .list(&ListParams::default())
            .await
            .map_err(|error| describe(&error))?
            .items;
        let time = |event: &Event| {
            event
                .last_timestamp
                .as_ref()
                .map(|time| time.0)
                .or_else(|| event.event_time.as_ref().map(|time| time.0))
                .map(|time| time.to_string())
                .unwrap_or_default()
        };
        events.sort_by_key(|event| time(event));
        let mut text = String::new();
        for event in &events {
            let object = &event.involved_object;
            let cells = [
                time(event),
                event.type_.clone().unwrap_or_default(),
                event.reason.clone().unwrap_or_default(),
                format!(
                    "{}/{}",
                    object.kind.as_deref().unwrap_or("?"),
                    object.name.as_deref().unwrap_or("?")
                ),
                event.message.clone().unwrap_or_default().replace('\n', " "),
            ];
            text.push_str(&cells.join("\t"));
            text.push('\n');
        }
        Ok(text)
    }
}

/// An object as YAML, without values of Secrets and without the bookkeeping of fields.
fn document(mut object: DynamicObject) -> String {
    object.metadata.managed_fields = None;
    let secret = object
        .types
        .as_ref()
        .is_some_and(|types| types.kind == "Secret" && types.api_version == "v1");
    let mut value = serde_json::to_value(&object).unwrap_or(Value::Null);
    if secret {
        redact_secret(&mut value);
    }
    yaml::emit(&value)
}

#[async_trait]
impl Collector for NamespaceObjects {
    fn name(&self) -> &'static str {
        "objects"
    }

    async fn collect(&self, collection: &Collection) -> Result<Vec<Collected>, String> {
        let mut files = Vec::new();
        let discovery = Discovery::new(self.client.clone())
            .run()
            .await
            .map_err(|error| describe(&error))?;
        for namespace in &collection.namespaces {
            files.push(Collected {
                path: format!("k8s/{namespace}/objects.yaml"),
                content: self.objects(&discovery, namespace).await,
            });
            let events = self.events(namespace).await;
            files.push(Collected {
                path: format!("k8s/{namespace}/events.txt"),
                content: events.unwrap_or_else(|reason| format!("# {reason}\n")),
            });
        }
        let mut outside = String::new();
        for object in &collection.owned {
            let client = self.client.clone();
            let api: Api<DynamicObject> = match &object.namespace {
                Some(namespace) => Api::namespaced_with(client, namespace, &object.kind),
                None => Api::all_with(client, &object.kind),
            };
            let text = match api.get_opt(&object.name).await {
                Ok(Some(found)) => document(found),
                Ok(None) => format!("# {object}: not there\n"),
                Err(error) => format!("# {object}: {}\n", describe(&error)),
            };
            outside.push_str("---\n");
            outside.push_str(&text);
        }
        if !outside.is_empty() {
            files.push(Collected {
                path: "k8s/outside.yaml".to_owned(),
                content: outside,
            });
        }
        Ok(files)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_written_without_values() {
        let object = serde_json::from_value(serde_json::json!({
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "x", "managedFields": [{"manager": "m"}]},
            "data": {"password": "c4nary"},
        }))
        .unwrap();
        let text = document(object);
        assert!(
            !text.contains("c4nary") && !text.contains("managedFields"),
            "{text}"
        );
        assert!(text.contains("password"), "{text}");
    }
}
