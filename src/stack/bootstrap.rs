//! What an environment needs before the first Shoot: namespaces, project, cloud profile, Seed and
//! the gateway in front of all API servers.

use std::collections::BTreeMap;

use k8s_openapi::{
    api::core::v1::{Namespace, Secret, Service, ServicePort, ServiceSpec},
    apimachinery::pkg::{apis::meta::v1::ObjectMeta, util::intstr::IntOrString},
};
use kube::{Api, Client};
use serde::de::DeserializeOwned;
use serde_json::json;

use super::{
    apply::apply,
    error::StackError,
    names::{GARDEN_NAMESPACE, INGRESS_NAMESPACE, INGRESS_SERVICE, ROLE_LABEL},
    options::Options,
    project::namespace_of,
};
use crate::{
    api::{
        core::{CloudProfile, Project, Seed},
        families::to_list,
    },
    generate::garden,
    net::Families,
};

/// The name of everything in the local setup.
const LOCAL: &str = "local";
/// The namespace of the project `local`.
const PROJECT_NAMESPACE: &str = "garden-local";

/// Creates or updates what an environment needs. Doing it twice changes nothing.
pub async fn bootstrap(client: &Client, options: &Options) -> Result<(), StackError> {
    for namespace in namespaces() {
        apply(&Api::all(client.clone()), &namespace).await?;
    }
    apply(&Api::all(client.clone()), &project()).await?;
    apply(&Api::all(client.clone()), &cloud_profile()).await?;
    let garden = Api::namespaced(client.clone(), GARDEN_NAMESPACE);
    for secret in domain_secrets(options) {
        apply(&garden, &secret).await?;
    }
    let ingress = Api::namespaced(client.clone(), INGRESS_NAMESPACE);
    apply(&ingress, &gateway(options)).await?;
    apply(&Api::all(client.clone()), &seed(options)).await
}

fn metadata(name: &str, labels: &[(&str, &str)]) -> ObjectMeta {
    let labels: BTreeMap<String, String> = labels
        .iter()
        .map(|&(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
    ObjectMeta {
        name: Some(name.to_owned()),
        labels: Some(labels).filter(|labels| !labels.is_empty()),
        ..ObjectMeta::default()
    }
}

fn namespaces() -> [Namespace; 3] {
    let namespace = |name, labels: &[_]| Namespace {
        metadata: metadata(name, labels),
        ..Namespace::default()
    };
    [
        namespace(GARDEN_NAMESPACE, &[(ROLE_LABEL, "garden")]),
        namespace_of(LOCAL, PROJECT_NAMESPACE),
        namespace(INGRESS_NAMESPACE, &[(ROLE_LABEL, "istio-ingress")]),
    ]
}

fn project() -> Project {
    let spec = json!({
        "namespace": PROJECT_NAMESPACE,
        "owner": {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "admin"},
    });
    let mut project = Project::new(LOCAL, read(spec));
    project.metadata = metadata(LOCAL, &[]);
    project
}

fn cloud_profile() -> CloudProfile {
    let spec = json!({
        "type": LOCAL,
        "kubernetes": {"versions": [
            {"version": "1.33.0", "classification": "supported"},
            {"version": "1.32.0", "classification": "supported"},
            {"version": "1.31.0", "classification": "supported"},
        ]},
        "regions": [{"name": LOCAL, "zones": [{"name": "0"}]}],
        "machineTypes": [{"name": LOCAL, "cpu": "4", "gpu": "0", "memory": "8Gi", "usable": true}],
        "machineImages": [{"name": LOCAL, "versions": [
            {"version": "1.0.0", "cri": [{"name": "containerd"}]},
        ]}],
    });
    let mut profile = CloudProfile::new(LOCAL, read(spec));
    profile.metadata = metadata(LOCAL, &[]);
    profile
}

/// The credentials of the DNS accounts; there is nothing secret about the server of the stack.
fn domain_secrets(options: &Options) -> [Secret; 2] {
    let secret = |role: &str, domain: &str| {
        let name = format!("{role}-{}", domain.replace('.', "-"));
        let mut secret = Secret {
            metadata: metadata(&name, &[(ROLE_LABEL, role)]),
            type_: Some("Opaque".to_owned()),
            ..Secret::default()
        };
        let annotations = [
            ("dns.gardener.cloud/provider", LOCAL),
            ("dns.gardener.cloud/domain", domain),
        ];
        secret.metadata.annotations = Some(
            annotations
                .map(|(k, v)| (k.to_owned(), v.to_owned()))
                .into(),
        );
        secret.metadata.namespace = Some(GARDEN_NAMESPACE.to_owned());
        secret
    };
    [
        secret("internal-domain", &options.internal_domain),
        secret("default-domain", &options.external_domain),
    ]
}

/// The Service whose load balancer all names of API servers lead to.
fn gateway(options: &Options) -> Service {
    let families = options.plan.families;
    let mut metadata = metadata(INGRESS_SERVICE, &[("app", INGRESS_SERVICE)]);
    metadata.namespace = Some(INGRESS_NAMESPACE.to_owned());
    let policy = if families.is_dual() {
        "PreferDualStack"
    } else {
        "SingleStack"
    };
    Service {
        metadata,
        spec: Some(ServiceSpec {
            type_: Some("LoadBalancer".to_owned()),
            selector: Some(BTreeMap::from([(
                "app".to_owned(),
                INGRESS_SERVICE.to_owned(),
            )])),
            ip_families: Some(to_list(families)),
            ip_family_policy: Some(policy.to_owned()),
            ports: Some(vec![ServicePort {
                name: Some("tls".to_owned()),
                port: 443,
                protocol: Some("TCP".to_owned()),
                target_port: Some(IntOrString::Int(9443)),
                ..ServicePort::default()
            }]),
            ..ServiceSpec::default()
        }),
        ..Service::default()
    }
}

/// The Seed with the networks of the environment. Where the rules know no dual-stack, it has the
/// primary family only.
fn seed(options: &Options) -> Seed {
    let plan = &options.plan;
    let families = if options.rules().allows_dual_stack() {
        plan.families
    } else {
        Families::single(plan.families.primary())
    };
    garden::seed(plan, families, &options.internal_domain, &["0".to_owned()])
}

fn read<T: DeserializeOwned>(spec: serde_json::Value) -> T {
    serde_json::from_value(spec).expect("built-in objects fit their types")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{api::gates::ApiProfile, ipam::AddressPlan, net::IpFamily};

    fn networks(families: Families, profile: ApiProfile) -> crate::api::core::SeedNetworks {
        let mut options = Options::new(AddressPlan::default_for(families));
        options.api_profile = profile;
        seed(&options).spec.networks
    }

    #[test]
    fn the_seed_has_the_networks_of_the_plan() {
        let networks = networks(Families::single(IpFamily::V6), ApiProfile::Gep21);
        assert_eq!(networks.nodes.as_deref(), Some("fd00:10::/64"));
        assert_eq!(networks.pods, "fd00:10:1::/56");
        assert_eq!(networks.services, "fd00:10:2::/112");
        assert_eq!(networks.ip_families, ["IPv6"]);
        assert_eq!(networks.block_cidrs, ["fd00:ec2::254/128"]);
    }

    #[test]
    fn two_families_are_listed_where_the_rules_allow_it() {
        let dual = Families::dual(IpFamily::V6);
        assert_eq!(networks(dual, ApiProfile::Gep21).ip_families, ["IPv6"]);
        assert_eq!(
            networks(dual, ApiProfile::Upstream).ip_families,
            ["IPv6", "IPv4"]
        );
    }
}
