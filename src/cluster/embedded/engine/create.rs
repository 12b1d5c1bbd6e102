//! Creating objects.

use std::sync::Arc;

use serde_json::Value;

use super::admit::{default, validate};
use super::decode::Decoded;
use super::metadata::{begin, is_deleting, metadata, resolve_name};
use super::ownership::Means;
use super::request::Request;
use super::special::definitions;
use super::write::{Draft, check_size, refusal, terminating};
use super::{Body, Engine, Outcome};
use crate::cluster::embedded::admission::AdmissionVerb;
use crate::cluster::embedded::kinds::ResourceId;
use crate::cluster::embedded::status::Status;
use crate::cluster::embedded::store::{Action, Key, Object, Refused};

/// Generated names tried before the client is told to try again (upstream).
const NAME_ATTEMPTS: usize = 8;

impl Engine {
    pub(super) async fn create(
        &self,
        request: &Request,
        body: Option<Body>,
    ) -> Result<Outcome, Status> {
        let Some(Body::Object(object)) = body else {
            return Err(Status::bad_request(
                "the body of a create must be an object",
            ));
        };
        let Decoded {
            object,
            mut warnings,
        } = request.decode(object)?;
        warnings.extend(request.kind.strategy.note.map(str::to_owned));
        let generates = object["metadata"]["name"]
            .as_str()
            .is_none_or(str::is_empty);
        let mut attempts = if generates { NAME_ATTEMPTS } else { 1 };
        loop {
            attempts -= 1;
            match self.insert(request, object.clone(), Means::Update).await {
                Err(status) if attempts > 0 && status.reason == "AlreadyExists" => {}
                Err(status) => return Err(status),
                Ok(object) => return Ok(Self::answer(request, 201, object, warnings)),
            }
        }
    }

