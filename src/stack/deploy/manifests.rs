//! What is applied. Pure.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use k8s_openapi::api::{
    apps::v1::Deployment,
    core::v1::{ConfigMap, Namespace, Service, ServiceAccount},
    rbac::v1::{ClusterRole, ClusterRoleBinding},
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{NAME, NAMESPACE};
use crate::{api::families::to_list, stack::options::Options};

/// Where the settings are mounted.
const SETTINGS_FOLDER: &str = "/etc/garden6";
/// The file with the settings.
const SETTINGS_FILE: &str = "options.json";

/// The objects of the stack, in the order in which they are applied.
pub(super) struct Manifests {
    pub(super) namespace: Namespace,
    pub(super) service_account: ServiceAccount,
    pub(super) role: ClusterRole,
    pub(super) binding: ClusterRoleBinding,
    pub(super) settings: ConfigMap,
    pub(super) service: Service,
    pub(super) deployment: Deployment,
}

pub(super) fn manifests(options: &Options, image: &str) -> Manifests {
    let settings = serde_json::to_string_pretty(options).expect("settings have a JSON form");
    let metadata = json!({"name": NAME, "namespace": NAMESPACE, "labels": {"app": NAME}});
    Manifests {
        namespace: read(json!({
            "apiVersion": "v1", "kind": "Namespace",
            "metadata": {"name": NAMESPACE},
        })),
        service_account: read(json!({
            "apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata,
        })),
        role: read(role()),
        binding: read(json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding",
            "metadata": {"name": NAME},
            "roleRef": {
                "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": NAME,
            },
            "subjects": [{"kind": "ServiceAccount", "name": NAME, "namespace": NAMESPACE}],
        })),
        service: read(service(options, &metadata)),
        deployment: read(deployment(options, image, &settings, &metadata)),
        settings: read(json!({
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata,
            "data": {SETTINGS_FILE: settings},
        })),
    }
}

/// What the controllers do, and nothing else.
fn role() -> Value {
    let everything = [
        "get", "list", "watch", "create", "update", "patch", "delete",
    ];
    let rule = |groups: &[&str], resources: &[&str], verbs: &[&str]| json!({"apiGroups": groups, "resources": resources, "verbs": verbs});
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
        "metadata": {"name": NAME},
        "rules": [
            rule(&["core.gardener.cloud", "extensions.gardener.cloud"], &["*"], &everything),
            rule(&[""], &["namespaces", "secrets", "configmaps"], &everything),
            rule(&[""], &["services", "nodes"], &["get", "list", "watch"]),
            rule(&[""], &["services/status"], &["get", "update", "patch"]),
            rule(&["", "events.k8s.io"], &["events"], &["create", "update", "patch"]),
            rule(&["networking.k8s.io"], &["networkpolicies"], &everything),
            rule(&["discovery.k8s.io"], &["endpointslices"], &["get", "list", "watch"]),
            rule(
                &["admissionregistration.k8s.io"],
                &["mutatingwebhookconfigurations", "validatingwebhookconfigurations"],
                &["get", "list", "watch", "create", "update", "patch"],
            ),
        ],
    })
}

/// One Service for the webhook and for DNS.
fn service(options: &Options, metadata: &Value) -> Value {
    let families = options.plan.families;
    let policy = if families.is_dual() {
        "PreferDualStack"
    } else {
        "SingleStack"
    };
    let port = |name: &str, port: u16, protocol: &str| json!({"name": name, "port": port, "protocol": protocol, "targetPort": name});
    json!({
        "apiVersion": "v1", "kind": "Service", "metadata": metadata,
        "spec": {
            "selector": {"app": NAME},
            "ipFamilies": to_list(families),
            "ipFamilyPolicy": policy,
            "ports": [
                port("webhook", 443, "TCP"),
                port("dns-tcp", 53, "TCP"),
                port("dns-udp", 53, "UDP"),
            ],
        },
    })
}

