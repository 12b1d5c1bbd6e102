//! Infrastructures: nothing has to be made, the ranges of the Shoot are reported as they are.

use async_trait::async_trait;
use kube::ResourceExt as _;
use serde_json::json;

use crate::{
    api::{
        core::{Seed, Shoot},
        extensions::{Cluster, Infrastructure, InfrastructureNetworking},
    },
    ipam::AddressPlan,
    net::Families,
    stack::{
        context::Context,
        error::ReconcileError,
        extension::Actuator,
        networks::{ShootRanges, family_of, shoot_families},
    },
};

/// Realises Infrastructures of type `local`.
pub(crate) struct InfrastructureActuator;

#[async_trait]
impl Actuator<Infrastructure> for InfrastructureActuator {
    async fn reconcile(
        &self,
        context: &Context,
        object: &mut Infrastructure,
    ) -> Result<(), ReconcileError> {
        let namespace = object.namespace().unwrap_or_default();
        let (shoot, seed) = shoot_and_seed(context, &namespace).await?;
        let families = shoot_families(&shoot);
        let mut ranges = ShootRanges::wanted(&shoot, &seed);
        complete(&mut ranges, families, &context.options.plan);
        let status = object.status.get_or_insert_default();
        status.common.provider_status = Some(json!({
            "apiVersion": "local.provider.extensions.gardener.cloud/v1alpha1",
            "kind": "InfrastructureStatus",
            "nodes": ranges.nodes,
        }));
        // What leaves the Shoot comes from its nodes.
        status.egress_cidrs.clone_from(&ranges.nodes);
        status.nodes_cidr = ranges.nodes.first().cloned();
        status.networking = Some(InfrastructureNetworking {
            pods: ranges.pods,
            nodes: ranges.nodes,
            services: ranges.services,
        });
        Ok(())
    }
}

/// Gives every family of the Shoot the ranges that are still missing: those of the environment.
fn complete(ranges: &mut ShootRanges, families: Families, plan: &AddressPlan) {
    for family in families.iter() {
        let plan = plan.of(family);
        for (list, range) in [
            (&mut ranges.nodes, plan.shoot_nodes),
            (&mut ranges.pods, plan.shoot_pods),
            (&mut ranges.services, plan.shoot_services),
        ] {
            if !list.iter().any(|text| family_of(text) == Some(family)) {
                list.push(range.to_string());
            }
            // The range of the primary family is the one that counts where there is room for one.
            list.sort_by_key(|text| family_of(text) != Some(families.primary()));
        }
    }
}

/// The objects that a Cluster hands to extensions.
pub(crate) async fn shoot_and_seed(
    context: &Context,
    namespace: &str,
) -> Result<(Shoot, Seed), ReconcileError> {
    let cluster = kube::Api::<Cluster>::all(context.client.clone())
        .get(namespace)
        .await
        .map_err(ReconcileError::api(format!("read Cluster {namespace}")))?;
    let read = |what: &str, value: Option<serde_json::Value>| {
        value.ok_or_else(|| {
            ReconcileError::configuration(format!("Cluster {namespace} has no {what}"))
        })
    };
    let shoot = read("Shoot", cluster.spec.shoot)?;
    let seed = read("Seed", cluster.spec.seed)?;
    let unreadable = |error: serde_json::Error| {
        ReconcileError::configuration(format!("Cluster {namespace} cannot be read: {error}"))
    };
    Ok((
        serde_json::from_value(shoot).map_err(unreadable)?,
        serde_json::from_value(seed).map_err(unreadable)?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::IpFamily;

    #[test]
    fn a_dual_stack_shoot_gets_ranges_of_both_families_the_primary_one_first() {
        let families = Families::dual(IpFamily::V6);
        let plan = AddressPlan::default_for(families);
        let mut ranges = ShootRanges {
            pods: vec!["2001:db8:1::/48".to_owned()],
            nodes: vec!["10.255.0.0/16".to_owned()],
            ..ShootRanges::default()
        };
        complete(&mut ranges, families, &plan);
        assert_eq!(ranges.pods, ["2001:db8:1::/48", "10.3.0.0/16"]);
        assert_eq!(ranges.nodes, ["fd00:10:1:100::/56", "10.255.0.0/16"]);
        assert_eq!(ranges.services, ["fd00:10:4::/112", "10.4.0.0/16"]);
    }
}
