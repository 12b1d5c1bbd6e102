//! Infrastructure, Network, operating system and Worker of a Shoot.

use std::collections::BTreeMap;

use kube::{Api, ResourceExt as _, api::ListParams, runtime::reflector::ObjectRef};
use serde_json::Value;

use super::{dns::no_credentials, observe::waiting_for, operation::Operation};
use crate::{
    api::{
        core::WorkerPool,
        extensions::{
            Infrastructure, InfrastructureNetworking, InfrastructureSpec, MachineImage,
            MachinePool, Network, NetworkSpec, OperatingSystemConfig, OperatingSystemConfigSpec,
            Worker, WorkerSpec,
        },
        gates::ApiProfile,
    },
    generate::sysctls,
    net::IpFamily,
    stack::{error::ReconcileError, networks::family_of},
};

impl Operation<'_> {
    pub(crate) async fn deploy_infrastructure(&self) -> Result<Option<String>, ReconcileError> {
        let name = self.name();
        let mut object = Infrastructure::new(
            &name,
            InfrastructureSpec {
                type_: self.shoot.spec.provider.type_.clone(),
                provider_config: self.shoot.spec.provider.infrastructure_config.clone(),
                region: self.shoot.spec.region.clone(),
                secret_ref: no_credentials(),
                ..InfrastructureSpec::default()
            },
        );
        object.metadata = self.metadata(&name);
        let api = Api::namespaced(self.context.client.clone(), &self.namespace);
        let version = self.context.apply(&api, &object).await?;
        let store = &self.context.stores.infrastructures;
        waiting_for(store, &self.namespace, &name, version)
    }

    /// What the Infrastructure reports, once it is ready.
    pub(crate) fn infrastructure(&self) -> Option<(Infrastructure, InfrastructureNetworking)> {
        let reference = ObjectRef::new(&self.name()).within(&self.namespace);
        let object = self.context.stores.infrastructures.get(&reference)?;
        let networking = object.status.as_ref()?.networking.clone()?;
        Some(((*object).clone(), networking))
    }

    pub(crate) async fn deploy_network(&self) -> Result<Option<String>, ReconcileError> {
        let name = self.name();
        let networking = self.shoot.spec.networking.clone().unwrap_or_default();
        let (_, reported) = self.infrastructure().unwrap_or_default();
        let one = |list: &[String]| self.one_range(list).unwrap_or_default();
        let spec = NetworkSpec {
            type_: networking.type_.unwrap_or_default(),
            provider_config: networking.provider_config,
            pod_cidr: one(&reported.pods),
            service_cidr: one(&reported.services),
            ip_families: networking.ip_families,
            ..NetworkSpec::default()
        };
        let mut object = Network::new(&name, spec);
        object.metadata = self.metadata(&name);
        let api = Api::namespaced(self.context.client.clone(), &self.namespace);
        let version = self.context.apply(&api, &object).await?;
        waiting_for(
            &self.context.stores.networks,
            &self.namespace,
            &name,
            version,
        )
    }

    /// The one range that fits into a Network. For `[IPv6, IPv4]` today's Gardener takes the IPv4
    /// one; by the rules of GEP-21 it is always one of the primary family.
    fn one_range(&self, list: &[String]) -> Option<String> {
        let profile = self.context.options.api_profile;
        let dual = self.families.is_dual() && profile == ApiProfile::Upstream;
        let v4 = list
            .iter()
            .find(|range| dual && family_of(range) == Some(IpFamily::V4));
        v4.or_else(|| list.first()).cloned()
    }

    pub(crate) async fn deploy_operating_systems(&self) -> Result<Option<String>, ReconcileError> {
        let api = Api::namespaced(self.context.client.clone(), &self.namespace);
        let mut waiting = None;
        let mut kept = Vec::new();
        for pool in &self.shoot.spec.provider.workers {
            let object = self.operating_system_config(pool);
            let version = self.context.apply(&api, &object).await?;
            let store = &self.context.stores.operating_system_configs;
            let state = waiting_for(store, &self.namespace, &object.name_any(), version)?;
            waiting = waiting.or(state);
            kept.push(object.name_any());
        }
        if self.is_changed() {
            for name in self.operating_systems(&api).await? {
                if !kept.contains(&name) {
                    self.context.delete(&api, &name).await?;
                }
            }
        }
        Ok(waiting)
    }

    /// Whether the specification changed since the last pass; then a pool may be gone.
    fn is_changed(&self) -> bool {
        let observed = self
            .shoot
            .status
            .as_ref()
            .and_then(|status| status.observed_generation);
        observed.is_some() && observed != self.shoot.metadata.generation
    }

    /// The names of all operating system objects of the Shoot.
    pub(super) async fn operating_systems(
        &self,
        api: &Api<OperatingSystemConfig>,
    ) -> Result<Vec<String>, ReconcileError> {
        let list = api
            .list(&ListParams::default())
            .await
            .map_err(ReconcileError::api("list OperatingSystemConfigs"))?;
        Ok(list.items.iter().map(kube::ResourceExt::name_any).collect())
    }

    fn operating_system_config(&self, pool: &WorkerPool) -> OperatingSystemConfig {
        let name = format!("gardener-node-agent-{}-original", pool.name);
        let spec = OperatingSystemConfigSpec {
            type_: machine_image(pool).name,
            purpose: "reconcile".to_owned(),
            files: vec![sysctls::file(&sysctls_of(pool))],
            ..OperatingSystemConfigSpec::default()
        };
        let mut object = OperatingSystemConfig::new(&name, spec);
        object.metadata = self.metadata(&name);
        let labels = object.metadata.labels.get_or_insert_default();
        labels.insert("worker.gardener.cloud/pool".to_owned(), pool.name.clone());
        object
    }

    pub(crate) async fn deploy_worker(&self) -> Result<Option<String>, ReconcileError> {
        let name = self.name();
        let (infrastructure, _) = self.infrastructure().unwrap_or_default();
        let provider_status = infrastructure
            .status
            .and_then(|status| status.common.provider_status);
        let spec = WorkerSpec {
            type_: self.shoot.spec.provider.type_.clone(),
            region: self.shoot.spec.region.clone(),
            secret_ref: no_credentials(),
            infrastructure_provider_status: provider_status,
            pools: self
                .shoot
                .spec
                .provider
                .workers
                .iter()
                .map(|pool| self.machine_pool(pool))
                .collect(),
            ..WorkerSpec::default()
        };
        let mut object = Worker::new(&name, spec);
        object.metadata = self.metadata(&name);
        let api = Api::namespaced(self.context.client.clone(), &self.namespace);
        let version = self.context.apply(&api, &object).await?;
        waiting_for(
            &self.context.stores.workers,
            &self.namespace,
            &name,
            version,
        )
    }

    fn machine_pool(&self, pool: &WorkerPool) -> MachinePool {
        let own_version = pool.kubernetes.as_ref().and_then(|own| own.version.clone());
        MachinePool {
            name: pool.name.clone(),
            machine_type: pool.machine.type_.clone(),
            minimum: pool.minimum,
            maximum: pool.maximum,
            max_surge: pool.max_surge.clone(),
            max_unavailable: pool.max_unavailable.clone(),
            machine_image: machine_image(pool),
            kubernetes_version: own_version.or_else(|| self.shoot.spec.kubernetes.version.clone()),
            zones: pool.zones.clone(),
            provider_config: pool.provider_config.clone(),
            labels: BTreeMap::from([("worker.gardener.cloud/pool".to_owned(), pool.name.clone())]),
            ..MachinePool::default()
        }
    }
}

/// The image of a pool; the local cloud profile has only one.
fn machine_image(pool: &WorkerPool) -> MachineImage {
    let text = |path: &[&str]| {
        let value = pool.machine.other.get(path).and_then(Value::as_str);
        value.map(str::to_owned)
    };
    MachineImage {
        name: text(&["image", "name"]).unwrap_or_else(|| "local".to_owned()),
        version: text(&["image", "version"]).unwrap_or_else(|| "1.0.0".to_owned()),
    }
}

/// The kernel settings that a pool asks for.
fn sysctls_of(pool: &WorkerPool) -> BTreeMap<String, String> {
    let settings = pool.other.get(&["sysctls"]).and_then(Value::as_object);
    settings
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_pool_brings_image_and_sysctls_along() {
        let pool = json!({
            "name": "a",
            "machine": {"type": "local", "image": {"name": "flatcar", "version": "4.2.0"}},
            "sysctls": {"net.ipv6.conf.all.forwarding": "0"},
        });
        let pool: WorkerPool = serde_json::from_value(pool).unwrap();
        assert_eq!(machine_image(&pool).name, "flatcar");
        assert_eq!(sysctls_of(&pool).len(), 1);
        assert_eq!(machine_image(&WorkerPool::default()).name, "local");
    }
}