    /// Takes a decoded object through every step of a create.
    pub(super) async fn insert(
        &self,
        request: &Request,
        mut object: Value,
        means: Means,
    ) -> Result<Arc<Object>, Status> {
        let kind = &request.kind;
        let asked_version = object["metadata"]["resourceVersion"]
            .as_str()
            .unwrap_or_default();
        let asked_version = asked_version.to_owned();
        check_namespace(request, &mut object)?;
        self.check_container(request, &object)?;
        resolve_name(&mut object);
        begin(&mut object, kind.strategy.generation, &self.now());
        default(request, &mut object);
        if kind.subresources.status && !kind.strategy.keeps_status_on_create {
            drop_status(&mut object);
        }
        self.admit(request, AdmissionVerb::Create, &mut object, None)
            .await?;
        let name = object["metadata"]["name"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        self.own(request, None, &mut object, means);
        (kind.strategy.prepare)(&mut object, None);
        validate(request, &object, None)?;
        if !asked_version.is_empty() {
            // Upstream answers this with a 500 and no reason; clients know the text only.
            let message = "resourceVersion should not be set on objects to be created";
            return Err(Status::new(500, "", message));
        }
        check_size(&object)?;
        let key = Key::new(request.namespace(), name.clone());
        if let Some(existing) = self.inner.store.get(&kind.resource, &key) {
            return Err(exists(request, &existing, &name));
        }
        let reservation = self.complete(request, &mut object, None)?;
        if request.dry_run {
            metadata(&mut object).shift_remove("resourceVersion");
            return Ok(Arc::new(Object::new(object, 0)));
        }
        let draft = Draft {
            value: object,
            old: None,
            reservation,
        };
        match self.commit(request, draft, Action::Put) {
            Ok(written) => Ok(kind.show(&written)),
            Err(Refused::Raced) => {
                let existing = self.inner.store.get(&kind.resource, &key);
                Err(existing.map_or_else(
                    || Status::already_exists(&kind.group, &kind.plural, &name),
                    |existing| exists(request, &existing, &name),
                ))
            }
            Err(refused) => Err(refusal(request, refused, &name)),
        }
    }

    /// The namespace must exist and must not go away.
    fn check_container(&self, request: &Request, object: &Value) -> Result<(), Status> {
        if request.kind.is_custom() {
            let name = format!("{}.{}", request.kind.plural, request.kind.group);
            let definition = self.inner.store.get(&definitions(), &Key::new("", name));
            if definition.is_some_and(|definition| is_deleting(definition.value())) {
                let message = "create not allowed while custom resource definition is terminating";
                return Err(Status::new(405, "MethodNotAllowed", message));
            }
        }
        if !request.kind.is_namespaced() {
            return Ok(());
        }
        let namespace = request.namespace();
        let key = Key::new("", namespace);
        let Some(found) = self.inner.store.get(&ResourceId::namespaces(), &key) else {
            return Err(Status::not_found("", "namespaces", namespace));
        };
        if !is_deleting(found.value()) {
            return Ok(());
        }
        let name = object["metadata"]["name"].as_str().unwrap_or_default();
        Err(terminating(
            &request.kind.group,
            &request.kind.plural,
            name,
            namespace,
        ))
    }
}

/// Fills in the namespace of the path, or refuses another one.
pub(super) fn check_namespace(request: &Request, object: &mut Value) -> Result<(), Status> {
    let wanted = request.namespace();
    let metadata = metadata(object);
    let found = metadata
        .get("namespace")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if found.is_empty() {
        metadata.shift_remove("namespace");
        if !wanted.is_empty() {
            metadata.insert("namespace".into(), wanted.into());
        }
        return Ok(());
    }
    if found == wanted || (wanted.is_empty() && request.kind.is_namespaced()) {
        return Ok(());
    }
    Err(Status::bad_request(
        "the namespace of the provided object does not match the namespace sent on the request",
    ))
}

pub(super) fn drop_status(object: &mut Value) {
    if let Some(object) = object.as_object_mut() {
        object.shift_remove("status");
    }
}

fn exists(request: &Request, existing: &Object, name: &str) -> Status {
    let mut status = Status::already_exists(&request.kind.group, &request.kind.plural, name);
    if is_deleting(existing.value()) {
        status.message = format!("object is being deleted: {}", status.message);
    }
    status
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::cluster::embedded::engine::testing::{Cluster, SHOOTS, fields, shoot};

    #[tokio::test]
    async fn a_new_object_gets_what_the_server_gives_and_loses_what_it_cannot_bring() {
        let cluster = Cluster::new().await;
        let mut body = shoot("a");
        body["metadata"]["uid"] = "11111111-1111-1111-1111-111111111111".into();
        body["metadata"]["generation"] = 77.into();
        body["metadata"]["deletionTimestamp"] = "2001-01-01T00:00:00Z".into();
        body["status"] = json!({ "phase": "Ready" });
        let made = cluster.create(SHOOTS, body).await.unwrap();
        assert_eq!(made["metadata"]["generation"], 1);
        assert_ne!(
            made["metadata"]["uid"],
            "11111111-1111-1111-1111-111111111111"
        );
        assert!(made["metadata"].get("deletionTimestamp").is_none());
        assert!(made.get("status").is_none());
        assert_eq!(made["spec"], json!({ "region": "eu", "replicas": 1 }));
        assert_eq!(made["metadata"]["namespace"], "ns");
        assert!(
            made["metadata"]["resourceVersion"]
                .as_str()
                .unwrap()
                .parse::<u64>()
                .is_ok()
        );
    }

    #[tokio::test]
    async fn refusals_name_what_is_wrong() {
        let cluster = Cluster::new().await;
        cluster.create(SHOOTS, shoot("a")).await.unwrap();
        let again = cluster.create(SHOOTS, shoot("a")).await.unwrap_err();
        assert_eq!((again.code, again.reason), (409, "AlreadyExists"));
        assert_eq!(again.message, "shoots.garden.test \"a\" already exists");
        let mut nameless = shoot("a");
        nameless["metadata"] = json!({});
        let status = cluster.create(SHOOTS, nameless).await.unwrap_err();
        assert_eq!(fields(&status), ["metadata.name"]);
        let mut versioned = shoot("b");
        versioned["metadata"]["resourceVersion"] = "5".into();
        assert_eq!(
            cluster.create(SHOOTS, versioned).await.unwrap_err().code,
            500
        );
        let mut plant = shoot("c");
        plant["kind"] = "Plant".into();
        let status = cluster.create(SHOOTS, plant).await.unwrap_err();
        assert_eq!((status.code, fields(&status)), (422, vec!["kind"]));
        let mut other = shoot("d");
        other["apiVersion"] = "garden.test/v9".into();
        assert_eq!(cluster.create(SHOOTS, other).await.unwrap_err().code, 400);
    }

    #[tokio::test]
    async fn a_namespace_must_exist() {
        let cluster = Cluster::new().await;
        let mut operation = cluster.operation(
            crate::cluster::embedded::engine::Verb::Create,
            SHOOTS,
            Some(crate::cluster::embedded::engine::Body::Object(shoot("a"))),
            crate::cluster::embedded::engine::RequestOptions::default(),
        );
        operation.target.namespace = Some("nowhere".into());
        let status = cluster.engine.run(operation).await.unwrap_err();
        assert_eq!(status.message, "namespaces \"nowhere\" not found");
    }

    #[tokio::test]
    async fn two_versions_show_the_same_object() {
        let cluster = Cluster::new().await;
        let mut body = shoot("a");
        body["apiVersion"] = "garden.test/v2".into();
        let made = cluster.create("garden.test/v2/shoots", body).await.unwrap();
        assert_eq!(made["apiVersion"], "garden.test/v2");
        let read = cluster.get("garden.test/v1/shoots/a").await.unwrap();
        assert_eq!(read["apiVersion"], "garden.test/v1");
    }
}
