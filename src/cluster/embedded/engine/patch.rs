//! Changing objects by patches, and server-side apply.

use std::sync::Arc;

use serde_json::Value;

use super::create::check_namespace;
use super::decode::{Decoded, check_metadata};
use super::metadata::metadata;
use super::ownership::Means;
use super::request::Request;
use super::update::{ATTEMPTS, Failed};
use super::{Body, Engine, Outcome};
use crate::cluster::embedded::fields::check_typed;
use crate::cluster::embedded::patch::json::JsonPatchError;
use crate::cluster::embedded::patch::{json, merge};
use crate::cluster::embedded::status::Status;
use crate::cluster::embedded::store::Object;

/// Media types of patches for custom kinds.
const CUSTOM_TYPES: &[&str] = &[
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/apply-patch+yaml",
];

impl Engine {
    pub(super) async fn patch(
        &self,
        request: &Request,
        body: Option<Body>,
    ) -> Result<Outcome, Status> {
        match body {
            Some(Body::Apply(applied)) => self.apply(request, applied).await,
            Some(Body::StrategicMerge(_)) if request.kind.is_custom() => {
                Err(Status::unsupported_media_type(CUSTOM_TYPES))
            }
            Some(Body::Object(_)) | None => Err(Status::bad_request("the body must be a patch")),
            Some(patch) => self.edit(request, &patch).await,
        }
    }

    async fn edit(&self, request: &Request, patch: &Body) -> Result<Outcome, Status> {
        let mut attempts = ATTEMPTS;
        loop {
            let old = self.current(request)?;
            let (object, warnings) = patched(request, &old, patch)?;
            attempts -= 1;
            match self.change(request, &old, object, Means::Update).await {
                Ok(object) => return Ok(Self::answer(request, 200, object, warnings)),
                Err(Failed::Raced) if attempts > 0 => {}
                Err(Failed::Raced) => return Err(request.stale()),
                Err(Failed::Refused(status)) => return Err(status),
            }
        }
    }

    async fn apply(&self, request: &Request, applied: Value) -> Result<Outcome, Status> {
        if !applied.is_object() {
            return Err(Status::bad_request(
                "the applied configuration must be an object",
            ));
        }
        let fields = applied["metadata"]["managedFields"].as_array();
        if fields.is_some_and(|fields| !fields.is_empty()) {
            return Err(Status::bad_request("metadata.managedFields must be nil"));
        }
        // Decoding prunes what the schema does not know, which is an error in an apply.
        if applied["kind"].is_string() {
            check_typed(&applied, request.field_types())?;
        }
        let Decoded {
            object: mut applied,
            warnings,
        } = request.decode(applied)?;
        complete_name(request, &mut applied)?;
        let mut attempts = ATTEMPTS;
        loop {
            attempts -= 1;
            let Some(old) = self.inner.store.get(&request.kind.resource, &request.key()) else {
                match self.apply_new(request, &applied).await {
                    Err(status) if attempts > 0 && status.reason == "AlreadyExists" => continue,
                    Err(status) => return Err(status),
                    Ok(object) => return Ok(Self::answer(request, 201, object, warnings)),
                }
            };
            let merged = self.merge_applied(request, Some(&old), &applied)?;
            match self.change(request, &old, merged, Means::Apply).await {
                Ok(object) => return Ok(Self::answer(request, 200, object, warnings)),
                Err(Failed::Raced) if attempts > 0 => {}
                Err(Failed::Raced) => return Err(request.stale()),
                Err(Failed::Refused(status)) => return Err(status),
            }
        }
    }

    /// Apply creates objects, through the main path only.
    async fn apply_new(&self, request: &Request, applied: &Value) -> Result<Arc<Object>, Status> {
        if request.subresource().is_some() {
            return Err(request.not_found());
        }
        let uid = applied["metadata"]["uid"].as_str().unwrap_or_default();
        if !uid.is_empty() {
            return Err(request.conflict(format!(
                "uid mismatch: the provided object specified uid {uid}, and no existing object was \
                 found"
            )));
        }
        if applied["metadata"]["resourceVersion"]
            .as_str()
            .is_some_and(|text| !text.is_empty())
        {
            return Err(request.stale());
        }
        let merged = self.merge_applied(request, None, applied)?;
        self.insert(request, merged, Means::Apply).await
    }
}

/// The state that a patch asks for, with warnings about fields that the schema does not know.
fn patched(
    request: &Request,
    old: &Arc<Object>,
    patch: &Body,
) -> Result<(Value, Vec<String>), Status> {
    let mut object = request.kind.show(old).value().clone();
    match patch {
        Body::JsonPatch(patch) => {
            json::apply(&mut object, patch).map_err(|error| json_refusal(request, &error))?;
        }
        Body::MergePatch(patch) => {
            if !patch.is_object() {
                return Err(Status::bad_request("a merge patch must be an object"));
            }
            merge::apply(&mut object, patch);
        }
        Body::StrategicMerge(patch) => {
            super::ownership::strategic_merge(request, &mut object, patch)?;
        }
        Body::Object(_) | Body::Apply(_) => {
            return Err(Status::bad_request("the body must be a patch"));
        }
    }
    let Decoded {
        mut object,
        warnings,
    } = request.decode(object)?;
    check_metadata(&mut object)?;
    check_identity(request, &object)?;
    Ok((object, warnings))
}

fn json_refusal(request: &Request, error: &JsonPatchError) -> Status {
    match error {
        JsonPatchError::Malformed { .. } => Status::bad_request(error.to_string()),
        JsonPatchError::TooManyOperations { .. } => {
            Status::new(413, "RequestEntityTooLarge", error.to_string())
        }
        JsonPatchError::DoesNotApply { .. } => {
            let message =
                format!("the server rejected our request due to an error in our request: {error}");
            Status::unprocessable(message).about(
                &request.kind.group,
                &request.kind.plural,
                request.name(),
            )
        }
    }
}

