//! The frame of a Shoot in its Seed: namespace, Cluster, network policies.

use std::collections::BTreeMap;

use futures_util::future::try_join_all;
use k8s_openapi::{
    api::{core::v1::Namespace, networking::v1::NetworkPolicy},
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
};
use kube::{Api, ResourceExt as _, api::ObjectMeta as Meta};
use serde::Serialize;
use serde_json::{Value, json};

use super::operation::Operation;
use crate::{
    api::extensions::{Cluster, ClusterSpec},
    generate::network_policies::{RuntimeNetworks, ShootNetworks, policies},
    net::Cidr,
    stack::{
        error::ReconcileError,
        names::{PROJECT_LABEL, ROLE_LABEL},
        networks::seed_families,
    },
};

impl Operation<'_> {
    pub(crate) async fn deploy_namespace(&self) -> Result<Option<String>, ReconcileError> {
        let provider = &self.shoot.spec.provider.type_;
        let mut labels = BTreeMap::from([
            (ROLE_LABEL.to_owned(), "shoot".to_owned()),
            (PROJECT_LABEL.to_owned(), self.project.clone()),
            ("shoot.gardener.cloud/provider".to_owned(), provider.clone()),
            (
                "seed.gardener.cloud/provider".to_owned(),
                self.seed.spec.provider.type_.clone(),
            ),
        ]);
        let networking = self.shoot.spec.networking.as_ref();
        if let Some(type_) = networking.and_then(|networking| networking.type_.clone()) {
            labels.insert("networking.shoot.gardener.cloud/provider".to_owned(), type_);
        }
        let uid = self.shoot.uid().unwrap_or_default();
        let namespace = Namespace {
            metadata: ObjectMeta {
                name: Some(self.namespace.clone()),
                labels: Some(labels),
                annotations: Some(BTreeMap::from([(
                    "shoot.gardener.cloud/uid".to_owned(),
                    uid,
                )])),
                ..ObjectMeta::default()
            },
            ..Namespace::default()
        };
        let api = Api::all(self.context.client.clone());
        self.context.apply(&api, &namespace).await?;
        Ok(None)
    }

    pub(crate) async fn deploy_cluster(&self) -> Result<Option<String>, ReconcileError> {
        let cluster = Cluster {
            metadata: Meta {
                name: Some(self.namespace.clone()),
                ..Meta::default()
            },
            spec: ClusterSpec {
                cloud_profile: self.cloud_profile.as_deref().map(snapshot),
                seed: Some(snapshot(&*self.seed)),
                shoot: Some(snapshot(self.shoot)),
            },
        };
        let api = Api::all(self.context.client.clone());
        self.context.apply(&api, &cluster).await?;
        Ok(None)
    }

    pub(crate) async fn deploy_network_policies(&self) -> Result<Option<String>, ReconcileError> {
        let networks = &self.seed.spec.networks;
        let runtime = RuntimeNetworks {
            families: seed_families(&self.seed),
            pods: vec![networks.pods.clone()],
            services: vec![networks.services.clone()],
            nodes: networks.nodes.iter().cloned().collect(),
            block_cidrs: networks.block_cidrs.clone(),
            api_server: self
                .context
                .api_server
                .iter()
                .map(|(address, port)| (Cidr::host(*address), *port))
                .collect(),
        };
        let shoot = ShootNetworks {
            families: self.families,
            ranges: self.ranges().all().map(str::to_owned).collect(),
        };
        let policies = policies(&self.namespace, &runtime, &shoot)
            .map_err(|error| ReconcileError::configuration(error.to_string()))?;
        let api: Api<NetworkPolicy> = Api::namespaced(self.context.client.clone(), &self.namespace);
        try_join_all(
            policies
                .iter()
                .map(|policy| self.context.apply(&api, policy)),
        )
        .await?;
        Ok(None)
    }
}

/// An object as extensions see it: without its status, which changes all the time, and without the
/// book-keeping of the API server.
fn snapshot(object: &impl Serialize) -> Value {
    let mut value = serde_json::to_value(object).expect("API objects have a JSON form");
    if let Some(map) = value.as_object_mut() {
        map.shift_remove("status");
        let metadata = map.entry("metadata").or_insert_with(|| json!({}));
        if let Some(metadata) = metadata.as_object_mut() {
            // Labels of a Shoot tell its health, which changes with every reconciliation.
            for key in ["managedFields", "resourceVersion", "labels", "finalizers"] {
                metadata.shift_remove(key);
            }
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_changes_only_with_the_specification() {
        let object = json!({
            "kind": "Shoot",
            "metadata": {"name": "a", "resourceVersion": "1", "managedFields": []},
            "spec": {"region": "local"},
            "status": {"hibernated": false},
        });
        assert_eq!(
            snapshot(&object),
            json!({"kind": "Shoot", "metadata": {"name": "a"}, "spec": {"region": "local"}})
        );
    }
}
