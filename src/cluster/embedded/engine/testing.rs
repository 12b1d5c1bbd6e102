//! A short way to speak to an engine in tests.

use serde_json::{Value, json};

use super::{Body, Content, Engine, Operation, RequestOptions, Target, User, Verb};
use crate::cluster::embedded::options::EngineOptions;
use crate::cluster::embedded::status::Status;

/// An engine with a namespace `ns` and a custom kind Shoot.
pub(in crate::cluster::embedded) struct Cluster {
    pub(in crate::cluster::embedded) engine: Engine,
}

/// One answer: code, tree and warnings.
pub(in crate::cluster::embedded) type Answer = Result<(u16, Value, Vec<String>), Status>;

pub(in crate::cluster::embedded) fn definition() -> Value {
    json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": { "name": "shoots.garden.test" },
        "spec": {
            "group": "garden.test",
            "scope": "Namespaced",
            "names": { "plural": "shoots", "kind": "Shoot" },
            "versions": [
                {
                    "name": "v1", "served": true, "storage": true,
                    "subresources": {
                        "status": {},
                        "scale": {
                            "specReplicasPath": ".spec.replicas",
                            "statusReplicasPath": ".status.replicas",
                        },
                    },
                    "schema": { "openAPIV3Schema": {
                        "type": "object",
                        "properties": {
                            "spec": {
                                "type": "object",
                                "required": ["region"],
                                "properties": {
                                    "region": { "type": "string" },
                                    "replicas": { "type": "integer", "default": 1, "minimum": 0 },
                                },
                            },
                            "status": {
                                "type": "object",
                                "properties": { "phase": { "type": "string" } },
                            },
                        },
                    } },
                },
                {
                    "name": "v2", "served": true, "storage": false,
                    "schema": { "openAPIV3Schema": {
                        "type": "object", "x-kubernetes-preserve-unknown-fields": true,
                    } },
                },
            ],
        },
    })
}

pub(in crate::cluster::embedded) fn shoot(name: &str) -> Value {
    json!({
        "apiVersion": "garden.test/v1",
        "kind": "Shoot",
        "metadata": { "name": name },
        "spec": { "region": "eu" },
    })
}

pub(in crate::cluster::embedded) const SHOOTS: &str = "garden.test/v1/shoots";

impl Cluster {
    pub(in crate::cluster::embedded) async fn new() -> Self {
        Self::with(EngineOptions::default()).await
    }

    pub(in crate::cluster::embedded) async fn with(options: EngineOptions) -> Self {
        let cluster = Self {
            engine: Engine::new(options).unwrap(),
        };
        let namespace = json!({ "metadata": { "name": "ns" } });
        cluster.create("v1/namespaces", namespace).await.unwrap();
        let path = "apiextensions.k8s.io/v1/customresourcedefinitions";
        cluster.create(path, definition()).await.unwrap();
        cluster
    }

    /// `[GROUP/]VERSION/PLURAL[/NAME[/SUBRESOURCE]]`, in namespace `ns` where the kind has one.
    pub(in crate::cluster::embedded) fn target(&self, path: &str) -> Target {
        let parts: Vec<&str> = path.split('/').collect();
        let start = usize::from(parts[0] != "v1");
        let part = |index: usize| parts.get(start + index).map(|part| (*part).to_owned());
        let group = if start == 1 {
            parts[0].to_owned()
        } else {
            String::new()
        };
        let (version, plural) = (part(0).unwrap(), part(1).unwrap());
        let kind = self.engine.registry().lookup(&group, &version, &plural);
        let namespaced = kind.is_some_and(|kind| kind.is_namespaced());
        Target {
            group,
            version,
            plural,
            namespace: namespaced.then(|| "ns".to_owned()),
            name: part(2),
            subresource: part(3),
        }
    }

    pub(in crate::cluster::embedded) fn operation(
        &self,
        verb: Verb,
        path: &str,
        body: Option<Body>,
        options: RequestOptions,
    ) -> Operation {
        Operation {
            user: User::system(),
            verb,
            target: self.target(path),
            body,
            options,
        }
    }

    pub(in crate::cluster::embedded) async fn run(
        &self,
        verb: Verb,
        path: &str,
        body: Option<Body>,
        options: RequestOptions,
    ) -> Answer {
        let outcome = self
            .engine
            .run(self.operation(verb, path, body, options))
            .await?;
        let value = match outcome.content {
            Content::Object(object) => object.value().clone(),
            Content::Other(value) => value,
            Content::List(list) => json!({
                "kind": list.kind,
                "metadata": {
                    "resourceVersion": list.version.to_string(),
                    "continue": list.continue_token,
                    "remainingItemCount": list.remaining,
                },
                "items": list.items.iter().map(|item| item.value().clone()).collect::<Vec<_>>(),
            }),
        };
        Ok((outcome.code, value, outcome.warnings))
    }

    pub(in crate::cluster::embedded) async fn create(
        &self,
        path: &str,
        body: Value,
    ) -> Result<Value, Status> {
        let body = Some(Body::Object(body));
        Ok(self
            .run(Verb::Create, path, body, RequestOptions::default())
            .await?
            .1)
    }

    pub(in crate::cluster::embedded) async fn get(&self, path: &str) -> Result<Value, Status> {
        Ok(self
            .run(Verb::Get, path, None, RequestOptions::default())
            .await?
            .1)
    }

    pub(in crate::cluster::embedded) async fn update(
        &self,
        path: &str,
        body: Value,
    ) -> Result<Value, Status> {
        let body = Some(Body::Object(body));
        Ok(self
            .run(Verb::Update, path, body, RequestOptions::default())
            .await?
            .1)
    }

    pub(in crate::cluster::embedded) async fn merge(
        &self,
        path: &str,
        patch: Value,
    ) -> Result<Value, Status> {
        let body = Some(Body::MergePatch(patch));
        Ok(self
            .run(Verb::Patch, path, body, RequestOptions::default())
            .await?
            .1)
    }

    pub(in crate::cluster::embedded) async fn delete(&self, path: &str) -> Result<Value, Status> {
        Ok(self
            .run(Verb::Delete, path, None, RequestOptions::default())
            .await?
            .1)
    }

    pub(in crate::cluster::embedded) async fn list(
        &self,
        path: &str,
        options: RequestOptions,
    ) -> Result<Value, Status> {
        Ok(self.run(Verb::List, path, None, options).await?.1)
    }

    /// The names in a list.
    pub(in crate::cluster::embedded) async fn names(
        &self,
        path: &str,
        options: RequestOptions,
    ) -> Vec<String> {
        let list = self.list(path, options).await.unwrap();
        let items = list["items"].as_array().unwrap();
        items
            .iter()
            .map(|item| item["metadata"]["name"].as_str().unwrap().to_owned())
            .collect()
    }
}

/// Fields of the causes of a refusal.
pub(in crate::cluster::embedded) fn fields(status: &Status) -> Vec<&str> {
    let causes = status.details.iter().flat_map(|details| &details.causes);
    causes.map(|cause| cause.field.as_str()).collect()
}
