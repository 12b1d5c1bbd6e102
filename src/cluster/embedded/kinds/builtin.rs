//! The table of built-in kinds.

use std::sync::Arc;

use k8s_openapi::api::{
    admissionregistration::v1 as admission, apps::v1 as apps, authentication::v1 as authentication,
    authorization::v1 as authorization, batch::v1 as batch, coordination::v1 as coordination,
    core::v1 as core, discovery::v1 as discovery, events::v1 as events,
    networking::v1 as networking, policy::v1 as policy, rbac::v1 as rbac_types,
    scheduling::v1 as scheduling,
};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1 as apiextensions;
use k8s_openapi::kube_aggregator::pkg::apis::apiregistration::v1 as aggregation;

use super::core_kinds::{configmap, event, lease, namespace, secret};
use super::rbac;
use super::strategy::Strategy;
use super::typed::{RoundTrip, through};
use super::workloads::{daemonset, deployment, job, pod, replicaset, statefulset};
use super::{ExtraSubresource, Kind, Origin, ResourceId, ScalePaths, Scope, Subresources};
use super::{definition, network, service, webhooks};

const STORED_VERBS: &[&str] = &[
    "create",
    "delete",
    "deletecollection",
    "get",
    "list",
    "patch",
    "update",
    "watch",
];
const REVIEW_VERBS: &[&str] = &["create"];

/// One line of the table.
struct BuiltIn {
    group: &'static str,
    version: &'static str,
    kind: &'static str,
    plural: &'static str,
    short_names: &'static [&'static str],
    categories: &'static [&'static str],
    scope: Scope,
    verbs: &'static [&'static str],
    status: bool,
    scale: bool,
    extra: &'static [ExtraSubresource],
    stored_in: &'static str,
    strategy: &'static Strategy,
    round_trip: RoundTrip,
}

const NAMESPACED: BuiltIn = BuiltIn {
    group: "",
    version: "v1",
    kind: "",
    plural: "",
    short_names: &[],
    categories: &[],
    scope: Scope::Namespaced,
    verbs: STORED_VERBS,
    status: false,
    scale: false,
    extra: &[],
    stored_in: "",
    strategy: &Strategy::PLAIN,
    round_trip: |tree| Ok(tree.clone()),
};
const CLUSTER: BuiltIn = BuiltIn {
    scope: Scope::Cluster,
    ..NAMESPACED
};
const REVIEW: BuiltIn = BuiltIn {
    verbs: REVIEW_VERBS,
    ..CLUSTER
};

const AUTHENTICATION: &str = "authentication.k8s.io";
const AUTHORIZATION: &str = "authorization.k8s.io";
const ADMISSION: &str = "admissionregistration.k8s.io";
const RBAC: &str = "rbac.authorization.k8s.io";

const FINALIZE: ExtraSubresource = ExtraSubresource {
    name: "finalize",
    group_version_kind: ("", "v1", "Namespace"),
    verbs: &["update"],
};
const TOKEN: ExtraSubresource = ExtraSubresource {
    name: "token",
    group_version_kind: (AUTHENTICATION, "v1", "TokenRequest"),
    verbs: &["create"],
};

const DISRUPTION: Strategy = Strategy {
    generation: true,
    note: Some("this control plane evicts nothing: the budget is stored only"),
    ..Strategy::PLAIN
};
const PRIORITY: Strategy = Strategy {
    generation: true,
    note: Some("this control plane schedules nothing: the priority is stored only"),
    ..Strategy::PLAIN
};
const QUOTA: Strategy = Strategy {
    returns_deleted: true,
    note: Some("this control plane does not enforce quotas: the object is stored only"),
    ..Strategy::PLAIN
};
const LIMITS: Strategy = Strategy {
    note: Some("this control plane does not enforce limits: the object is stored only"),
    ..Strategy::PLAIN
};

