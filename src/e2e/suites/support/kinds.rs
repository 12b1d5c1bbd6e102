//! The kinds that cases touch. They are named here once and read without types: cases see what a
//! user sees.

use std::sync::LazyLock;

use kube::api::ApiResource;

fn kind(group: &str, version: &str, kind: &str, plural: &str) -> ApiResource {
    let api_version = if group.is_empty() {
        version.to_owned()
    } else {
        format!("{group}/{version}")
    };
    ApiResource {
        group: group.to_owned(),
        version: version.to_owned(),
        api_version,
        kind: kind.to_owned(),
        plural: plural.to_owned(),
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $group:literal $version:literal $kind:literal $plural:literal;)*) => {
        $($(#[$doc])* pub(in crate::e2e) static $name: LazyLock<ApiResource> =
            LazyLock::new(|| kind($group, $version, $kind, $plural));)*
    };
}

kinds! {
    CONFIG_MAP = "" "v1" "ConfigMap" "configmaps";
    NAMESPACE = "" "v1" "Namespace" "namespaces";
    NODE = "" "v1" "Node" "nodes";
    POD = "" "v1" "Pod" "pods";
    SERVICE = "" "v1" "Service" "services";
    ENDPOINTS = "" "v1" "Endpoints" "endpoints";
    DEPLOYMENT = "apps" "v1" "Deployment" "deployments";
    NETWORK_POLICY = "networking.k8s.io" "v1" "NetworkPolicy" "networkpolicies";
    DEFINITION = "apiextensions.k8s.io" "v1" "CustomResourceDefinition" "customresourcedefinitions";
    SHOOT = "core.gardener.cloud" "v1beta1" "Shoot" "shoots";
    SEED = "core.gardener.cloud" "v1beta1" "Seed" "seeds";
    CLUSTER = "extensions.gardener.cloud" "v1alpha1" "Cluster" "clusters";
    NETWORK = "extensions.gardener.cloud" "v1alpha1" "Network" "networks";
    DNS_RECORD = "extensions.gardener.cloud" "v1alpha1" "DNSRecord" "dnsrecords";
    INFRASTRUCTURE = "extensions.gardener.cloud" "v1alpha1" "Infrastructure" "infrastructures";
    WORKER = "extensions.gardener.cloud" "v1alpha1" "Worker" "workers";
    OPERATING_SYSTEM_CONFIG =
        "extensions.gardener.cloud" "v1alpha1" "OperatingSystemConfig" "operatingsystemconfigs";
}
