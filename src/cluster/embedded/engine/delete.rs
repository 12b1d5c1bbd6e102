//! Deleting objects: finalizers, preconditions, propagation.

use std::sync::Arc;

use serde_json::{Value, json};

use super::delete_options::{DeleteOptions, Propagation};
use super::metadata::{finalizers, is_deleting, metadata, next_generation, set_finalizers};
use super::request::Request;
use super::special::definitions;
use super::update::{ATTEMPTS, Failed};
use super::write::{Draft, is_released, refusal};
use super::{Body, Content, Engine, Outcome};
use crate::cluster::embedded::admission::AdmissionVerb;
use crate::cluster::embedded::kinds::definition::set_condition;
use crate::cluster::embedded::status::{Status, StatusDetails};
use crate::cluster::embedded::store::{Action, Object, Refused};

/// Holds an owner until its blocking dependents are gone.
pub(in crate::cluster::embedded) const FOREGROUND: &str = "foregroundDeletion";
/// Holds an owner until its dependents have forgotten it.
pub(in crate::cluster::embedded) const ORPHAN: &str = "orphan";
/// Holds a definition until its objects are gone.
pub(in crate::cluster::embedded) const CLEANUP: &str = "customresourcecleanup.apiextensions.k8s.io";

/// Namespaces that cannot be deleted.
const IMMORTAL: &[&str] = &["default", "kube-public", "kube-system"];

/// What is left of an object after a delete.
pub(super) enum Deleted {
    /// Nothing; this was the last state.
    Gone(Arc<Object>),
    /// Something still holds it.
    Held(Arc<Object>),
}

impl Engine {
    pub(super) async fn delete(
        &self,
        request: &Request,
        body: Option<Body>,
    ) -> Result<Outcome, Status> {
        let options = DeleteOptions::read(request, body)?;
        let mut attempts = ATTEMPTS;
        let deleted = loop {
            attempts -= 1;
            let old = self.current(request)?;
            match self.delete_one(request, &options, &old).await {
                Ok(deleted) => break deleted,
                Err(Failed::Raced) if attempts > 0 => {}
                Err(Failed::Raced) => return Err(request.stale()),
                Err(Failed::Refused(status)) => return Err(status),
            }
        };
        let (code, content) = match deleted {
            Deleted::Held(object) => {
                let code = if options.waits() { 202 } else { 200 };
                (code, Content::Object(request.kind.show(&object)))
            }
            Deleted::Gone(object) if request.kind.strategy.returns_deleted => {
                (200, Content::Object(request.kind.show(&object)))
            }
            Deleted::Gone(object) => (200, Content::Other(success(request, &object))),
        };
        Ok(Outcome {
            code,
            content,
            kind: Arc::clone(&request.kind),
            warnings: Vec::new(),
        })
    }

    pub(super) async fn delete_collection(
        &self,
        request: &Request,
        body: Option<Body>,
    ) -> Result<Outcome, Status> {
        let options = DeleteOptions::read(request, body)?;
        let list = self.select(request)?;
        for item in &list.items {
            let mut one = request.clone();
            one.target.name = Some(item.name().to_owned());
            for _ in 0..ATTEMPTS {
                let Some(old) = self.inner.store.get(&one.kind.resource, &one.key()) else {
                    break;
                };
                match self.delete_one(&one, &options, &old).await {
                    Ok(_) => break,
                    Err(Failed::Raced) => {}
                    Err(Failed::Refused(status)) if status.code == 404 => break,
                    Err(Failed::Refused(status)) => return Err(status),
                }
            }
        }
        Ok(Outcome {
            code: 200,
            content: Content::List(list),
            kind: Arc::clone(&request.kind),
            warnings: Vec::new(),
        })
    }

