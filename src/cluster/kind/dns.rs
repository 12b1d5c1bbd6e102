//! CoreDNS on the cluster: kubeadm's configuration, replaced where pods cannot reach whom it asks.

use k8s_openapi::api::core::v1::ConfigMap;
use kube::{Api, Client};

use super::KindError;
use crate::{
    cluster::{
        ClusterError,
        apply::{UnknownKind, apply},
    },
    config::Environment,
    generate::{Templates, coredns},
    progress::Step,
    yaml,
};

/// Gives CoreDNS a configuration that works for the families, if the cluster has CoreDNS at all and
/// kubeadm's own does not do. Doing it again changes nothing.
pub(super) async fn configure(
    client: &Client,
    environment: &Environment,
    step: &Step,
) -> Result<(), ClusterError> {
    if !coredns::is_needed(environment) {
        return Ok(());
    }
    let config_maps: Api<ConfigMap> = Api::namespaced(client.clone(), "kube-system");
    let found = config_maps.get_opt("coredns").await;
    let found = found.map_err(|source| ClusterError::Api {
        request: "get ConfigMap kube-system/coredns".to_owned(),
        source: Box::new(source),
    })?;
    if found.is_none() {
        return Ok(());
    }
    step.detail("telling CoreDNS whom to ask");
    let text = coredns::coredns(environment, Templates::embedded()).map_err(KindError::from)?;
    let object = yaml::parse(&text, "coredns.yaml").expect("the generator has read it back");
    apply(client, &[object], |_| UnknownKind::Refuse, step).await?;
    Ok(())
}
