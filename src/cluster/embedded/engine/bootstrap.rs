//! The objects every cluster has from the start.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::Engine;
use super::special::definitions;
use crate::cluster::embedded::kinds::{Kind, ResourceId};
use crate::cluster::embedded::status::Status;
use crate::cluster::embedded::store::{Action, Commit, Key};

/// Namespaces every cluster has.
const NAMESPACES: &[&str] = &["default", "kube-node-lease", "kube-public", "kube-system"];
const RBAC: &str = "rbac.authorization.k8s.io";
/// Paths that any authenticated user may read.
const DISCOVERY: &[&str] = &[
    "/api",
    "/api/*",
    "/apis",
    "/apis/*",
    "/healthz",
    "/healthz/*",
    "/livez",
    "/livez/*",
    "/openapi",
    "/openapi/*",
    "/readyz",
    "/readyz/*",
    "/version",
    "/version/",
    "/",
];

/// Marks roles that a control plane makes for itself.
const BOOTSTRAPPING: &str = "kubernetes.io/bootstrapping";
const READ: &[&str] = &["get", "list", "watch"];
const WRITE: &[&str] = &[
    "create",
    "delete",
    "deletecollection",
    "get",
    "list",
    "patch",
    "update",
    "watch",
];
/// Roles for people: name, verbs, and whether they may see secrets.
const USER_ROLES: &[(&str, &[&str], bool)] = &[
    ("view", READ, false),
    ("edit", WRITE, true),
    ("admin", WRITE, true),
];
const USER_GROUPS: &[&str] = &[
    "",
    "apps",
    "batch",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "events.k8s.io",
    "networking.k8s.io",
    "policy",
];
/// What the roles for people are about: namespaced objects without secrets and roles.
const USER_RESOURCES: &[&str] = &[
    "configmaps",
    "daemonsets",
    "deployments",
    "deployments/scale",
    "endpoints",
    "endpointslices",
    "events",
    "jobs",
    "leases",
    "networkpolicies",
    "pods",
    "pods/log",
    "poddisruptionbudgets",
    "replicasets",
    "replicasets/scale",
    "serviceaccounts",
    "services",
    "statefulsets",
    "statefulsets/scale",
];

impl Engine {
    /// Takes over what a log has restored, and makes what is missing.
    pub(super) fn bootstrap(&self) -> Result<(), Status> {
        self.adopt();
        for namespace in NAMESPACES {
            self.ensure(
                "",
                "namespaces",
                json!({ "metadata": { "name": namespace } }),
            )?;
        }
        self.ensure_access()?;
        if self.inner.addresses.is_configured() {
            self.ensure("", "services", json!({
                "metadata": {
                    "name": "kubernetes",
                    "namespace": "default",
                    "labels": { "component": "apiserver", "provider": "kubernetes" },
                },
                "spec": {
                    "ports": [{ "name": "https", "port": 443, "protocol": "TCP", "targetPort": 6443 }],
                },
            }))?;
        }
        Ok(())
    }

    /// Registers the kinds of stored definitions and the addresses of stored services.
    fn adopt(&self) {
        let (stored, _) = self.inner.store.list(&definitions(), None);
        for definition in stored {
            let resource = self.inner.registry.lookup(
                "apiextensions.k8s.io",
                "v1",
                "customresourcedefinitions",
            );
            if let Some(kind) = resource {
                self.settle(&kind, None, Some(definition.value()));
            }
        }
        let (services, _) = self
            .inner
            .store
            .list(&ResourceId::new("", "services"), None);
        for service in services {
            self.inner.addresses.adopt(service.value());
        }
    }