#[rustfmt::skip]
const TABLE: &[BuiltIn] = &[
    BuiltIn { kind: "Namespace", round_trip: through::<core::Namespace>, plural: "namespaces", short_names: &["ns"], status: true, extra: &[FINALIZE], strategy: &namespace::STRATEGY, ..CLUSTER },
    BuiltIn { kind: "Secret", round_trip: through::<core::Secret>, plural: "secrets", strategy: &secret::STRATEGY, ..NAMESPACED },
    BuiltIn { kind: "ConfigMap", round_trip: through::<core::ConfigMap>, plural: "configmaps", short_names: &["cm"], strategy: &configmap::STRATEGY, ..NAMESPACED },
    BuiltIn { kind: "ServiceAccount", round_trip: through::<core::ServiceAccount>, plural: "serviceaccounts", short_names: &["sa"], extra: &[TOKEN], strategy: &Strategy { returns_deleted: true, ..Strategy::PLAIN }, ..NAMESPACED },
    BuiltIn { kind: "Event", round_trip: through::<core::Event>, plural: "events", short_names: &["ev"], strategy: &event::CORE, ..NAMESPACED },
    BuiltIn { group: "events.k8s.io", kind: "Event", round_trip: through::<events::Event>, plural: "events", short_names: &["ev"], strategy: &event::EVENTS, ..NAMESPACED },
    BuiltIn { kind: "Node", round_trip: through::<core::Node>, plural: "nodes", short_names: &["no"], status: true, strategy: &Strategy { keeps_status_on_create: true, selectable: &["spec.unschedulable"], ..Strategy::PLAIN }, ..CLUSTER },
    BuiltIn { kind: "Pod", round_trip: through::<core::Pod>, plural: "pods", short_names: &["po"], categories: &["all"], status: true, strategy: &pod::STRATEGY, ..NAMESPACED },
    BuiltIn { kind: "Service", round_trip: through::<core::Service>, plural: "services", short_names: &["svc"], categories: &["all"], status: true, strategy: &service::STRATEGY, ..NAMESPACED },
    BuiltIn { kind: "Endpoints", round_trip: through::<core::Endpoints>, plural: "endpoints", short_names: &["ep"], strategy: &network::ENDPOINTS, ..NAMESPACED },
    BuiltIn { kind: "ResourceQuota", round_trip: through::<core::ResourceQuota>, plural: "resourcequotas", short_names: &["quota"], status: true, strategy: &QUOTA, ..NAMESPACED },
    BuiltIn { kind: "LimitRange", round_trip: through::<core::LimitRange>, plural: "limitranges", short_names: &["limits"], strategy: &LIMITS, ..NAMESPACED },
    BuiltIn { group: "apps", kind: "Deployment", round_trip: through::<apps::Deployment>, plural: "deployments", short_names: &["deploy"], categories: &["all"], status: true, scale: true, strategy: &deployment::STRATEGY, ..NAMESPACED },
    BuiltIn { group: "apps", kind: "StatefulSet", round_trip: through::<apps::StatefulSet>, plural: "statefulsets", short_names: &["sts"], categories: &["all"], status: true, scale: true, strategy: &statefulset::STRATEGY, ..NAMESPACED },
    BuiltIn { group: "apps", kind: "DaemonSet", round_trip: through::<apps::DaemonSet>, plural: "daemonsets", short_names: &["ds"], categories: &["all"], status: true, strategy: &daemonset::STRATEGY, ..NAMESPACED },
    BuiltIn { group: "apps", kind: "ReplicaSet", round_trip: through::<apps::ReplicaSet>, plural: "replicasets", short_names: &["rs"], categories: &["all"], status: true, scale: true, strategy: &replicaset::STRATEGY, ..NAMESPACED },
    BuiltIn { group: "batch", kind: "Job", round_trip: through::<batch::Job>, plural: "jobs", categories: &["all"], status: true, strategy: &job::STRATEGY, ..NAMESPACED },
    BuiltIn { group: "networking.k8s.io", kind: "NetworkPolicy", round_trip: through::<networking::NetworkPolicy>, plural: "networkpolicies", short_names: &["netpol"], strategy: &network::POLICY, ..NAMESPACED },
    BuiltIn { group: "discovery.k8s.io", kind: "EndpointSlice", round_trip: through::<discovery::EndpointSlice>, plural: "endpointslices", strategy: &network::ENDPOINT_SLICE, ..NAMESPACED },
    BuiltIn { group: "coordination.k8s.io", kind: "Lease", round_trip: through::<coordination::Lease>, plural: "leases", strategy: &lease::STRATEGY, ..NAMESPACED },
    BuiltIn { group: "policy", kind: "PodDisruptionBudget", round_trip: through::<policy::PodDisruptionBudget>, plural: "poddisruptionbudgets", short_names: &["pdb"], status: true, strategy: &DISRUPTION, ..NAMESPACED },
    BuiltIn { group: "scheduling.k8s.io", kind: "PriorityClass", round_trip: through::<scheduling::PriorityClass>, plural: "priorityclasses", short_names: &["pc"], strategy: &PRIORITY, ..CLUSTER },
    BuiltIn { group: RBAC, kind: "Role", round_trip: through::<rbac_types::Role>, plural: "roles", strategy: &rbac::ROLE, ..NAMESPACED },
    BuiltIn { group: RBAC, kind: "ClusterRole", round_trip: through::<rbac_types::ClusterRole>, plural: "clusterroles", strategy: &rbac::ROLE, ..CLUSTER },
    BuiltIn { group: RBAC, kind: "RoleBinding", round_trip: through::<rbac_types::RoleBinding>, plural: "rolebindings", strategy: &rbac::BINDING, ..NAMESPACED },
    BuiltIn { group: RBAC, kind: "ClusterRoleBinding", round_trip: through::<rbac_types::ClusterRoleBinding>, plural: "clusterrolebindings", strategy: &rbac::BINDING, ..CLUSTER },
    BuiltIn { group: ADMISSION, kind: "ValidatingWebhookConfiguration", round_trip: through::<admission::ValidatingWebhookConfiguration>, plural: "validatingwebhookconfigurations", categories: &["api-extensions"], strategy: &webhooks::VALIDATING, ..CLUSTER },
    BuiltIn { group: ADMISSION, kind: "MutatingWebhookConfiguration", round_trip: through::<admission::MutatingWebhookConfiguration>, plural: "mutatingwebhookconfigurations", categories: &["api-extensions"], strategy: &webhooks::MUTATING, ..CLUSTER },
    BuiltIn { group: "apiextensions.k8s.io", kind: "CustomResourceDefinition", round_trip: through::<apiextensions::CustomResourceDefinition>, plural: "customresourcedefinitions", short_names: &["crd", "crds"], categories: &["api-extensions"], status: true, strategy: &definition::STRATEGY, ..CLUSTER },
    BuiltIn { group: "apiregistration.k8s.io", kind: "APIService", round_trip: through::<aggregation::APIService>, plural: "apiservices", categories: &["api-extensions"], status: true, ..CLUSTER },
    BuiltIn { group: AUTHENTICATION, kind: "TokenReview", round_trip: through::<authentication::TokenReview>, plural: "tokenreviews", ..REVIEW },
    BuiltIn { group: AUTHENTICATION, kind: "SelfSubjectReview", round_trip: through::<authentication::SelfSubjectReview>, plural: "selfsubjectreviews", ..REVIEW },
    BuiltIn { group: AUTHORIZATION, kind: "SelfSubjectAccessReview", round_trip: through::<authorization::SelfSubjectAccessReview>, plural: "selfsubjectaccessreviews", ..REVIEW },
    BuiltIn { group: AUTHORIZATION, kind: "SelfSubjectRulesReview", round_trip: through::<authorization::SelfSubjectRulesReview>, plural: "selfsubjectrulesreviews", ..REVIEW },
    BuiltIn { group: AUTHORIZATION, kind: "SubjectAccessReview", round_trip: through::<authorization::SubjectAccessReview>, plural: "subjectaccessreviews", ..REVIEW },
    BuiltIn { group: AUTHORIZATION, kind: "LocalSubjectAccessReview", round_trip: through::<authorization::LocalSubjectAccessReview>, plural: "localsubjectaccessreviews", scope: Scope::Namespaced, ..REVIEW },
];