/// A patch cannot move an object.
fn check_identity(request: &Request, object: &Value) -> Result<(), Status> {
    let text = |member: &str| object["metadata"][member].as_str().unwrap_or_default();
    if text("name") != request.name() {
        return Err(Status::bad_request(format!(
            "the name of the object ({}) does not match the name on the URL ({})",
            text("name"),
            request.name()
        )));
    }
    if text("namespace") != request.namespace() {
        return Err(Status::bad_request(
            "the namespace of the provided object does not match the namespace sent on the request",
        ));
    }
    Ok(())
}

/// The applied name and namespace, when given, must be those of the path.
fn complete_name(request: &Request, applied: &mut Value) -> Result<(), Status> {
    let metadata = metadata(applied);
    let name = metadata
        .get("name")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if name.is_empty() {
        metadata.insert("name".into(), request.name().into());
    } else if name != request.name() {
        return Err(Status::bad_request(format!(
            "the name of the object ({name}) does not match the name on the URL ({})",
            request.name()
        )));
    }
    check_namespace(request, applied)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::cluster::embedded::engine::testing::{Answer, Cluster, SHOOTS, fields, shoot};
    use crate::cluster::embedded::engine::{Body, RequestOptions, Verb};

    const A: &str = "garden.test/v1/shoots/a";

    async fn apply(cluster: &Cluster, manager: &str, force: Option<bool>, spec: Value) -> Answer {
        let mut body = shoot("a");
        body["spec"] = spec;
        let options = RequestOptions {
            field_manager: Some(manager.into()),
            force,
            ..RequestOptions::default()
        };
        cluster
            .run(Verb::Patch, A, Some(Body::Apply(body)), options)
            .await
    }

    #[tokio::test]
    async fn apply_creates_then_merges_and_conflicts_unless_forced() {
        let cluster = Cluster::new().await;
        let (code, made, _) = apply(&cluster, "m1", None, json!({ "region": "eu" }))
            .await
            .unwrap();
        assert_eq!(code, 201);
        assert_eq!(made["spec"]["replicas"], 1);
        let owned = &made["metadata"]["managedFields"][0];
        assert_eq!(owned["fieldsV1"], json!({ "f:spec": { "f:region": {} } }));
        let (code, same, _) = apply(&cluster, "m1", None, json!({ "region": "eu" }))
            .await
            .unwrap();
        assert_eq!((code, &same), (200, &made));
        let status = apply(&cluster, "m2", None, json!({ "region": "us" }))
            .await
            .unwrap_err();
        assert_eq!((status.code, fields(&status)), (409, vec![".spec.region"]));
        let (_, taken, _) = apply(&cluster, "m2", Some(true), json!({ "region": "us" }))
            .await
            .unwrap();
        assert_eq!(taken["spec"]["region"], "us");
        assert_eq!(
            taken["metadata"]["managedFields"].as_array().unwrap().len(),
            1
        );
    }

    #[tokio::test]
    async fn apply_needs_a_manager_and_force_needs_apply() {
        let cluster = Cluster::new().await;
        let status = apply(&cluster, "", None, json!({ "region": "eu" }))
            .await
            .unwrap_err();
        assert_eq!((status.code, fields(&status)), (422, vec!["fieldManager"]));
        cluster.create(SHOOTS, shoot("a")).await.unwrap();
        let options = RequestOptions {
            force: Some(true),
            ..RequestOptions::default()
        };
        let patch = Some(Body::MergePatch(json!({})));
        let status = cluster
            .run(Verb::Patch, A, patch, options)
            .await
            .unwrap_err();
        assert_eq!((status.code, fields(&status)), (422, vec!["force"]));
    }

    #[tokio::test]
    async fn json_patches_fail_as_upstream_says() {
        let cluster = Cluster::new().await;
        cluster.create(SHOOTS, shoot("a")).await.unwrap();
        let patch = async |patch| {
            let body = Some(Body::JsonPatch(patch));
            cluster
                .run(Verb::Patch, A, body, RequestOptions::default())
                .await
        };
        let failed = json!([{ "op": "test", "path": "/spec/region", "value": "us" }]);
        assert_eq!(patch(failed).await.unwrap_err().code, 422);
        assert_eq!(
            patch(json!({ "op": "remove" })).await.unwrap_err().code,
            400
        );
        let finalizer = json!([
            { "op": "test", "path": "/metadata/finalizers", "value": null },
            { "op": "add", "path": "/metadata/finalizers", "value": ["test/f"] },
        ]);
        let (_, held, _) = patch(finalizer).await.unwrap();
        assert_eq!(held["metadata"]["finalizers"], json!(["test/f"]));
    }

    #[tokio::test]
    async fn custom_kinds_have_no_strategic_merge_patch_and_built_in_ones_do() {
        let cluster = Cluster::new().await;
        cluster.create(SHOOTS, shoot("a")).await.unwrap();
        let strategic = async |path, patch| {
            let body = Some(Body::StrategicMerge(patch));
            cluster
                .run(Verb::Patch, path, body, RequestOptions::default())
                .await
        };
        assert_eq!(strategic(A, json!({})).await.unwrap_err().code, 415);
        let account = json!({ "metadata": { "name": "s" }, "secrets": [{ "name": "x" }] });
        cluster.create("v1/serviceaccounts", account).await.unwrap();
        let patch = json!({ "secrets": [{ "name": "y" }] });
        let (_, merged, _) = strategic("v1/serviceaccounts/s", patch).await.unwrap();
        assert_eq!(merged["secrets"].as_array().unwrap().len(), 2);
    }
}