    fn ensure_access(&self) -> Result<(), Status> {
        for (name, verbs, secrets) in USER_ROLES {
            let mut rules = vec![json!({
                "apiGroups": USER_GROUPS, "resources": USER_RESOURCES, "verbs": verbs,
            })];
            if *secrets {
                let resources = ["secrets", "serviceaccounts/token"];
                rules.push(json!({ "apiGroups": [""], "resources": resources, "verbs": verbs }));
            }
            if *name == "admin" {
                let resources = ["roles", "rolebindings"];
                rules.push(json!({ "apiGroups": [RBAC], "resources": resources, "verbs": verbs }));
            }
            let metadata = json!({ "name": name, "labels": { BOOTSTRAPPING: "rbac-defaults" } });
            self.ensure(
                RBAC,
                "clusterroles",
                json!({ "metadata": metadata, "rules": rules }),
            )?;
        }
        let everything = json!([
            { "apiGroups": ["*"], "resources": ["*"], "verbs": ["*"] },
            { "nonResourceURLs": ["*"], "verbs": ["*"] },
        ]);
        let discovery = json!([{ "nonResourceURLs": DISCOVERY, "verbs": ["get"] }]);
        let reviews = json!([
            {
                "apiGroups": ["authorization.k8s.io"],
                "resources": ["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
                "verbs": ["create"],
            },
            {
                "apiGroups": ["authentication.k8s.io"],
                "resources": ["selfsubjectreviews"],
                "verbs": ["create"],
            },
        ]);
        let roles = [
            ("cluster-admin", everything, "system:masters"),
            ("system:discovery", discovery, "system:authenticated"),
            ("system:basic-user", reviews, "system:authenticated"),
        ];
        for (name, rules, group) in roles {
            let labels = json!({ BOOTSTRAPPING: "rbac-defaults" });
            let metadata = json!({ "name": name, "labels": labels });
            let role = json!({ "metadata": metadata, "rules": rules });
            self.ensure(RBAC, "clusterroles", role)?;
            let binding = json!({
                "metadata": metadata,
                "roleRef": { "apiGroup": RBAC, "kind": "ClusterRole", "name": name },
                "subjects": [{ "apiGroup": RBAC, "kind": "Group", "name": group }],
            });
            self.ensure(RBAC, "clusterrolebindings", binding)?;
        }
        Ok(())
    }

    /// Makes an object of a built-in kind unless it is there.
    pub(in crate::cluster::embedded) fn ensure(
        &self,
        group: &str,
        plural: &str,
        object: Value,
    ) -> Result<(), Status> {
        let kind = self
            .inner
            .registry
            .lookup(group, "v1", plural)
            .expect("invariant: only built-in kinds of v1 are made here");
        let name = object["metadata"]["name"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let namespace = object["metadata"]["namespace"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let key = Key::new(namespace, name);
        if self.inner.store.get(&kind.resource, &key).is_some() {
            return Ok(());
        }
        self.plant(&kind, key, object)
    }

    fn plant(&self, kind: &Kind, key: Key, object: Value) -> Result<(), Status> {
        let mut whole = Map::new();
        whole.insert("kind".into(), kind.kind.clone().into());
        whole.insert("apiVersion".into(), kind.api_version().into());
        if let Value::Object(members) = object {
            whole.extend(members);
        }
        let mut object = Value::Object(whole);
        super::metadata::begin(&mut object, kind.strategy.generation, &self.now());
        (kind.strategy.default)(&mut object);
        (kind.strategy.prepare)(&mut object, None);
        let reservation =
            if kind.group.is_empty() && kind.plural == "services" {
                let reserved = self.inner.addresses.assign(&mut object, None);
                Some(reserved.map_err(|causes| {
                    Status::invalid(&kind.group, &kind.kind, &key.name, causes)
                })?)
            } else {
                None
            };
        let written = self.inner.store.commit(Commit {
            resource: Arc::clone(&kind.resource),
            inside: kind.is_namespaced().then(|| key.namespace.clone()),
            key,
            expected: None,
            value: object,
            action: Action::Put,
        });
        // Somebody else may have made the object, or ended its namespace, in between.
        if written.is_ok()
            && let Some(reservation) = reservation
        {
            reservation.keep();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::cluster::embedded::engine::Engine;
    use crate::cluster::embedded::engine::testing::{Cluster, SHOOTS, shoot};
    use crate::cluster::embedded::options::EngineOptions;

    #[tokio::test]
    async fn a_restart_brings_back_objects_kinds_and_addresses() {
        let folder = tempfile::tempdir().unwrap();
        let options = EngineOptions {
            service_cidrs: vec!["fd10::/112".parse().unwrap()],
            log: Some(folder.path().join("log")),
            ..EngineOptions::default()
        };
        let before = Cluster::with(options.clone()).await;
        let made = before.create(SHOOTS, shoot("a")).await.unwrap();
        let service = |name: &str| json!({ "metadata": { "name": name }, "spec": { "ports": [{ "port": 80 }] } });
        let first = before.create("v1/services", service("x")).await.unwrap();
        before.engine.stop().await;
        drop(before);
        let after = Cluster {
            engine: Engine::new(options).unwrap(),
        };
        assert_eq!(after.get("garden.test/v1/shoots/a").await.unwrap(), made);
        let second = after.create("v1/services", service("y")).await.unwrap();
        assert_ne!(second["spec"]["clusterIP"], first["spec"]["clusterIP"]);
        assert_eq!(after.get("v1/services/x").await.unwrap(), first);
    }
}
