//! Refusing what a user may not do, with the sentences that clients know.

use serde_json::Value;

use super::request::Request;
use super::rules::{Attributes, MASTERS, covers};
use super::{Engine, User, Verb};
use crate::cluster::embedded::status::Status;

const RBAC: &str = "rbac.authorization.k8s.io";

impl Engine {
    /// Checks that the user of a request may make it.
    pub(super) fn authorize(&self, request: &Request) -> Result<(), Status> {
        let resource = match request.subresource() {
            Some(subresource) => format!("{}/{subresource}", request.kind.plural),
            None => request.kind.plural.clone(),
        };
        let wanted = Attributes {
            verb: request.verb.as_str(),
            group: &request.kind.group,
            resource: &resource,
            namespace: request.namespace(),
            name: request.name(),
            path: None,
        };
        if self.allows(&request.user, wanted) {
            return Ok(());
        }
        let place = if request.namespace().is_empty() {
            " at the cluster scope".to_owned()
        } else {
            format!(" in the namespace {:?}", request.namespace())
        };
        let why = format!(
            "User {:?} cannot {} resource {resource:?} in API group {:?}{place}",
            request.user.name,
            request.verb.as_str(),
            request.kind.group
        );
        Err(Status::forbidden(
            &request.kind.group,
            &request.kind.plural,
            request.name(),
            why,
        ))
    }

    /// Checks that `user` may do `verb` on a non-resource path such as `/metrics`.
    pub fn authorize_path(&self, user: &User, verb: &str, path: &str) -> Result<(), Status> {
        let wanted = Attributes {
            verb,
            group: "",
            resource: "",
            namespace: "",
            name: "",
            path: Some(path),
        };
        if self.allows(user, wanted) {
            return Ok(());
        }
        let why = format!("User {:?} cannot {verb} path {path:?}", user.name);
        Err(Status::forbidden("", "", "", why))
    }

    /// A user can only grant what it has: roles and bindings are checked rule by rule.
    pub(super) fn check_escalation(&self, request: &Request, object: &Value) -> Result<(), Status> {
        let user = &request.user;
        let kind = request.kind.kind.as_str();
        let concerned = request.kind.group == RBAC
            && matches!(request.verb, Verb::Create | Verb::Update | Verb::Patch);
        if !concerned || user.groups.iter().any(|group| group == MASTERS) {
            return Ok(());
        }
        let (granted, verb, resource) = if matches!(kind, "Role" | "ClusterRole") {
            let rules = object["rules"].as_array().cloned().unwrap_or_default();
            (rules, "escalate", request.kind.plural.clone())
        } else {
            let role = object["roleRef"]["kind"]
                .as_str()
                .unwrap_or_default()
                .to_lowercase();
            (self.role_rules(object), "bind", format!("{role}s"))
        };
        let own = self.rules_of(user, request.namespace());
        let permission = Attributes {
            verb,
            group: RBAC,
            resource: &resource,
            namespace: request.namespace(),
            name: request.name(),
            path: None,
        };
        if own.iter().any(|rule| covers(rule, permission)) {
            return Ok(());
        }
        let missing: Vec<String> = granted
            .iter()
            .filter(|rule| !is_held(&own, rule))
            .map(Value::to_string)
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        let name = object["metadata"]["name"].as_str().unwrap_or_default();
        let why = format!(
            "user {:?} (groups={:?}) is attempting to grant RBAC permissions not currently held:\n{}",
            user.name,
            user.groups,
            missing.join("\n")
        );
        Err(Status::forbidden(RBAC, &request.kind.plural, name, why))
    }
}

/// Whether the rules someone has cover every single permission of another rule.
fn is_held(own: &[Value], rule: &Value) -> bool {
    let list = |member: &str| -> Vec<String> {
        let items = rule[member].as_array().into_iter().flatten();
        items.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let mut names = list("resourceNames");
    if names.is_empty() {
        names.push(String::new());
    }
    let any = |wanted: Attributes<'_>| own.iter().any(|own| covers(own, wanted));
    list("verbs").iter().all(|verb| {
        let paths = list("nonResourceURLs");
        let base = Attributes {
            verb,
            group: "",
            resource: "",
            namespace: "",
            name: "",
            path: None,
        };
        paths.iter().all(|path| {
            any(Attributes {
                path: Some(path),
                ..base
            })
        }) && list("apiGroups").iter().all(|group| {
            list("resources").iter().all(|resource| {
                names.iter().all(|name| {
                    any(Attributes {
                        group,
                        resource,
                        name,
                        ..base
                    })
                })
            })
        })
    })
}
