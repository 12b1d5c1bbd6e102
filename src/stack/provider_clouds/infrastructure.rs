//! Infrastructures on simulated clouds.

use std::sync::Arc;

use async_trait::async_trait;
use kube::ResourceExt as _;
use serde_json::{Value, json};

use super::{
    assigned::{Assigned, wanted},
    cloud::Cloud,
    config::{self, InfrastructureConfig},
    publish::{check, networking, published},
};
use crate::{
    api::{core::Shoot, extensions::Infrastructure},
    ipam::clouds::{
        limits::{DEFAULT_KUBERNETES, Kubernetes},
        unique_local,
    },
    net::{Cidr, IpFamily},
    stack::{
        context::Context, error::ReconcileError, extension::Actuator, networks::shoot_families,
        provider_local::shoot_and_seed,
    },
};

/// Realises Infrastructures of one of the clouds.
pub(crate) struct InfrastructureActuator {
    /// Which.
    pub(crate) provider: &'static str,
    /// All of them.
    pub(crate) cloud: Arc<Cloud>,
}

/// The zone of Shoots that name none.
const ONLY_ZONE: &str = "a";

#[async_trait]
impl Actuator<Infrastructure> for InfrastructureActuator {
    async fn reconcile(
        &self,
        context: &Context,
        object: &mut Infrastructure,
    ) -> Result<(), ReconcileError> {
        let namespace = object.namespace().unwrap_or_default();
        let (shoot, _) = shoot_and_seed(context, &namespace).await?;
        let config: InfrastructureConfig = config::read(
            "spec.provider.infrastructureConfig",
            object.spec.provider_config.as_ref(),
        )?;
        let families = shoot_families(&shoot);
        let fields = networking(&shoot);
        check(self.provider, &fields, families)?;
        self.cloud
            .fail_on_purpose(&namespace, config.simulate.failures)?;
        let zones = zones(&config, &shoot);
        let assigned = if families.contains(IpFamily::V6) {
            self.remember(context).await;
            Some(self.assigned(object, &config, &shoot, zones.len())?)
        } else {
            None
        };
        let resolution = assigned.as_ref().map(Assigned::resolve).transpose()?;
        let ranges = resolution.as_ref().map(|resolution| &resolution.ranges);
        let networking = published(&fields, families, ranges);
        let subnet = assigned.as_ref().and_then(Assigned::subnet);
        let status = object.status.get_or_insert_default();
        status.common.provider_status = Some(json!({
            "apiVersion": format!("{}.provider.extensions.gardener.cloud/v1alpha1", self.provider),
            "kind": "InfrastructureStatus",
            "families": families,
            "zones": zones,
            "nodes": networking.nodes,
            "pods": networking.pods,
            "ipv6": assigned,
            "subnet": subnet.map(|subnet| json!({
                "cidr": subnet.subnet,
                "gateway": subnet.gateway,
                "allocationPool": [subnet.allocation_pool.0, subnet.allocation_pool.1],
                "clusterCIDRForNodeIPAM": subnet.node_ipam,
            })),
        }));
        status.egress_cidrs.clone_from(&networking.nodes);
        status.nodes_cidr = networking.nodes.first().cloned();
        status.networking = Some(networking);
        Ok(())
    }

    async fn delete(&self, _: &Context, object: &Infrastructure) -> Result<(), ReconcileError> {
        let namespace = object.namespace().unwrap_or_default();
        self.cloud.take_back(self.provider, &namespace);
        Ok(())
    }
}

/// What an Infrastructure was given before.
pub(super) fn given(status: Option<&Value>) -> Option<Assigned> {
    let value = status?.get("ipv6")?;
    serde_json::from_value(value.clone()).ok()
}

impl InfrastructureActuator {
    /// Lets the cloud know what all Infrastructures have from before this process.
    async fn remember(&self, context: &Context) {
        let store = &context.stores.infrastructures;
        // Where the watch does not even start, there is nothing to reconcile either.
        drop(store.wait_until_ready().await);
        let mine = |other: &Infrastructure| other.spec.type_ == self.provider;
        for other in store.state_filter(mine) {
            let status = other.status.as_ref();
            let status = status.and_then(|status| status.common.provider_status.as_ref());
            if let Some(given) = given(status)
                && other.metadata.deletion_timestamp.is_none()
            {
                let owner = other.namespace().unwrap_or_default();
                self.cloud.restore(self.provider, &owner, &given.blocks);
            }
        }
    }

    /// What the Shoot has, or gets now. Once published it never changes.
    fn assigned(
        &self,
        object: &Infrastructure,
        config: &InfrastructureConfig,
        shoot: &Shoot,
        zones: usize,
    ) -> Result<Assigned, ReconcileError> {
        let status = object.status.as_ref();
        let status = status.and_then(|status| status.common.provider_status.as_ref());
        if let Some(given) = given(status) {
            return Ok(given);
        }
        let owner = object.namespace().unwrap_or_default();
        let kubernetes = kubernetes(shoot);
        let blocks = self.blocks(config, &owner)?;
        let assigned = Assigned::new(self.provider, config, zones, blocks, kubernetes)?;
        // What leads to nothing must not be kept from others.
        if let Err(error) = assigned.resolve() {
            self.cloud.take_back(self.provider, &owner);
            return Err(error);
        }
        Ok(assigned)
    }

    fn blocks(
        &self,
        config: &InfrastructureConfig,
        owner: &str,
    ) -> Result<Vec<Cidr>, ReconcileError> {
        let ipv6 = &config.ipv6;
        let provider = self.provider;
        for (member, given) in [("services", ipv6.services.is_some()), ("own", ipv6.own)] {
            if given && ipv6.cidr.is_none() {
                return Err(ReconcileError::configuration(format!(
                    "infrastructureConfig.ipv6.{member} needs ipv6.cidr beside it"
                )));
            }
        }
        let exactly: Vec<Cidr> = ipv6.cidr.into_iter().chain(ipv6.services).collect();
        if ipv6.cidr.is_some() {
            return self.cloud.let_have(provider, owner, exactly);
        }
        match wanted(provider, ipv6) {
            Some(wanted) => {
                let pool = ipv6.pool.as_deref().unwrap_or("default");
                self.cloud.hand_out(provider, owner, pool, wanted)
            }
            // A range of one's own, the same again for the same Shoot.
            None => self
                .cloud
                .let_have(provider, owner, vec![unique_local::site(owner)]),
        }
    }
}

/// The zones of a Shoot: those of its infrastructure, or of its workers.
fn zones(config: &InfrastructureConfig, shoot: &Shoot) -> Vec<String> {
    if !config.zones.is_empty() {
        return config.zones.clone();
    }
    let mut zones: Vec<String> = Vec::new();
    for zone in shoot
        .spec
        .provider
        .workers
        .iter()
        .flat_map(|pool| &pool.zones)
    {
        if !zones.contains(zone) {
            zones.push(zone.clone());
        }
    }
    if zones.is_empty() {
        zones.push(ONLY_ZONE.to_owned());
    }
    zones
}

/// The version that a Shoot asks for.
fn kubernetes(shoot: &Shoot) -> Kubernetes {
    let version = shoot.spec.kubernetes.version.as_deref().unwrap_or_default();
    let mut parts = version.trim_start_matches('v').split('.').map(str::parse);
    match (parts.next(), parts.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => (major, minor),
        _ => DEFAULT_KUBERNETES,
    }
}
