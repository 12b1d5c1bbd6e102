//! Kinds that are questions: nothing is stored, the answer is the object with its status.

use std::sync::Arc;

use serde_json::{Value, json};

use super::request::Request;
use super::rules::{Attributes, MASTERS};
use super::{Body, Content, Engine, Outcome, User};
use crate::cluster::embedded::status::Status;

impl Engine {
    pub(super) fn review(&self, request: &Request, body: Option<Body>) -> Result<Outcome, Status> {
        let Some(Body::Object(object)) = body else {
            return Err(Status::bad_request(
                "the body of a create must be an object",
            ));
        };
        let mut object = request.decode(object)?.object;
        object["status"] = match request.kind.kind.as_str() {
            "SelfSubjectAccessReview" => self.access(&request.user, &object["spec"])?,
            "SubjectAccessReview" | "LocalSubjectAccessReview" => {
                let user = subject(&object["spec"])?;
                self.access(&user, &object["spec"])?
            }
            "SelfSubjectRulesReview" => self.rules_review(&request.user, &object["spec"]),
            "SelfSubjectReview" => json!({
                "userInfo": { "username": request.user.name, "groups": request.user.groups },
            }),
            "TokenReview" => self.token_review(&object["spec"]),
            other => {
                return Err(Status::not_implemented(format!(
                    "{other} is not answered here"
                )));
            }
        };
        Ok(Outcome {
            code: 201,
            content: Content::Other(object),
            kind: Arc::clone(&request.kind),
            warnings: Vec::new(),
        })
    }

    fn access(&self, user: &User, spec: &Value) -> Result<Value, Status> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (resource, path) = (&spec["resourceAttributes"], &spec["nonResourceAttributes"]);
        if resource.is_object() == path.is_object() {
            return Err(Status::bad_request(
                "exactly one of nonResourceAttributes or resourceAttributes must be specified",
            ));
        }
        let allowed = if path.is_object() {
            let (verb, path) = (text(&path["verb"]), text(&path["path"]));
            self.authorize_path(user, &verb, &path).is_ok()
        } else {
            let mut name = text(&resource["resource"]);
            let subresource = text(&resource["subresource"]);
            if !subresource.is_empty() {
                name = format!("{name}/{subresource}");
            }
            self.allows(
                user,
                Attributes {
                    verb: &text(&resource["verb"]),
                    group: &text(&resource["group"]),
                    resource: &name,
                    namespace: &text(&resource["namespace"]),
                    name: &text(&resource["name"]),
                    path: None,
                },
            )
        };
        Ok(json!({ "allowed": allowed }))
    }

    fn rules_review(&self, user: &User, spec: &Value) -> Value {
        let namespace = spec["namespace"].as_str().unwrap_or_default();
        let mut rules = self.rules_of(user, namespace);
        if user.groups.iter().any(|group| group == MASTERS) {
            rules.push(json!({ "verbs": ["*"], "apiGroups": ["*"], "resources": ["*"] }));
            rules.push(json!({ "verbs": ["*"], "nonResourceURLs": ["*"] }));
        }
        let (paths, resources): (Vec<Value>, Vec<Value>) = rules
            .into_iter()
            .partition(|rule| rule.get("nonResourceURLs").is_some());
        json!({ "resourceRules": resources, "nonResourceRules": paths, "incomplete": false })
    }

    fn token_review(&self, spec: &Value) -> Value {
        match spec["token"]
            .as_str()
            .and_then(|token| self.identify(token))
        {
            Some(user) => json!({
                "authenticated": true,
                "user": { "username": user.name, "groups": user.groups },
                "audiences": ["https://kubernetes.default.svc"],
            }),
            None => json!({ "authenticated": false, "error": "the token is not known here" }),
        }
    }
}

fn subject(spec: &Value) -> Result<User, Status> {
    let groups: Vec<String> = spec["groups"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    let name = spec["user"].as_str().unwrap_or_default().to_owned();
    if name.is_empty() && groups.is_empty() {
        return Err(Status::bad_request(
            "at least one of user or group must be specified",
        ));
    }
    Ok(User { name, groups })
}
