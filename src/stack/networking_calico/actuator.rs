//! Realises Networks of type `calico`.

use std::collections::BTreeMap;

use async_trait::async_trait;
use k8s_openapi::{
    api::core::v1::ConfigMap,
    apimachinery::pkg::apis::meta::v1::{ObjectMeta, Time},
};
use kube::{Api, ResourceExt as _};

use super::{
    config::NetworkConfig,
    findings::findings,
    settings::{PodRanges, settings},
};
use crate::{
    api::{
        Condition, ConditionStatus,
        extensions::Network,
        families::{FamilyList, to_list},
    },
    net::IpFamily,
    stack::{context::Context, error::ReconcileError, extension::Actuator, networks::family_of},
    yaml,
};

/// Where the settings are kept.
const CONFIG_MAP: &str = "extension-networking-calico-config";

/// Realises Networks of type `calico`.
pub(crate) struct NetworkActuator;

#[async_trait]
impl Actuator<Network> for NetworkActuator {
    async fn reconcile(
        &self,
        context: &Context,
        object: &mut Network,
    ) -> Result<(), ReconcileError> {
        let families = FamilyList(&object.spec.ip_families)
            .checked()
            .ok_or_else(|| {
                ReconcileError::configuration("spec.ipFamilies is no list of IP families")
            })?;
        let config =
            NetworkConfig::read(object.spec.provider_config.as_ref()).map_err(|error| {
                ReconcileError::configuration(format!("spec.providerConfig: {error}"))
            })?;
        let ranges = pod_ranges(context, object);
        let settings = settings(&config, families, &ranges);
        let namespace = object.namespace().unwrap_or_default();
        let map = ConfigMap {
            metadata: ObjectMeta {
                name: Some(CONFIG_MAP.to_owned()),
                namespace: Some(namespace.clone()),
                ..ObjectMeta::default()
            },
            data: Some(BTreeMap::from([(
                "settings.yaml".to_owned(),
                yaml::emit(&settings),
            )])),
            ..ConfigMap::default()
        };
        let api: Api<ConfigMap> = Api::namespaced(context.client.clone(), &namespace);
        context.apply(&api, &map).await?;

        let found: Vec<String> = findings(&config, families)
            .iter()
            .map(ToString::to_string)
            .collect();
        let (verdict, reason, message) = if found.is_empty() {
            let message = "The settings fit the IP families.".to_owned();
            (ConditionStatus::True, "SettingsFit", message)
        } else {
            (
                ConditionStatus::False,
                "SettingsCannotWork",
                found.join("; "),
            )
        };
        let now = Time(context.clock.now());
        let status = object.status.get_or_insert_default();
        status.ip_families = to_list(families);
        let new = Condition {
            type_: "SettingsUsable".to_owned(),
            status: verdict,
            last_transition_time: now.clone(),
            last_update_time: now,
            reason: reason.to_owned(),
            message,
            codes: Vec::new(),
        };
        Condition::set(&mut status.common.conditions, new);
        Ok(())
    }

    async fn delete(&self, context: &Context, object: &Network) -> Result<(), ReconcileError> {
        let namespace = object.namespace().unwrap_or_default();
        let api: Api<ConfigMap> = Api::namespaced(context.client.clone(), &namespace);
        context.delete(&api, CONFIG_MAP).await?;
        Ok(())
    }
}

/// The Network carries one range; the other family's is what the Infrastructure reports.
fn pod_ranges(context: &Context, object: &Network) -> PodRanges {
    let namespace = object.namespace().unwrap_or_default();
    let reference = kube::runtime::reflector::ObjectRef::new(&object.name_any()).within(&namespace);
    let reported = context
        .stores
        .infrastructures
        .get(&reference)
        .and_then(|infrastructure| infrastructure.status.clone()?.networking)
        .map(|networking| networking.pods)
        .unwrap_or_default();
    let of = |family: IpFamily| {
        std::iter::once(&object.spec.pod_cidr)
            .chain(&reported)
            .find(|range| family_of(range) == Some(family))
            .cloned()
    };
    PodRanges {
        v4: of(IpFamily::V4),
        v6: of(IpFamily::V6),
    }
}
