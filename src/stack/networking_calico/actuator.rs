//! Realises Networks of type `calico`.

use std::collections::BTreeMap;

use async_trait::async_trait;
use k8s_openapi::{
    api::core::v1::ConfigMap,
    apimachinery::pkg::apis::meta::v1::{ObjectMeta, Time},
};
use kube::{Api, ResourceExt as _, runtime::reflector::ObjectRef};

use super::{
    effective::{Input, KubeProxy, through_controller},
    findings::findings,
    rendered::render,
    validation,
};
use crate::{
    api::{
        Condition, ConditionStatus,
        calico::NetworkConfig,
        extensions::{InfrastructureNetworking, Network},
        families::{FamilyList, to_list},
        validation::Path,
    },
    stack::{context::Context, error::ReconcileError, extension::Actuator, provider_local},
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
        let kube_proxy = kube_proxy(context, object).await;
        let input = input(context, object, kube_proxy)?;
        let families = input.families;
        let found: Vec<String> = findings(&input.config, families)
            .iter()
            .map(ToString::to_string)
            .collect();
        let rendered = render(&through_controller(input)).map_err(|error| {
            ReconcileError::configuration(format!("spec.providerConfig.{error}"))
        })?;
        let namespace = object.namespace().unwrap_or_default();
        let map = ConfigMap {
            metadata: ObjectMeta {
                name: Some(CONFIG_MAP.to_owned()),
                namespace: Some(namespace.clone()),
                ..ObjectMeta::default()
            },
            data: Some(BTreeMap::from([(
                "settings.yaml".to_owned(),
                yaml::emit(&rendered),
            )])),
            ..ConfigMap::default()
        };
        let api: Api<ConfigMap> = Api::namespaced(context.client.clone(), &namespace);
        context.apply(&api, &map).await?;

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

/// Reads and checks what a Network asks for.
///
/// The ranges that the Shoot's status will report are taken from where gardenlet takes them, too:
/// the Infrastructure. So the first rendering is the right one.
fn input(
    context: &Context,
    object: &Network,
    kube_proxy: KubeProxy,
) -> Result<Input, ReconcileError> {
    let families = FamilyList(&object.spec.ip_families)
        .checked()
        .ok_or_else(|| {
            ReconcileError::configuration("spec.ipFamilies is no list of IP families")
        })?;
    let config = NetworkConfig::from_provider_config(object.spec.provider_config.as_ref())
        .map_err(|error| ReconcileError::configuration(format!("spec.providerConfig: {error}")))?;
    let base = Path::new("spec.providerConfig");
    let mut errors = validation::config(&config, &object.spec.ip_families, &base);
    errors.extend(validation::kube_proxy(&config, &kube_proxy));
    if !errors.is_empty() {
        let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
        return Err(ReconcileError::configuration(errors.join("; ")));
    }
    let reported = reported(context, object);
    Ok(Input {
        config,
        families,
        pod_cidr: object.spec.pod_cidr.clone(),
        nodes: reported.nodes.first().cloned(),
        status_pods: reported.pods,
        status_nodes: reported.nodes,
        kube_proxy,
        dual_stack_ready: None,
    })
}

/// The kube-proxy of the Shoot; the defaults for a Network that belongs to none.
async fn kube_proxy(context: &Context, object: &Network) -> KubeProxy {
    let namespace = object.namespace().unwrap_or_default();
    let found = provider_local::shoot_and_seed(context, &namespace).await;
    found.map_or_else(|_| KubeProxy::default(), |(shoot, _)| KubeProxy::of(&shoot))
}

/// The ranges of the Shoot; what the Network says alone where no Infrastructure reports any.
fn reported(context: &Context, object: &Network) -> InfrastructureNetworking {
    let namespace = object.namespace().unwrap_or_default();
    let reference = ObjectRef::new(&object.name_any()).within(&namespace);
    context
        .stores
        .infrastructures
        .get(&reference)
        .and_then(|infrastructure| infrastructure.status.clone()?.networking)
        .unwrap_or_else(|| InfrastructureNetworking {
            pods: vec![object.spec.pod_cidr.clone()],
            ..InfrastructureNetworking::default()
        })
}
