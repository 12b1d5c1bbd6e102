//! Services of type LoadBalancer: each gets the environment's address of each of its families.

use std::{sync::Arc, time::Duration};

use k8s_openapi::api::core::v1::{LoadBalancerIngress, LoadBalancerStatus, Service};
use kube::{Api, ResourceExt as _, runtime::controller::Action};

use crate::{
    ipam::AddressPlan,
    net::IpFamily,
    stack::{context::Context, error::ReconcileError},
};

const RETRY: Duration = Duration::from_secs(5);

/// Writes the addresses of one Service.
pub(crate) async fn reconcile(
    service: Arc<Service>,
    context: Arc<Context>,
) -> Result<Action, ReconcileError> {
    if service.metadata.deletion_timestamp.is_none() {
        let mut wanted = (*service).clone();
        let ingress = ingress(&service, &context.options.plan);
        wanted.status.get_or_insert_default().load_balancer = Some(LoadBalancerStatus {
            ingress: Some(ingress).filter(|list| !list.is_empty()),
        });
        let had = service
            .status
            .as_ref()
            .and_then(|status| status.load_balancer.as_ref());
        let has_addresses = |status: &LoadBalancerStatus| status.ingress.is_some();
        let is = wanted
            .status
            .as_ref()
            .and_then(|status| status.load_balancer.as_ref());
        if had.filter(|status| has_addresses(status)) != is.filter(|status| has_addresses(status)) {
            let namespace = service.namespace().unwrap_or_default();
            let api: Api<Service> = Api::namespaced(context.client.clone(), &namespace);
            context.write_status(&api, &*service, &wanted).await?;
        }
    }
    Ok(Action::await_change())
}

/// What to do after a failure.
pub(crate) fn error_policy(_: Arc<Service>, error: &ReconcileError, _: Arc<Context>) -> Action {
    tracing::debug!(%error, "a Service will be tried again");
    Action::requeue(RETRY)
}

/// The addresses of a Service; none for other types of Services. IPv4 comes first, as in
/// Gardener's local setup, whose readers take the last entry.
fn ingress(service: &Service, plan: &AddressPlan) -> Vec<LoadBalancerIngress> {
    let Some(spec) = service.spec.as_ref() else {
        return Vec::new();
    };
    if spec.type_.as_deref() != Some("LoadBalancer") {
        return Vec::new();
    }
    let listed = spec.ip_families.as_deref().unwrap_or_default();
    let has = |family: IpFamily| {
        if listed.is_empty() {
            plan.families.primary() == family
        } else {
            listed.contains(&family.to_string())
        }
    };
    [IpFamily::V4, IpFamily::V6]
        .into_iter()
        .filter(|family| has(*family))
        .map(|family| LoadBalancerIngress {
            ip: Some(plan.of(family).load_balancer.to_string()),
            ip_mode: Some("Proxy".to_owned()),
            ..LoadBalancerIngress::default()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::ServiceSpec;

    use super::*;
    use crate::net::Families;

    fn addresses(type_: &str, families: &[&str]) -> Vec<String> {
        let service = Service {
            spec: Some(ServiceSpec {
                type_: Some(type_.to_owned()),
                ip_families: Some(families.iter().map(|&family| family.to_owned()).collect()),
                ..ServiceSpec::default()
            }),
            ..Service::default()
        };
        let plan = AddressPlan::default_for(Families::single(IpFamily::V6));
        let ingress = ingress(&service, &plan);
        ingress.into_iter().filter_map(|entry| entry.ip).collect()
    }

    #[test]
    fn a_load_balancer_has_an_address_per_family() {
        assert_eq!(addresses("LoadBalancer", &["IPv6"]), ["::1"]);
        assert_eq!(addresses("LoadBalancer", &["IPv4"]), ["127.0.0.1"]);
        assert_eq!(
            addresses("LoadBalancer", &["IPv6", "IPv4"]),
            ["127.0.0.1", "::1"]
        );
        assert_eq!(addresses("LoadBalancer", &[]), ["::1"]);
    }

    #[test]
    fn other_services_have_none() {
        assert!(addresses("ClusterIP", &["IPv6"]).is_empty());
    }
}