fn deployment(options: &Options, image: &str, settings: &str, metadata: &Value) -> Value {
    let port = |address: Option<std::net::SocketAddr>| address.map(|address| address.port());
    let webhook = port(options.webhook.as_ref().map(|webhook| webhook.listen));
    let dns = port(options.dns_listen);
    let health = port(options.health_listen);
    let ports: Vec<Value> = [
        ("webhook", webhook, "TCP"),
        ("dns-tcp", dns, "TCP"),
        ("dns-udp", dns, "UDP"),
        ("health", health, "TCP"),
    ]
    .into_iter()
    .filter_map(|(name, port, protocol)| {
        Some(json!({"name": name, "containerPort": port?, "protocol": protocol}))
    })
    .collect();
    // A change of the settings has to restart the pod, which reads them once.
    let checksum = BASE64.encode(Sha256::digest(settings));
    let control_plane = |key: &str| json!({"key": key, "operator": "Exists"});
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata,
        "spec": {
            "replicas": 1,
            // Two at a time would both work on every object.
            "strategy": {"type": "Recreate"},
            "selector": {"matchLabels": {"app": NAME}},
            "template": {
                "metadata": {
                    "labels": {"app": NAME},
                    "annotations": {"checksum/options": checksum},
                },
                "spec": {
                    "serviceAccountName": NAME,
                    "tolerations": [
                        control_plane("node-role.kubernetes.io/control-plane"),
                        control_plane("node-role.kubernetes.io/master"),
                    ],
                    "containers": [{
                        "name": NAME,
                        "image": image,
                        "imagePullPolicy": "IfNotPresent",
                        "args": [
                            "stack", "run",
                            "--options", format!("{SETTINGS_FOLDER}/{SETTINGS_FILE}"),
                        ],
                        "ports": ports,
                        "readinessProbe": {
                            "httpGet": {"path": "/readyz", "port": "health"},
                            "periodSeconds": 1,
                        },
                        "livenessProbe": {
                            "httpGet": {"path": "/healthz", "port": "health"},
                            "periodSeconds": 10,
                        },
                        "securityContext": {
                            "allowPrivilegeEscalation": false,
                            "capabilities": {"drop": ["ALL"]},
                            "readOnlyRootFilesystem": true,
                            "runAsNonRoot": true,
                            "runAsUser": 65532,
                        },
                        "volumeMounts": [{
                            "name": "options", "mountPath": SETTINGS_FOLDER, "readOnly": true,
                        }],
                    }],
                    "volumes": [{"name": "options", "configMap": {"name": NAME}}],
                },
            },
        },
    })
}

fn read<T: DeserializeOwned>(manifest: Value) -> T {
    serde_json::from_value(manifest).expect("built-in manifests fit their types")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ipam::AddressPlan,
        net::{Families, IpFamily},
    };

    fn built(families: Families) -> Manifests {
        let options = Options::new(AddressPlan::default_for(families));
        manifests(&options.in_cluster(NAMESPACE, NAME), "registry/garden6:1")
    }

    #[test]
    fn settings_survive_the_way_into_the_pod() {
        let manifests = built(Families::single(IpFamily::V6));
        let text = &manifests.settings.data.unwrap()[SETTINGS_FILE];
        let read: Options = serde_json::from_str(text).unwrap();
        assert_eq!(read.webhook.unwrap().listen.port(), 10443);
        assert!(!text.contains("\"0.0.0.0"), "{text}");
    }

    #[test]
    fn the_stack_may_keep_the_certificates_of_its_webhook() {
        let rules = built(Families::single(IpFamily::V6)).role.rules.unwrap();
        let may = |resource: &str, verb: &str| {
            rules.iter().any(|rule| {
                let resources = rule.resources.iter().flatten();
                resources.into_iter().any(|one| one == resource)
                    && rule.verbs.iter().any(|one| one == verb)
            })
        };
        for verb in ["get", "list", "watch", "create", "update"] {
            assert!(may("secrets", verb), "{verb}");
        }
        for verb in ["get", "list", "watch", "create", "patch"] {
            assert!(may("mutatingwebhookconfigurations", verb), "{verb}");
            assert!(may("validatingwebhookconfigurations", verb), "{verb}");
        }
    }

    #[test]
    fn ports_of_service_and_pod_have_the_same_names() {
        let manifests = built(Families::dual(IpFamily::V6));
        let service = manifests.service.spec.unwrap();
        assert_eq!(service.ip_families.unwrap(), ["IPv6", "IPv4"]);
        let pod = manifests.deployment.spec.template.spec.unwrap();
        let container = &pod.containers[0];
        let names: Vec<_> = container
            .ports
            .iter()
            .flatten()
            .map(|port| &port.name)
            .collect();
        for port in service.ports.unwrap() {
            assert!(names.contains(&&port.name), "{:?}", port.name);
        }
        assert_eq!(pod.host_network, None);
    }
}
