//! Roles and bindings as stored objects; who may do what is decided by the engine.

use serde_json::Value;

use super::json::{is_blank, list_at, object_at, set_default, text};
use super::strategy::Strategy;
use crate::cluster::embedded::schema::meta::NameRule;
use crate::cluster::embedded::status::Cause;

const GROUP: &str = "rbac.authorization.k8s.io";

/// The rules of Role and `ClusterRole`.
pub(super) const ROLE: Strategy = Strategy {
    name: NameRule::PathSegment,
    create_on_update: true,
    default: default_role,
    validate: validate_role,
    ..Strategy::PLAIN
};

/// The rules of `RoleBinding` and `ClusterRoleBinding`.
pub(super) const BINDING: Strategy = Strategy {
    name: NameRule::PathSegment,
    create_on_update: true,
    default: default_binding,
    validate: validate_binding,
    ..Strategy::PLAIN
};

fn default_role(object: &mut Value) {
    if let Some(role) = object.as_object_mut()
        && !role.contains_key("rules")
    {
        role.insert("rules".into(), Value::Null);
    }
}

fn validate_role(object: &Value, _: Option<&Value>, causes: &mut Vec<Cause>) {
    let cluster_role = object["kind"] == "ClusterRole";
    for (index, rule) in object["rules"].as_array().into_iter().flatten().enumerate() {
        let field = format!("rules[{index}]");
        if is_blank(rule.get("verbs")) {
            let why = "verbs must contain at least one value";
            causes.push(Cause::required(format!("{field}.verbs"), why));
        }
        if !is_blank(rule.get("nonResourceURLs")) {
            let also = ["apiGroups", "resources", "resourceNames"];
            if !cluster_role {
                let why = "namespaced rules cannot apply to non-resource URLs";
                let value = &rule["nonResourceURLs"];
                causes.push(Cause::invalid(
                    format!("{field}.nonResourceURLs"),
                    value,
                    why,
                ));
            } else if also.iter().any(|member| !is_blank(rule.get(*member))) {
                let why = "rules cannot apply to both regular resources and non-resource URLs";
                let value = &rule["nonResourceURLs"];
                causes.push(Cause::invalid(
                    format!("{field}.nonResourceURLs"),
                    value,
                    why,
                ));
            }
            continue;
        }
        if is_blank(rule.get("apiGroups")) {
            let why = "resource rules must supply at least one api group";
            causes.push(Cause::required(format!("{field}.apiGroups"), why));
        }
        if is_blank(rule.get("resources")) {
            let why = "resource rules must supply at least one resource";
            causes.push(Cause::required(format!("{field}.resources"), why));
        }
    }
}

fn default_binding(object: &mut Value) {
    if let Some(role) = object_at(object, &["roleRef"])
        && is_blank(role.get("apiGroup"))
    {
        role.insert("apiGroup".into(), GROUP.into());
    }
    for subject in list_at(object, &["subjects"]) {
        let named = matches!(subject["kind"].as_str(), Some("User" | "Group"));
        if let Some(subject) = subject.as_object_mut()
            && named
        {
            set_default(subject, "apiGroup", GROUP);
        }
    }
}

fn validate_binding(object: &Value, old: Option<&Value>, causes: &mut Vec<Cause>) {
    let role = &object["roleRef"];
    let allowed: &[&str] = if object["kind"] == "ClusterRoleBinding" {
        &["ClusterRole"]
    } else {
        &["Role", "ClusterRole"]
    };
    if text(role, &["apiGroup"]) != GROUP {
        causes.push(Cause::not_supported(
            "roleRef.apiGroup",
            &role["apiGroup"],
            &[GROUP],
        ));
    }
    if !allowed.contains(&text(role, &["kind"])) {
        causes.push(Cause::not_supported("roleRef.kind", &role["kind"], allowed));
    }
    if is_blank(role.get("name")) {
        causes.push(Cause::required("roleRef.name", ""));
    }
    for (index, subject) in object["subjects"]
        .as_array()
        .into_iter()
        .flatten()
        .enumerate()
    {
        validate_subject(&format!("subjects[{index}]"), subject, object, causes);
    }
    if let Some(old) = old
        && old["roleRef"] != *role
    {
        causes.push(Cause::invalid("roleRef", role, "cannot change roleRef"));
    }
}

fn validate_subject(field: &str, subject: &Value, binding: &Value, causes: &mut Vec<Cause>) {
    if is_blank(subject.get("name")) {
        causes.push(Cause::required(format!("{field}.name"), ""));
    }
    match subject["kind"].as_str() {
        Some("ServiceAccount") => {
            let cluster_wide = binding["kind"] == "ClusterRoleBinding";
            if cluster_wide && is_blank(subject.get("namespace")) {
                causes.push(Cause::required(format!("{field}.namespace"), ""));
            }
        }
        Some("User" | "Group") => {
            if text(subject, &["apiGroup"]) != GROUP {
                let value = &subject["apiGroup"];
                causes.push(Cause::not_supported(
                    format!("{field}.apiGroup"),
                    value,
                    &[GROUP],
                ));
            }
        }
        _ => {
            let supported = &["ServiceAccount", "User", "Group"];
            causes.push(Cause::not_supported(
                format!("{field}.kind"),
                &subject["kind"],
                supported,
            ));
        }
    }
}
