//! Schemas of built-in types, taken from their Rust definitions.

use k8s_openapi::api::{
    admissionregistration, apps, authentication, authorization, batch, coordination, core,
    discovery, events, networking, policy, rbac, scheduling,
};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions;
use k8s_openapi::apimachinery::pkg::apis::meta;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value};

use crate::cluster::embedded::kinds::Kind;

/// The Go package of a built-in group, as schema names carry it.
pub(super) fn package(kind: &Kind) -> Option<&'static str> {
    if kind.is_custom() {
        return None;
    }
    Some(match kind.group.as_str() {
        "" => "io.k8s.api.core",
        "apps" => "io.k8s.api.apps",
        "batch" => "io.k8s.api.batch",
        "policy" => "io.k8s.api.policy",
        "events.k8s.io" => "io.k8s.api.events",
        "coordination.k8s.io" => "io.k8s.api.coordination",
        "discovery.k8s.io" => "io.k8s.api.discovery",
        "networking.k8s.io" => "io.k8s.api.networking",
        "scheduling.k8s.io" => "io.k8s.api.scheduling",
        "authentication.k8s.io" => "io.k8s.api.authentication",
        "authorization.k8s.io" => "io.k8s.api.authorization",
        "rbac.authorization.k8s.io" => "io.k8s.api.rbac",
        "admissionregistration.k8s.io" => "io.k8s.api.admissionregistration",
        "apiextensions.k8s.io" => "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions",
        _ => return None,
    })
}

/// The schemas of all built-in kinds among `kinds`, of the metadata types, and of all they use.
pub(super) fn definitions(kinds: &[&Kind]) -> Map<String, Value> {
    let mut generator = SchemaGenerator::new(SchemaSettings::openapi3());
    add::<meta::v1::ObjectMeta>(&mut generator);
    add::<meta::v1::ListMeta>(&mut generator);
    add::<meta::v1::Status>(&mut generator);
    for kind in kinds.iter().filter(|kind| !kind.is_custom()) {
        add_kind(&mut generator, &kind.group, &kind.kind);
    }
    generator.take_definitions(true)
}

fn add<T: JsonSchema>(generator: &mut SchemaGenerator) {
    // Only the definitions that this leaves in the generator are wanted.
    let _reference = generator.subschema_for::<T>();
}

fn add_kind(generator: &mut SchemaGenerator, group: &str, kind: &str) {
    let add: fn(&mut SchemaGenerator) = match (group, kind) {
        ("", "Namespace") => add::<core::v1::Namespace>,
        ("", "Secret") => add::<core::v1::Secret>,
        ("", "ConfigMap") => add::<core::v1::ConfigMap>,
        ("", "ServiceAccount") => add::<core::v1::ServiceAccount>,
        ("", "Event") => add::<core::v1::Event>,
        ("", "Node") => add::<core::v1::Node>,
        ("", "Pod") => add::<core::v1::Pod>,
        ("", "Service") => add::<core::v1::Service>,
        ("", "Endpoints") => add::<core::v1::Endpoints>,
        ("", "ResourceQuota") => add::<core::v1::ResourceQuota>,
        ("", "LimitRange") => add::<core::v1::LimitRange>,
        ("", "PersistentVolume") => add::<core::v1::PersistentVolume>,
        ("", "PersistentVolumeClaim") => add::<core::v1::PersistentVolumeClaim>,
        ("", "ReplicationController") => add::<core::v1::ReplicationController>,
        ("events.k8s.io", "Event") => add::<events::v1::Event>,
        ("coordination.k8s.io", "Lease") => add::<coordination::v1::Lease>,
        ("discovery.k8s.io", "EndpointSlice") => add::<discovery::v1::EndpointSlice>,
        ("networking.k8s.io", "NetworkPolicy") => add::<networking::v1::NetworkPolicy>,
        ("networking.k8s.io", "Ingress") => add::<networking::v1::Ingress>,
        ("apps", "Deployment") => add::<apps::v1::Deployment>,
        ("apps", "StatefulSet") => add::<apps::v1::StatefulSet>,
        ("apps", "DaemonSet") => add::<apps::v1::DaemonSet>,
        ("apps", "ReplicaSet") => add::<apps::v1::ReplicaSet>,
        ("batch", "Job") => add::<batch::v1::Job>,
        ("batch", "CronJob") => add::<batch::v1::CronJob>,
        ("policy", "PodDisruptionBudget") => add::<policy::v1::PodDisruptionBudget>,
        ("rbac.authorization.k8s.io", "Role") => add::<rbac::v1::Role>,
        ("rbac.authorization.k8s.io", "RoleBinding") => add::<rbac::v1::RoleBinding>,
        ("rbac.authorization.k8s.io", "ClusterRole") => add::<rbac::v1::ClusterRole>,
        ("rbac.authorization.k8s.io", "ClusterRoleBinding") => add::<rbac::v1::ClusterRoleBinding>,
        ("scheduling.k8s.io", "PriorityClass") => add::<scheduling::v1::PriorityClass>,
        ("admissionregistration.k8s.io", "ValidatingWebhookConfiguration") => {
            add::<admissionregistration::v1::ValidatingWebhookConfiguration>
        }
        ("admissionregistration.k8s.io", "MutatingWebhookConfiguration") => {
            add::<admissionregistration::v1::MutatingWebhookConfiguration>
        }
        ("apiextensions.k8s.io", "CustomResourceDefinition") => {
            add::<apiextensions::v1::CustomResourceDefinition>
        }
        ("authorization.k8s.io", "SelfSubjectAccessReview") => {
            add::<authorization::v1::SelfSubjectAccessReview>
        }
        ("authorization.k8s.io", "SubjectAccessReview") => {
            add::<authorization::v1::SubjectAccessReview>
        }
        ("authorization.k8s.io", "SelfSubjectRulesReview") => {
            add::<authorization::v1::SelfSubjectRulesReview>
        }
        ("authentication.k8s.io", "TokenReview") => add::<authentication::v1::TokenReview>,
        ("authentication.k8s.io", "SelfSubjectReview") => {
            add::<authentication::v1::SelfSubjectReview>
        }
        _ => return,
    };
    add(generator);
}
