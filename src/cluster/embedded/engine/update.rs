//! Replacing objects, and the part that all changes of an existing object share.

use std::sync::Arc;

use serde_json::Value;

use super::admit::{default, validate};
use super::create::check_namespace;
use super::decode::Decoded;
use super::metadata::{carry_over, metadata, next_generation, set_finalizers, spec_differs};
use super::ownership::Means;
use super::request::Request;
use super::write::{Draft, check_size, refusal};
use super::{Body, Engine, Outcome};
use crate::cluster::embedded::admission::AdmissionVerb;
use crate::cluster::embedded::status::{Cause, Status};
use crate::cluster::embedded::store::{Object, Refused};

/// Attempts of a write that names no version and lost a race (upstream's patch retries).
pub(super) const ATTEMPTS: usize = 5;

/// Why a change of an existing object did not happen.
#[derive(Debug)]
pub(super) enum Failed {
    /// Somebody else was faster; the caller may try again.
    Raced,
    /// The answer for the client.
    Refused(Status),
}

impl From<Status> for Failed {
    fn from(status: Status) -> Self {
        Self::Refused(status)
    }
}

impl Engine {
    pub(super) async fn update(
        &self,
        request: &Request,
        body: Option<Body>,
    ) -> Result<Outcome, Status> {
        let Some(Body::Object(object)) = body else {
            return Err(Status::bad_request(
                "the body of an update must be an object",
            ));
        };
        let Decoded {
            mut object,
            warnings,
        } = request.decode(object)?;
        check_name(request, &mut object)?;
        check_namespace(request, &mut object)?;
        let sent = object["metadata"]["resourceVersion"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let mut attempts = if sent.is_empty() { ATTEMPTS } else { 1 };
        loop {
            let Some(old) = self.inner.store.get(&request.kind.resource, &request.key()) else {
                if request.kind.strategy.create_on_update && request.subresource().is_none() {
                    metadata(&mut object).shift_remove("resourceVersion");
                    let object = self.insert(request, object, Means::Update).await?;
                    return Ok(Self::answer(request, 201, object, warnings));
                }
                return Err(request.not_found());
            };
            if sent.is_empty() && !request.kind.strategy.unconditional_update {
                let why = "must be specified for an update";
                let field = "metadata.resourceVersion";
                let mut cause = Cause::invalid(field, &Value::Null, why);
                cause.message = format!("Invalid value: 0x0: {why}");
                return Err(request.invalid(request.name(), vec![cause]));
            }
            attempts -= 1;
            match self
                .change(request, &old, object.clone(), Means::Update)
                .await
            {
                Ok(object) => return Ok(Self::answer(request, 200, object, warnings)),
                Err(Failed::Raced) if attempts > 0 => {}
                Err(Failed::Raced) => return Err(request.stale()),
                Err(Failed::Refused(status)) => return Err(status),
            }
        }
    }

    /// Takes the new state of an existing object through every step of an update.
    pub(super) async fn change(
        &self,
        request: &Request,
        old: &Arc<Object>,
        mut object: Value,
        means: Means,
    ) -> Result<Arc<Object>, Failed> {
        let kind = &request.kind;
        let shown = kind.show(old);
        let before = shown.value();
        check_version(request, &object, old)?;
        check_uid(request, &object, old)?;
        carry_over(&mut object, before);
        if request.subresource() == Some("status") {
            object = only_status(&object, before);
        } else if kind.subresources.status {
            copy_member(&mut object, before, "status");
        }
        default(request, &mut object);
        if request.subresource().is_none() || request.subresource() == Some("status") {
            self.admit(request, AdmissionVerb::Update, &mut object, Some(before))
                .await?;
        }
        if request.subresource() != Some("finalize") {
            (kind.strategy.prepare)(&mut object, Some(before));
        }
        if kind.strategy.generation && spec_differs(before, &object, kind.subresources.status) {
            next_generation(&mut object);
        }
        self.own(request, Some(before), &mut object, means);
        validate(request, &object, Some(before))?;
        check_size(&object)?;
        let reservation = if request.subresource().is_none() {
            self.complete(request, &mut object, Some(before))?
        } else {
            None
        };
        let draft = Draft {
            value: object,
            old: Some(Arc::clone(old)),
            reservation,
        };
        self.commit_update(request, draft)
            .map_err(|refused| match refused {
                Refused::Raced => Failed::Raced,
                other => Failed::Refused(refusal(request, other, request.name())),
            })
    }

    /// The `finalize` subresource of namespaces: replaces `spec.finalizers` and nothing else.
    pub(super) async fn finalize(
        &self,
        request: &Request,
        body: Option<Body>,
    ) -> Result<Outcome, Status> {
        let Some(Body::Object(body)) = body else {
            return Err(Status::bad_request(
                "the body of an update must be an object",
            ));
        };
        let Decoded {
            object: mut body,
            warnings,
        } = request.decode(body)?;
        check_name(request, &mut body)?;
        let mut attempts = ATTEMPTS;
        loop {
            let old = self.current(request)?;
            check_version(request, &body, &old)?;
            let mut object = old.value().clone();
            object["spec"] = body["spec"].clone();
            if object["spec"].is_null() {
                object["spec"] = Value::Object(serde_json::Map::new());
            }
            let finalizers = super::metadata::finalizers(&old.value().clone());
            set_finalizers(&mut object, finalizers);
            attempts -= 1;
            match self.change(request, &old, object, Means::Server).await {
                Ok(object) => return Ok(Self::answer(request, 200, object, warnings)),
                Err(Failed::Raced) if attempts > 0 => {}
                Err(Failed::Raced) => return Err(request.stale()),
                Err(Failed::Refused(status)) => return Err(status),
            }
        }
    }
}

/// The name of the object must be the one of the path.
fn check_name(request: &Request, object: &mut Value) -> Result<(), Status> {
    let metadata = metadata(object);
    let found = metadata
        .get("name")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let wanted = request.name();
    if found.is_empty() {
        return Err(Status::bad_request("name must be provided"));
    }
    if found == wanted {
        return Ok(());
    }
    Err(Status::bad_request(format!(
        "the name of the object ({found}) does not match the name on the URL ({wanted})"
    )))
}

/// A version in the new state is a lock on that version.
fn check_version(request: &Request, object: &Value, old: &Object) -> Result<(), Status> {
    let sent = object["metadata"]["resourceVersion"]
        .as_str()
        .unwrap_or_default();
    if sent.is_empty() || sent == "0" || sent == old.version().to_string() {
        return Ok(());
    }
    if sent.parse::<u64>().is_err() {
        let value = sent.into();
        let cause = Cause::invalid(
            "metadata.resourceVersion",
            &value,
            "must be an unsigned number",
        );
        return Err(request.invalid(request.name(), vec![cause]));
    }
    Err(request.stale())
}

/// A uid in the new state means exactly that object.
fn check_uid(request: &Request, object: &Value, old: &Object) -> Result<(), Status> {
    let sent = object["metadata"]["uid"].as_str().unwrap_or_default();
    if sent.is_empty() || sent == old.uid() {
        return Ok(());
    }
    Err(request.conflict(format!(
        "Precondition failed: UID in precondition: {sent}, UID in object meta: {}",
        old.uid()
    )))
}

/// The old object with the status, and the field ownership, of the new one.
fn only_status(object: &Value, before: &Value) -> Value {
    let mut result = before.clone();
    copy_member(&mut result, object, "status");
    let metadata = metadata(&mut result);
    match object["metadata"].get("managedFields") {
        Some(fields) => metadata.insert("managedFields".into(), fields.clone()),
        None => metadata.shift_remove("managedFields"),
    };
    result
}

pub(super) fn copy_member(object: &mut Value, from: &Value, member: &str) {
    let Some(object) = object.as_object_mut() else {
        return;
    };
    match from.get(member) {
        Some(value) => object.insert(member.to_owned(), value.clone()),
        None => object.shift_remove(member),
    };
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::cluster::embedded::engine::testing::{Cluster, SHOOTS, fields, shoot};
    use crate::cluster::embedded::engine::{Body, RequestOptions, Verb};

    const A: &str = "garden.test/v1/shoots/a";

    async fn cluster() -> (Cluster, Value) {
        let cluster = Cluster::new().await;
        let made = cluster.create(SHOOTS, shoot("a")).await.unwrap();
        (cluster, made)
    }

    #[tokio::test]
    async fn a_write_that_changes_nothing_keeps_the_version_and_metadata_keeps_the_generation() {
        let (cluster, made) = cluster().await;
        let same = cluster.update(A, made.clone()).await.unwrap();
        assert_eq!(same, made);
        let labelled = json!({ "metadata": { "labels": { "l": "m" } } });
        let labelled = cluster.merge(A, labelled).await.unwrap();
        assert_eq!(labelled["metadata"]["generation"], 1);
        assert_ne!(
            labelled["metadata"]["resourceVersion"],
            made["metadata"]["resourceVersion"]
        );
        let moved = cluster
            .merge(A, json!({ "spec": { "region": "us" } }))
            .await
            .unwrap();
        assert_eq!(moved["metadata"]["generation"], 2);
    }

    #[tokio::test]
    async fn updates_of_custom_kinds_name_the_version_they_are_based_on() {
        let (cluster, made) = cluster().await;
        let mut blind = made.clone();
        blind["metadata"]
            .as_object_mut()
            .unwrap()
            .shift_remove("resourceVersion");
        let status = cluster.update(A, blind).await.unwrap_err();
        assert_eq!(fields(&status), ["metadata.resourceVersion"]);
        cluster
            .merge(A, json!({ "spec": { "region": "us" } }))
            .await
            .unwrap();
        let status = cluster.update(A, made.clone()).await.unwrap_err();
        assert_eq!((status.code, status.reason), (409, "Conflict"));
        let lock =
            json!({ "metadata": { "resourceVersion": made["metadata"]["resourceVersion"] } });
        assert_eq!(cluster.merge(A, lock).await.unwrap_err().code, 409);
        let config = json!({ "metadata": { "name": "c" }, "data": { "k": "v" } });
        cluster
            .create("v1/configmaps", config.clone())
            .await
            .unwrap();
        assert!(cluster.update("v1/configmaps/c", config).await.is_ok());
    }

    #[tokio::test]
    async fn status_has_a_path_of_its_own() {
        let (cluster, mut made) = cluster().await;
        made["status"] = json!({ "phase": "Ready" });
        made["spec"]["region"] = "changed".into();
        made["metadata"]["labels"] = json!({ "l": "m" });
        let written = cluster
            .update(&format!("{A}/status"), made.clone())
            .await
            .unwrap();
        assert_eq!(written["status"]["phase"], "Ready");
        assert_eq!(written["spec"]["region"], "eu");
        assert!(written["metadata"].get("labels").is_none());
        assert_eq!(written["metadata"]["generation"], 1);
        let main = json!({ "status": { "phase": "Gone" } });
        assert_eq!(
            cluster.merge(A, main).await.unwrap()["status"]["phase"],
            "Ready"
        );
    }

    #[tokio::test]
    async fn names_and_uids_must_fit() {
        let (cluster, made) = cluster().await;
        let mut renamed = made.clone();
        renamed["metadata"]["name"] = "b".into();
        assert_eq!(cluster.update(A, renamed).await.unwrap_err().code, 400);
        let mut other = made;
        other["metadata"]["uid"] = "11111111-1111-1111-1111-111111111111".into();
        assert_eq!(cluster.update(A, other).await.unwrap_err().code, 409);
    }

    #[tokio::test]
    async fn a_dry_run_leaves_no_trace() {
        let (cluster, made) = cluster().await;
        let options = RequestOptions {
            dry_run: vec!["All".into()],
            ..RequestOptions::default()
        };
        let patch = Some(Body::MergePatch(json!({ "spec": { "region": "us" } })));
        let (_, shown, _) = cluster.run(Verb::Patch, A, patch, options).await.unwrap();
        assert_eq!(shown["spec"]["region"], "us");
        assert_eq!(cluster.get(A).await.unwrap(), made);
    }
}
