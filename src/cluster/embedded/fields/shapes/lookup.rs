//! Which shape a kind has.

use super::shape::Shape;
use super::{core, pod, tables, workloads};

/// Returns the shape of a built-in kind; kinds without a table have metadata and conditions.
pub fn of(group: &str, kind: &str) -> Shape {
    Shape::Struct(match (group, kind) {
        ("", "Pod") => &pod::POD,
        ("", "ConfigMap" | "Secret") => &core::DATA,
        ("", "ServiceAccount") => &core::SERVICE_ACCOUNT,
        ("", "Namespace") => &core::NAMESPACE,
        ("", "Node") => &core::NODE,
        ("", "Service") => &core::SERVICE,
        ("" | "events.k8s.io", "Event") => &core::EVENT,
        ("", "PersistentVolumeClaim") => &core::VOLUME_CLAIM,
        ("", "ResourceQuota") => &core::QUOTA,
        ("", "LimitRange") | ("coordination.k8s.io", "Lease") => &core::SPEC_ONLY,
        ("apps", "Deployment") => &workloads::DEPLOYMENT,
        ("apps", "StatefulSet" | "DaemonSet") => &workloads::SET,
        ("apps", "ReplicaSet") => &workloads::REPLICA_SET,
        ("batch", "Job") => &workloads::JOB,
        ("batch", "CronJob") => &workloads::CRON_JOB,
        ("networking.k8s.io", "NetworkPolicy") => &core::NETWORK_POLICY,
        ("rbac.authorization.k8s.io", "RoleBinding" | "ClusterRoleBinding") => &core::BINDING,
        (
            "admissionregistration.k8s.io",
            "ValidatingWebhookConfiguration" | "MutatingWebhookConfiguration",
        ) => &core::WEBHOOKS,
        ("apiextensions.k8s.io", "CustomResourceDefinition") => &core::DEFINITION,
        ("networking.k8s.io", "Ingress") | ("apiregistration.k8s.io", "APIService") => {
            &core::SPEC_AND_STATUS
        }
        ("storage.k8s.io", "StorageClass") => &core::STORAGE_CLASS,
        ("policy", "PodDisruptionBudget") => &core::DISRUPTION_BUDGET,
        _ => &tables::UNKNOWN_KIND,
    })
}