    pub(super) async fn delete_one(
        &self,
        request: &Request,
        options: &DeleteOptions,
        old: &Arc<Object>,
    ) -> Result<Deleted, Failed> {
        options.check(request, old)?;
        if is_namespace(request) && IMMORTAL.contains(&request.name()) {
            let why = "this namespace may not be deleted";
            return Err(Status::forbidden("", "namespaces", request.name(), why).into());
        }
        let mut before = request.kind.show(old).value().clone();
        self.admit(
            request,
            AdmissionVerb::Delete,
            &mut before,
            Some(old.value()),
        )
        .await?;
        let mut object = old.value().clone();
        let wanted = finalizers_for(request, options, &object);
        let was_deleting = is_deleting(&object);
        let changed = wanted != finalizers(&object);
        set_finalizers(&mut object, wanted);
        if !was_deleting {
            mark(&mut object, &self.now());
        }
        if is_definition(request) && !was_deleting {
            let message = "CustomResource deletion is in progress";
            let reason = "InstanceDeletionPending";
            set_condition(
                &mut object,
                "Terminating",
                "True",
                reason,
                message,
                &self.now(),
            );
        }
        if is_namespace(request) {
            object["status"]["phase"] = "Terminating".into();
        }
        let released = is_released(&object);
        if request.dry_run {
            let object = Arc::new(Object::new(object, old.version()));
            return Ok(if released {
                Deleted::Gone(object)
            } else {
                Deleted::Held(object)
            });
        }
        if !released && was_deleting && !changed {
            return Ok(Deleted::Held(Arc::clone(old)));
        }
        let action = if released {
            Action::Delete
        } else {
            Action::Put
        };
        // The last state that watchers see is the one that was stored.
        let value = if released {
            old.value().clone()
        } else {
            object
        };
        let draft = Draft {
            value: request.kind.shown(value),
            old: Some(Arc::clone(old)),
            reservation: None,
        };
        let written = self
            .commit(request, draft, action)
            .map_err(|refused| match refused {
                Refused::Raced => Failed::Raced,
                other => Failed::Refused(refusal(request, other, request.name())),
            })?;
        Ok(if released {
            Deleted::Gone(written)
        } else {
            Deleted::Held(written)
        })
    }
}

/// The finalizers that the propagation policy asks for.
fn finalizers_for(request: &Request, options: &DeleteOptions, object: &Value) -> Vec<String> {
    let mut wanted = finalizers(object);
    let policy = match options.propagation {
        Some(policy) => policy,
        // A finalizer that is there already is the policy of an earlier request.
        None if wanted.iter().any(|known| known == FOREGROUND) => Propagation::Foreground,
        None if wanted.iter().any(|known| known == ORPHAN) => Propagation::Orphan,
        None => Propagation::Background,
    };
    let mut hold = |name: &str, held: bool| {
        let known = wanted.iter().position(|known| known == name);
        match (known, held) {
            (Some(index), false) => drop(wanted.remove(index)),
            (None, true) => wanted.push(name.to_owned()),
            _ => {}
        }
    };
    hold(ORPHAN, policy == Propagation::Orphan);
    hold(FOREGROUND, policy == Propagation::Foreground);
    if is_definition(request) && !is_deleting(object) {
        hold(CLEANUP, true);
    }
    wanted
}

fn is_definition(request: &Request) -> bool {
    *request.kind.resource == definitions()
}

fn is_namespace(request: &Request) -> bool {
    request.kind.group.is_empty() && request.kind.plural == "namespaces"
}

/// Sets the deletion time stamp.
fn mark(object: &mut Value, now: &str) {
    next_generation(object);
    let metadata = metadata(object);
    metadata.insert("deletionTimestamp".into(), now.into());
    metadata.insert("deletionGracePeriodSeconds".into(), 0.into());
}