/// Every built-in kind.
pub fn kinds() -> Vec<Kind> {
    TABLE.iter().map(BuiltIn::kind).collect()
}

impl BuiltIn {
    fn kind(&self) -> Kind {
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let scale = self.scale.then(|| ScalePaths {
            spec_replicas: ".spec.replicas".into(),
            status_replicas: ".status.replicas".into(),
            label_selector: Some(".spec.selector".into()),
        });
        let storage_group = if self.strategy.view.is_some() {
            self.stored_in
        } else {
            self.group
        };
        Kind {
            group: self.group.into(),
            version: self.version.into(),
            kind: self.kind.into(),
            list_kind: format!("{}List", self.kind),
            plural: self.plural.into(),
            singular: self.kind.to_lowercase(),
            short_names: owned(self.short_names),
            categories: owned(self.categories),
            scope: self.scope,
            origin: Origin::BuiltIn,
            verbs: self.verbs.to_vec(),
            subresources: Subresources {
                status: self.status,
                scale,
                extra: self.extra.to_vec(),
            },
            columns: Vec::new(),
            raw_schema: None,
            schema: None,
            selectable_fields: Vec::new(),
            storage_version: self.version.into(),
            resource: Arc::new(ResourceId::new(storage_group, self.plural)),
            strategy: self.strategy,
            round_trip: Some(self.round_trip),
        }
    }
}
