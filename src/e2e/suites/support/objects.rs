//! Making, reading and removing objects without types.

use kube::{
    Api,
    api::{ApiResource, DeleteParams, DynamicObject, Patch, PatchParams, PostParams},
};
use serde_json::{Value, json};

use super::Refusal;
use crate::e2e::{
    CaseResult, Context, Look, Stop, TimeoutClass,
    check::{self},
};

/// The field manager of cases.
pub(in crate::e2e) const FIELD_MANAGER: &str = "garden6-e2e";

impl Context {
    /// Completes a manifest: kind, namespace of the attempt if it has one, labels.
    pub(in crate::e2e) fn manifest(
        &self,
        kind: &ApiResource,
        mut object: Value,
    ) -> CaseResult<DynamicObject> {
        object["apiVersion"] = json!(kind.api_version);
        object["kind"] = json!(kind.kind);
        let metadata = object
            .as_object_mut()
            .and_then(|object| {
                object
                    .entry("metadata")
                    .or_insert_with(|| json!({}))
                    .as_object_mut()
            })
            .ok_or_else(|| Stop::broken("a manifest of the case is no object"))?;
        let labels = metadata.entry("labels").or_insert_with(|| json!({}));
        for (key, value) in self.labels() {
            labels[key.as_str()] = json!(value);
        }
        Ok(serde_json::from_value(object)?)
    }

    /// Makes an object in the namespace of the attempt.
    pub(in crate::e2e) async fn create(
        &self,
        kind: &ApiResource,
        object: Value,
    ) -> CaseResult<DynamicObject> {
        self.create_in(&self.namespaced(kind), kind, object).await
    }

    /// Makes an object where `api` points.
    pub(in crate::e2e) async fn create_in(
        &self,
        api: &Api<DynamicObject>,
        kind: &ApiResource,
        object: Value,
    ) -> CaseResult<DynamicObject> {
        let object = self.manifest(kind, object)?;
        Ok(api.create(&parameters(), &object).await?)
    }

    /// Makes an object; a refusal is a value. For what a rehearsal does not find out: before
    /// Kubernetes 1.21 it hands out no addresses.
    pub(in crate::e2e) async fn attempt(
        &self,
        api: &Api<DynamicObject>,
        kind: &ApiResource,
        object: Value,
    ) -> CaseResult<Result<DynamicObject, Refusal>> {
        let object = self.manifest(kind, object)?;
        Refusal::of(api.create(&parameters(), &object).await)
    }

    /// Says what the API server would make of a new object without keeping it.
    pub(in crate::e2e) async fn rehearse(
        &self,
        api: &Api<DynamicObject>,
        kind: &ApiResource,
        object: Value,
    ) -> CaseResult<Result<DynamicObject, Refusal>> {
        let object = self.manifest(kind, object)?;
        let parameters = PostParams {
            dry_run: true,
            ..parameters()
        };
        Refusal::of(api.create(&parameters, &object).await)
    }

    /// Changes an object by a merge patch; a refusal is a value.
    pub(in crate::e2e) async fn change(
        &self,
        api: &Api<DynamicObject>,
        name: &str,
        patch: Value,
    ) -> CaseResult<Result<DynamicObject, Refusal>> {
        let parameters = PatchParams {
            field_manager: Some(FIELD_MANAGER.to_owned()),
            ..PatchParams::default()
        };
        Refusal::of(api.patch(name, &parameters, &Patch::Merge(patch)).await)
    }

    /// Reads an object that should be there.
    pub(in crate::e2e) async fn read(
        &self,
        api: &Api<DynamicObject>,
        kind: &ApiResource,
        name: &str,
    ) -> CaseResult<Value> {
        let found = check::present(format!("{} {name}", kind.kind), api.get_opt(name).await?)?;
        Ok(serde_json::to_value(found)?)
    }

    /// Deletes an object and waits until it is gone.
    pub(in crate::e2e) async fn remove(
        &self,
        api: &Api<DynamicObject>,
        name: &str,
        class: TimeoutClass,
    ) -> CaseResult {
        drop(api.delete(name, &DeleteParams::default()).await?);
        self.gone(api, name, class).await
    }

    /// Waits until an object is gone.
    pub(in crate::e2e) async fn gone(
        &self,
        api: &Api<DynamicObject>,
        name: &str,
        class: TimeoutClass,
    ) -> CaseResult {
        self.eventually(&format!("{name} is gone"), class, || async {
            Ok(match api.get_opt(name).await? {
                None => Look::Done(()),
                Some(found) => Look::NotYet(remaining(&found)),
            })
        })
        .await
    }
}

/// How an object that goes away looks.
fn remaining(object: &DynamicObject) -> String {
    let finalizers = object.metadata.finalizers.clone().unwrap_or_default();
    let operation = object.data.pointer("/status/lastOperation");
    let description = operation.and_then(|last| last["description"].as_str());
    match (
        object.metadata.deletion_timestamp.is_some(),
        finalizers.is_empty(),
        description,
    ) {
        (false, ..) => "not being deleted".to_owned(),
        (true, true, None) => "being deleted".to_owned(),
        (true, true, Some(text)) => format!("being deleted: {text}"),
        (true, false, None) => format!("held by {}", finalizers.join(", ")),
        (true, false, Some(text)) => format!("held by {}: {text}", finalizers.join(", ")),
    }
}

fn parameters() -> PostParams {
    PostParams {
        field_manager: Some(FIELD_MANAGER.to_owned()),
        ..PostParams::default()
    }
}

/// The text at a place of an object.
pub(in crate::e2e) fn text<'a>(object: &'a Value, place: &str) -> Option<&'a str> {
    object.pointer(place)?.as_str()
}

/// The text at a place of an object, which should be there.
pub(in crate::e2e) fn owned_text(object: &Value, place: &str) -> CaseResult<String> {
    check::present(place, text(object, place)).map(str::to_owned)
}

/// The texts of the list at a place; empty where there is no list.
pub(in crate::e2e) fn list_of_texts(object: &Value, place: &str) -> Vec<String> {
    let list = object.pointer(place).and_then(Value::as_array);
    list.into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

/// Puts a value at a place of an object; what is on the way is made.
pub(in crate::e2e) fn set(object: &mut Value, place: &str, value: Value) {
    let mut at = object;
    for word in place.split('/').skip(1) {
        at = match word.parse::<usize>() {
            Ok(index) if at.is_array() => &mut at[index],
            _ => &mut at[word],
        };
    }
    *at = value;
}

/// Whether nothing holds an object any more.
pub(in crate::e2e) fn has_no_finalizer(object: &DynamicObject) -> bool {
    object
        .metadata
        .finalizers
        .as_ref()
        .is_none_or(Vec::is_empty)
}
