//! The `scale` subresource: three paths of the object seen as `autoscaling/v1` Scale.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::ownership::Means;
use super::request::Request;
use super::update::{ATTEMPTS, Failed};
use super::{Body, Content, Engine, Outcome};
use crate::cluster::embedded::kinds::ScalePaths;
use crate::cluster::embedded::patch::{json, merge};
use crate::cluster::embedded::selector::LabelSelector;
use crate::cluster::embedded::status::{Cause, Status};
use crate::cluster::embedded::store::Object;

impl Engine {
    pub(super) fn get_scale(&self, request: &Request) -> Result<Outcome, Status> {
        let object = self.current(request)?;
        let scale = scale_of(paths(request)?, object.value());
        Ok(scale_answer(request, scale))
    }

    pub(super) async fn update_scale(
        &self,
        request: &Request,
        body: Option<Body>,
    ) -> Result<Outcome, Status> {
        let Some(Body::Object(body)) = body else {
            return Err(Status::bad_request(
                "the body of an update must be an object",
            ));
        };
        let name = body["metadata"]["name"].as_str().unwrap_or_default();
        if name != request.name() {
            return Err(Status::bad_request(format!(
                "the name of the object ({name}) does not match the name on the URL ({})",
                request.name()
            )));
        }
        self.rescale(request, |_| Ok(body.clone())).await
    }

    pub(super) async fn patch_scale(
        &self,
        request: &Request,
        body: Option<Body>,
    ) -> Result<Outcome, Status> {
        let Some(body) = body else {
            return Err(Status::bad_request("the body must be a patch"));
        };
        self.rescale(request, |mut scale| {
            match &body {
                Body::JsonPatch(patch) => json::apply(&mut scale, patch).map_err(|error| {
                    Status::unprocessable(format!(
                        "the server rejected our request due to an error in our request: {error}"
                    ))
                })?,
                Body::MergePatch(patch) | Body::StrategicMerge(patch) | Body::Apply(patch) => {
                    merge::apply(&mut scale, patch);
                }
                Body::Object(_) => return Err(Status::bad_request("the body must be a patch")),
            }
            Ok(scale)
        })
        .await
    }

    async fn rescale(
        &self,
        request: &Request,
        change: impl Fn(Value) -> Result<Value, Status>,
    ) -> Result<Outcome, Status> {
        let paths = paths(request)?;
        let mut attempts = ATTEMPTS;
        loop {
            let old = self.current(request)?;
            let scale = change(scale_of(paths, old.value()))?;
            let replicas = replicas(request, &scale)?;
            let mut object = request.kind.show(&old).value().clone();
            set_path(&mut object, &paths.spec_replicas, replicas.into());
            let version = scale["metadata"]["resourceVersion"].clone();
            object["metadata"]["resourceVersion"] = version;
            if object["metadata"]["resourceVersion"].is_null() {
                object["metadata"]["resourceVersion"] = old.version().to_string().into();
            }
            attempts -= 1;
            match self.change(request, &old, object, Means::Update).await {
                Ok(object) => return Ok(scale_answer(request, scale_of(paths, object.value()))),
                Err(Failed::Raced) if attempts > 0 => {}
                Err(Failed::Raced) => return Err(request.stale()),
                Err(Failed::Refused(status)) => return Err(status),
            }
        }
    }
}

fn paths(request: &Request) -> Result<&ScalePaths, Status> {
    request
        .kind
        .subresources
        .scale
        .as_ref()
        .ok_or_else(Status::no_such_path)
}

fn scale_answer(request: &Request, scale: Value) -> Outcome {
    let version = scale["metadata"]["resourceVersion"]
        .as_str()
        .and_then(|text| text.parse().ok());
    let object = Object::new(scale, version.unwrap_or_default());
    Outcome {
        code: 200,
        content: Content::Other(object.value().clone()),
        kind: Arc::clone(&request.kind),
        warnings: Vec::new(),
    }
}

fn scale_of(paths: &ScalePaths, object: &Value) -> Value {
    let mut metadata = Map::new();
    for member in [
        "name",
        "namespace",
        "uid",
        "resourceVersion",
        "creationTimestamp",
    ] {
        if let Some(value) = object["metadata"].get(member) {
            metadata.insert(member.into(), value.clone());
        }
    }
    let number = |path: &str| {
        at_path(object, path)
            .and_then(Value::as_i64)
            .unwrap_or_default()
    };
    let mut scale = json!({
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": metadata,
        "spec": {},
        "status": { "replicas": number(&paths.status_replicas) },
    });
    if let Some(replicas) = at_path(object, &paths.spec_replicas).and_then(Value::as_i64) {
        scale["spec"]["replicas"] = replicas.into();
    }
    let selector = paths
        .label_selector
        .as_ref()
        .and_then(|path| at_path(object, path));
    let text = match selector {
        Some(Value::String(text)) => text.clone(),
        Some(selector) => LabelSelector::from_object(selector)
            .map(|selector| selector.to_string())
            .unwrap_or_default(),
        None => String::new(),
    };
    if !text.is_empty() {
        scale["status"]["selector"] = text.into();
    }
    scale
}

fn replicas(request: &Request, scale: &Value) -> Result<i64, Status> {
    let value = &scale["spec"]["replicas"];
    let Some(replicas) = (if value.is_null() {
        Some(0)
    } else {
        value.as_i64()
    }) else {
        return Err(Status::bad_request("spec.replicas: expected a number"));
    };
    if replicas >= 0 {
        return Ok(replicas);
    }
    let cause = Cause::invalid("spec.replicas", value, "must be greater than or equal to 0");
    Err(Status::invalid(
        "autoscaling",
        "Scale",
        request.name(),
        vec![cause],
    ))
}

fn at_path<'a>(object: &'a Value, path: &str) -> Option<&'a Value> {
    let steps = path.trim_start_matches('.').split('.');
    steps
        .into_iter()
        .try_fold(object, |value, step| value.get(step))
}

fn set_path(object: &mut Value, path: &str, value: Value) {
    let mut place = object;
    for step in path.trim_start_matches('.').split('.') {
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        place = &mut place[step];
    }
    *place = value;
}
