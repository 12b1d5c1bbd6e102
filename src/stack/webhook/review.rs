//! `AdmissionReview` in and out. Pure.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    api::{core::Seed, validation::Rules},
    stack::admission::{self, Operation, Refusal},
};

/// The part of a request that matters here.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AdmissionRequest {
    uid: String,
    operation: String,
    #[serde(default)]
    sub_resource: Option<String>,
    #[serde(default)]
    object: Value,
    #[serde(default)]
    old_object: Value,
}

/// What the caller wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Fill in defaults and check the rules, before the API server asks the schema.
    Mutate,
    /// Check the rules once more, after other webhooks had their turn.
    Validate,
}

impl AdmissionRequest {
    /// Reads the body of a call.
    pub(super) fn read(body: &[u8]) -> Result<Self, serde_json::Error> {
        #[derive(Deserialize)]
        struct Envelope {
            request: AdmissionRequest,
        }
        serde_json::from_slice::<Envelope>(body).map(|envelope| envelope.request)
    }

    /// The request as the pipeline takes it; `None` for deletions.
    pub(super) fn as_request(&self) -> Option<admission::Request<'_>> {
        let operation = match self.operation.as_str() {
            "CREATE" => Operation::Create,
            "UPDATE" => Operation::Update,
            _ => return None,
        };
        let empty = |text: &&str| !text.is_empty();
        Some(admission::Request {
            operation,
            subresource: self.sub_resource.as_deref().filter(empty),
            object: &self.object,
            old: Some(&self.old_object).filter(|old| !old.is_null()),
        })
    }

    /// The answer to a call.
    pub(super) fn answer(
        &self,
        purpose: Purpose,
        seed: Option<&Seed>,
        rules: &Rules,
        global_id: impl FnOnce() -> [u8; 5],
    ) -> Value {
        let Some(request) = self.as_request() else {
            return envelope(&json!({"uid": self.uid, "allowed": true}));
        };
        let result = match purpose {
            // What does not even fit the types is for the schema to name, field by field.
            Purpose::Mutate => match admission::review(&request, seed, rules, global_id) {
                Err(Refusal::Malformed { .. }) => Ok(None),
                result => result,
            },
            Purpose::Validate => admission::validate(&request, seed, rules).map(|()| None),
        };
        let mut response = json!({"uid": self.uid, "allowed": result.is_ok()});
        match result {
            Ok(None) => {}
            Ok(Some(new)) => {
                let patch = json_patch::diff(&self.object, &new);
                let patch = serde_json::to_vec(&patch).expect("a JSON patch has a JSON form");
                response["patchType"] = "JSONPatch".into();
                response["patch"] = BASE64.encode(patch).into();
            }
            Err(refusal) => response["status"] = self.status(&refusal),
        }
        envelope(&response)
    }

    fn status(&self, refusal: &Refusal) -> Value {
        let Refusal::Fields { code, errors } = refusal else {
            return json!({"code": 400, "reason": "BadRequest", "message": refusal.to_string()});
        };
        let sentences: Vec<String> = errors.iter().map(ToString::to_string).collect();
        // The form of the API server's own refusals, since the message is all that some clients show.
        let subject = format!(
            "{} {:?} is invalid",
            self.object["kind"].as_str().unwrap_or_default(),
            self.object
                .pointer("/metadata/name")
                .and_then(Value::as_str)
                .unwrap_or_default(),
        );
        let reason = if *code == 403 { "Forbidden" } else { "Invalid" };
        let causes: Vec<Value> = errors
            .iter()
            .map(|error| {
                json!({
                    "reason": error.type_.reason(),
                    "message": admission::without_field(error),
                    "field": error.field,
                })
            })
            .collect();
        json!({
            "status": "Failure",
            "code": code,
            "reason": reason,
            "message": format!("{subject}: {}", sentences.join(", ")),
            "details": {
                "name": self.object.pointer("/metadata/name"),
                "kind": self.object["kind"],
                "causes": causes,
            },
        })
    }
}

fn envelope(response: &Value) -> Value {
    json!({
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "response": response,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shoot(networking: &Value) -> Value {
        json!({
            "apiVersion": "core.gardener.cloud/v1beta1",
            "kind": "Shoot",
            "metadata": {"name": "local", "namespace": "garden-local"},
            "spec": {
                "networking": networking,
                "provider": {"type": "local", "workers": [{"name": "a", "minimum": 1}]},
            },
        })
    }

    fn call(purpose: Purpose, operation: &str, object: &Value) -> Value {
        let body = json!({
            "apiVersion": "admission.k8s.io/v1",
            "kind": "AdmissionReview",
            "request": {
                "uid": "7", "operation": operation, "subResource": "",
                "object": object, "oldObject": null,
            },
        });
        let body = serde_json::to_vec(&body).unwrap();
        let request = AdmissionRequest::read(&body).unwrap();
        request.answer(purpose, None, &Rules::default(), || [1; 5])["response"].clone()
    }

    #[test]
    fn defaults_come_back_as_a_json_patch() {
        let object = shoot(&json!({"type": "calico", "ipFamilies": ["IPv6"]}));
        let response = call(Purpose::Mutate, "CREATE", &object);
        assert_eq!(
            (&response["uid"], &response["allowed"]),
            (&json!("7"), &json!(true))
        );
        let patch = BASE64.decode(response["patch"].as_str().unwrap()).unwrap();
        let patch: json_patch::Patch = serde_json::from_slice(&patch).unwrap();
        let mut patched = object;
        json_patch::patch(&mut patched, &patch).unwrap();
        assert_eq!(patched["metadata"]["finalizers"], json!(["gardener"]));
    }

    #[test]
    fn every_wrong_field_is_a_cause() {
        let object = shoot(&json!({"type": "", "ipFamilies": ["IPv6"], "pods": "nonsense"}));
        let response = call(Purpose::Validate, "CREATE", &object);
        assert_eq!(response["allowed"], false);
        assert_eq!(response["status"]["code"], 422);
        let causes = response["status"]["details"]["causes"].as_array().unwrap();
        let fields: Vec<&Value> = causes.iter().map(|cause| &cause["field"]).collect();
        assert_eq!(fields, ["spec.networking.type", "spec.networking.pods"]);
    }

    #[test]
    fn rules_speak_before_the_schema_and_what_fits_no_type_is_left_to_it() {
        let object = shoot(&json!({"type": "calico", "ipFamilies": ["IPv7"]}));
        let response = call(Purpose::Mutate, "CREATE", &object);
        assert_eq!(response["status"]["code"], 422);
        let object = shoot(&json!({"type": "calico", "ipFamilies": "IPv6"}));
        assert_eq!(call(Purpose::Mutate, "CREATE", &object)["allowed"], true);
        let response = call(Purpose::Validate, "CREATE", &object);
        assert_eq!(response["status"]["code"], 400);
    }

    #[test]
    fn deletions_pass() {
        let response = call(Purpose::Validate, "DELETE", &Value::Null);
        assert_eq!(response["allowed"], true);
    }
}
