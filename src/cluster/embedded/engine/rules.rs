//! RBAC: which rules a user has, and whether one of them allows a request.

use serde_json::Value;

use super::{Engine, User};
use crate::cluster::embedded::kinds::ResourceId;
use crate::cluster::embedded::store::Key;

const GROUP: &str = "rbac.authorization.k8s.io";
/// Members of this group may do everything, without any binding.
pub(super) const MASTERS: &str = "system:masters";

/// What somebody wants to do.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attributes<'a> {
    pub(super) verb: &'a str,
    pub(super) group: &'a str,
    /// Resource, with `/subresource` when there is one.
    pub(super) resource: &'a str,
    pub(super) namespace: &'a str,
    pub(super) name: &'a str,
    /// A path; when set the resource members do not count.
    pub(super) path: Option<&'a str>,
}

impl Engine {
    /// Whether a user may do something.
    pub(super) fn allows(&self, user: &User, wanted: Attributes<'_>) -> bool {
        user.groups.iter().any(|group| group == MASTERS)
            || self
                .rules_of(user, wanted.namespace)
                .iter()
                .any(|rule| covers(rule, wanted))
    }

    /// Every rule that bindings give to a user: cluster-wide, and in one namespace.
    pub(super) fn rules_of(&self, user: &User, namespace: &str) -> Vec<Value> {
        let mut rules = Vec::new();
        let store = &self.inner.store;
        let resource = |plural: &str| ResourceId::new(GROUP, plural);
        let (bindings, _) = store.list(&resource("clusterrolebindings"), None);
        let mut collect = |binding: &Value| {
            if binds(binding, user) {
                rules.extend(self.role_rules(binding));
            }
        };
        for binding in &bindings {
            collect(binding.value());
        }
        if !namespace.is_empty() {
            let (bindings, _) = store.list(&resource("rolebindings"), Some(namespace));
            for binding in &bindings {
                collect(binding.value());
            }
        }
        rules
    }

    /// The rules of the role that a binding names.
    pub(super) fn role_rules(&self, binding: &Value) -> Vec<Value> {
        let name = binding["roleRef"]["name"].as_str().unwrap_or_default();
        let (plural, namespace) = if binding["roleRef"]["kind"] == "ClusterRole" {
            ("clusterroles", "")
        } else {
            (
                "roles",
                binding["metadata"]["namespace"]
                    .as_str()
                    .unwrap_or_default(),
            )
        };
        let resource = ResourceId::new(GROUP, plural);
        let role = self.inner.store.get(&resource, &Key::new(namespace, name));
        role.and_then(|role| role.value()["rules"].as_array().cloned())
            .unwrap_or_default()
    }
}

fn binds(binding: &Value, user: &User) -> bool {
    binding["subjects"]
        .as_array()
        .into_iter()
        .flatten()
        .any(|subject| {
            let name = subject["name"].as_str().unwrap_or_default();
            match subject["kind"].as_str() {
                Some("User") => name == user.name,
                Some("Group") => user.groups.iter().any(|group| group == name),
                Some("ServiceAccount") => {
                    let own = binding["metadata"]["namespace"].as_str();
                    let namespace = subject["namespace"].as_str().or(own).unwrap_or_default();
                    user.name == format!("system:serviceaccount:{namespace}:{name}")
                }
                _ => false,
            }
        })
}

/// Whether one rule allows what is wanted.
pub(super) fn covers(rule: &Value, wanted: Attributes<'_>) -> bool {
    if !lists(rule, "verbs", |verb| verb == "*" || verb == wanted.verb) {
        return false;
    }
    if let Some(path) = wanted.path {
        return lists(rule, "nonResourceURLs", |known| {
            known == path
                || known
                    .strip_suffix('*')
                    .is_some_and(|prefix| path.starts_with(prefix))
        });
    }
    let subresource = wanted
        .resource
        .split_once('/')
        .map(|(_, subresource)| subresource);
    let any_parent = subresource.map(|subresource| format!("*/{subresource}"));
    let names = rule["resourceNames"]
        .as_array()
        .filter(|names| !names.is_empty());
    lists(rule, "apiGroups", |group| {
        group == "*" || group == wanted.group
    }) && lists(rule, "resources", |resource| {
        resource == "*" || resource == wanted.resource || any_parent.as_deref() == Some(resource)
    }) && names.is_none_or(|names| names.iter().any(|name| name == wanted.name))
}

fn lists(rule: &Value, member: &str, test: impl Fn(&str) -> bool) -> bool {
    let items = rule[member].as_array().into_iter().flatten();
    items.filter_map(Value::as_str).any(test)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn wanted<'a>(verb: &'a str, resource: &'a str, name: &'a str) -> Attributes<'a> {
        Attributes {
            verb,
            group: "g",
            resource,
            namespace: "ns",
            name,
            path: None,
        }
    }

    #[test]
    fn a_rule_covers_what_every_one_of_its_members_lists() {
        let rule = json!({
            "apiGroups": ["g"], "resources": ["shoots", "*/scale"], "verbs": ["get"],
        });
        assert!(covers(&rule, wanted("get", "shoots", "a")));
        assert!(covers(&rule, wanted("get", "seeds/scale", "a")));
        assert!(!covers(&rule, wanted("get", "shoots/status", "a")));
        assert!(!covers(&rule, wanted("list", "shoots", "")));
    }

    #[test]
    fn resource_names_narrow_a_rule_and_paths_may_end_in_a_star() {
        let rule = json!({
            "apiGroups": ["*"], "resources": ["*"], "verbs": ["*"], "resourceNames": ["a"],
        });
        assert!(covers(&rule, wanted("get", "shoots", "a")));
        assert!(!covers(&rule, wanted("get", "shoots", "b")));
        let path = json!({ "nonResourceURLs": ["/healthz/*"], "verbs": ["get"] });
        let wanted = Attributes {
            path: Some("/healthz/ping"),
            ..wanted("get", "", "")
        };
        assert!(covers(&path, wanted));
    }
}