/// The Status that answers a delete which left nothing.
fn success(request: &Request, object: &Object) -> Value {
    let details = StatusDetails {
        name: request.name().to_owned(),
        group: request.kind.group.clone(),
        kind: request.kind.plural.clone(),
        uid: object.uid().to_owned(),
        ..StatusDetails::default()
    };
    json!({
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Success",
        "details": details.to_value(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::cluster::embedded::engine::testing::{Cluster, SHOOTS, fields, shoot};
    use crate::cluster::embedded::engine::{Body, RequestOptions, Verb};

    const A: &str = "garden.test/v1/shoots/a";

    #[tokio::test]
    async fn a_finalizer_holds_the_object_until_it_is_removed() {
        let cluster = Cluster::new().await;
        let mut body = shoot("a");
        body["metadata"]["finalizers"] = json!(["test/f"]);
        cluster.create(SHOOTS, body).await.unwrap();
        let held = cluster.delete(A).await.unwrap();
        assert_eq!(held["metadata"]["generation"], 2);
        assert_eq!(held["metadata"]["deletionGracePeriodSeconds"], 0);
        assert_eq!(cluster.delete(A).await.unwrap(), held);
        let more = json!({ "metadata": { "finalizers": ["test/f", "test/g"] } });
        assert_eq!(
            fields(&cluster.merge(A, more).await.unwrap_err()),
            ["metadata.finalizers"]
        );
        let again = cluster.create(SHOOTS, shoot("a")).await.unwrap_err();
        assert!(
            again.message.starts_with("object is being deleted"),
            "{again}"
        );
        let freed = json!({ "metadata": { "finalizers": null } });
        let last = cluster.merge(A, freed).await.unwrap();
        assert!(last["metadata"].get("finalizers").is_none());
        assert_eq!(cluster.get(A).await.unwrap_err().code, 404);
    }

    #[tokio::test]
    async fn an_immediate_delete_answers_a_status_with_the_uid() {
        let cluster = Cluster::new().await;
        let made = cluster.create(SHOOTS, shoot("a")).await.unwrap();
        let status = cluster.delete(A).await.unwrap();
        assert_eq!(status["status"], "Success");
        assert_eq!(status["details"]["uid"], made["metadata"]["uid"]);
        assert_eq!(status["details"]["kind"], "shoots");
    }

    #[tokio::test]
    async fn preconditions_and_policies_are_checked() {
        let cluster = Cluster::new().await;
        cluster.create(SHOOTS, shoot("a")).await.unwrap();
        let delete = async |body| {
            let body = Some(Body::Object(body));
            cluster
                .run(Verb::Delete, A, body, RequestOptions::default())
                .await
        };
        let status = delete(json!({ "preconditions": { "uid": "other" } }))
            .await
            .unwrap_err();
        assert_eq!(status.code, 409);
        let status = delete(json!({ "propagationPolicy": "Sideways" }))
            .await
            .unwrap_err();
        assert_eq!(
            (status.code, fields(&status)),
            (422, vec!["propagationPolicy"])
        );
        let (_, dry, _) = delete(json!({ "dryRun": ["All"] })).await.unwrap();
        assert_eq!(dry["status"], "Success");
        assert!(cluster.get(A).await.is_ok());
    }

    #[tokio::test]
    async fn a_collection_is_deleted_as_far_as_it_is_selected() {
        let cluster = Cluster::new().await;
        for (name, tier) in [("a", "x"), ("b", "y"), ("c", "x")] {
            let mut body = shoot(name);
            body["metadata"]["labels"] = json!({ "tier": tier });
            cluster.create(SHOOTS, body).await.unwrap();
        }
        let options = RequestOptions {
            label_selector: Some("tier=x".into()),
            ..RequestOptions::default()
        };
        let (_, list, _) = cluster
            .run(Verb::DeleteCollection, SHOOTS, None, options)
            .await
            .unwrap();
        assert_eq!(list["items"].as_array().unwrap().len(), 2);
        assert_eq!(
            cluster.names(SHOOTS, RequestOptions::default()).await,
            ["b"]
        );
    }
}
