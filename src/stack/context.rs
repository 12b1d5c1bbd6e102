//! What every controller has at hand.

use std::{
    collections::HashMap,
    fmt::Debug,
    net::IpAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use jiff::Timestamp;

use kube::{
    Api, Client, Resource, ResourceExt as _,
    api::{DeleteParams, Patch, PatchParams},
    runtime::{
        events::{Event, EventType, Recorder},
        reflector::{ObjectRef, Store},
    },
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{
    error::ReconcileError,
    ledger::{Ledger, ObjectKey},
    merge,
    names::FIELD_MANAGER,
    options::Options,
    provider_local::dns::Zones,
};
use crate::{
    api::{
        core::{CloudProfile, Project, Seed, Shoot},
        extensions::{DnsRecord, Infrastructure, Network, OperatingSystemConfig, Worker},
    },
    clock::Clock,
};

/// Read access to what the watches saw.
#[derive(Clone)]
pub(crate) struct Stores {
    pub(crate) shoots: Store<Shoot>,
    pub(crate) seeds: Store<Seed>,
    pub(crate) projects: Store<Project>,
    pub(crate) cloud_profiles: Store<CloudProfile>,
    pub(crate) infrastructures: Store<Infrastructure>,
    pub(crate) networks: Store<Network>,
    pub(crate) workers: Store<Worker>,
    pub(crate) operating_system_configs: Store<OperatingSystemConfig>,
    pub(crate) dns_records: Store<DnsRecord>,
    pub(crate) services: Store<k8s_openapi::api::core::v1::Service>,
}

/// What every controller has at hand.
pub(crate) struct Context {
    pub(crate) client: Client,
    pub(crate) options: Options,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) stores: Stores,
    pub(crate) zones: Arc<Zones>,
    pub(crate) ledger: Ledger,
    /// Where the API server of the cluster answers.
    pub(crate) api_server: Vec<(IpAddr, i32)>,
    /// The version of the cluster.
    pub(crate) kubernetes_version: Option<String>,
    technical_ids: Mutex<HashMap<String, Known>>,
}

/// A Shoot behind a namespace of the Seed.
struct Known {
    shoot: ObjectRef<Shoot>,
    /// When everything of it was last applied without looking at what was applied before.
    in_full: Timestamp,
}

/// How long what was applied is trusted to be there still.
pub(crate) const TRUST: Duration = Duration::from_secs(600);

impl Context {
    pub(crate) fn new(
        client: Client,
        options: Options,
        clock: Arc<dyn Clock>,
        stores: Stores,
    ) -> Self {
        Self {
            zones: Arc::new(Zones::new(&options.dns_zones)),
            client,
            options,
            clock,
            stores,
            ledger: Ledger::default(),
            api_server: Vec::new(),
            kubernetes_version: None,
            technical_ids: Mutex::default(),
        }
    }

    /// Remembers which Shoot a namespace of the Seed belongs to. From time to time everything of
    /// it is applied again, for what somebody else changed or removed.
    pub(crate) fn remember_shoot(&self, technical_id: &str, shoot: ObjectRef<Shoot>) {
        let now = self.clock.now();
        let mut known = self
            .technical_ids
            .lock()
            .expect("no panic happens under this lock");
        let old = known.get(technical_id).map(|known| known.in_full);
        let in_full = old.filter(|then| now.duration_since(*then).unsigned_abs() < TRUST);
        if old.is_some() && in_full.is_none() {
            self.ledger.forget_namespace(technical_id);
        }
        let in_full = in_full.unwrap_or(now);
        known.insert(technical_id.to_owned(), Known { shoot, in_full });
    }

    /// Forgets a Shoot that is gone.
    pub(crate) fn forget_shoot(&self, technical_id: &str) {
        let mut known = self
            .technical_ids
            .lock()
            .expect("no panic happens under this lock");
        known.remove(technical_id);
        drop(known);
        self.ledger.forget_namespace(technical_id);
    }

    /// The Shoot that a namespace of the Seed belongs to.
    pub(crate) fn shoot_of(&self, technical_id: &str) -> Option<ObjectRef<Shoot>> {
        let known = self
            .technical_ids
            .lock()
            .expect("no panic happens under this lock");
        known.get(technical_id).map(|known| known.shoot.clone())
    }

    /// How many Shoots a Seed hosts.
    pub(crate) fn shoots_on(&self, seed: &str) -> usize {
        let on_seed = |shoot: &Shoot| shoot.spec.seed_name.as_deref() == Some(seed);
        self.stores.shoots.state_filter(on_seed).len()
    }

    /// Makes an object look as given by server-side apply, unless that was done already.
    ///
    /// Returns the resource version that carries the content.
    pub(crate) async fn apply<K>(&self, api: &Api<K>, object: &K) -> Result<u64, ReconcileError>
    where
        K: Resource<DynamicType = ()> + Serialize + DeserializeOwned + Clone + Debug,
    {
        let key = key_of(object);
        let body = serde_json::to_vec(object).expect("API objects have a JSON form");
        if let Some(version) = self.ledger.version_of(&key, &body) {
            return Ok(version);
        }
        let params = PatchParams::apply(FIELD_MANAGER).force();
        let applied = api
            .patch(&key.name, &params, &Patch::Apply(object))
            .await
            .map_err(ReconcileError::api(format!(
                "apply {} {}",
                key.kind, key.name
            )))?;
        let version = resource_version(&applied);
        self.ledger.record(key, &body, version);
        Ok(version)
    }

    /// Deletes an object. True once it is gone.
    pub(crate) async fn delete<K>(&self, api: &Api<K>, name: &str) -> Result<bool, ReconcileError>
    where
        K: Resource<DynamicType = ()> + DeserializeOwned + Clone + Debug,
    {
        match api.delete(name, &DeleteParams::background()).await {
            Ok(_) => Ok(false),
            Err(kube::Error::Api(status)) if status.code == 404 => Ok(true),
            // Somebody else's delete is under way (namespaces answer like this).
            Err(kube::Error::Api(status)) if status.code == 409 => Ok(false),
            Err(source) => {
                let what = format!("delete {} {name}", K::kind(&()));
                Err(ReconcileError::api(what)(source))
            }
        }
    }

    /// Writes what differs between two states of an object's status; nothing if nothing does.
    pub(crate) async fn write_status<K>(
        &self,
        api: &Api<K>,
        old: &K,
        new: &K,
    ) -> Result<bool, ReconcileError>
    where
        K: Resource<DynamicType = ()> + Serialize + DeserializeOwned + Clone + Debug,
    {
        let status = |object: &K| {
            let value = serde_json::to_value(object).expect("API objects have a JSON form");
            value.get("status").cloned().unwrap_or_else(|| json!({}))
        };
        let Some(patch) = merge::difference(&status(old), &status(new)) else {
            return Ok(false);
        };
        let name = old.name_any();
        let params = PatchParams {
            field_manager: Some(FIELD_MANAGER.to_owned()),
            ..PatchParams::default()
        };
        api.patch_status(&name, &params, &Patch::Merge(json!({ "status": patch })))
            .await
            .map_err(ReconcileError::api(format!(
                "write the status of {} {name}",
                K::kind(&())
            )))?;
        Ok(true)
    }

    /// Merges a patch into the metadata or the specification of an object.
    pub(crate) async fn merge<K>(
        &self,
        api: &Api<K>,
        object: &K,
        patch: &Value,
    ) -> Result<K, ReconcileError>
    where
        K: Resource<DynamicType = ()> + Serialize + DeserializeOwned + Clone + Debug,
    {
        let name = object.name_any();
        let params = PatchParams {
            field_manager: Some(FIELD_MANAGER.to_owned()),
            ..PatchParams::default()
        };
        api.patch(&name, &params, &Patch::Merge(patch))
            .await
            .map_err(ReconcileError::api(format!(
                "change {} {name}",
                K::kind(&())
            )))
    }

    /// Tells people about an object. A lost event is no reason to fail.
    ///
    /// Callers report changes only, so the aggregation of a long-lived recorder, which costs time
    /// in the number of all past events, is not needed.
    pub(crate) async fn event<K>(&self, object: &K, type_: EventType, reason: &str, note: String)
    where
        K: Resource<DynamicType = ()>,
    {
        let recorder = Recorder::new(self.client.clone(), FIELD_MANAGER.into());
        let event = Event {
            type_,
            reason: reason.to_owned(),
            note: Some(note),
            action: reason.to_owned(),
            secondary: None,
        };
        if let Err(error) = recorder.publish(&event, &object.object_ref(&())).await {
            tracing::debug!(%error, reason, "an event was lost");
        }
    }
}

/// The key of an object in the ledger.
pub(crate) fn key_of<K: Resource<DynamicType = ()>>(object: &K) -> ObjectKey {
    ObjectKey {
        kind: K::kind(&()).into_owned(),
        namespace: object.meta().namespace.clone().unwrap_or_default(),
        name: object.meta().name.clone().unwrap_or_default(),
    }
}

/// The resource version as a number; Kubernetes made its order part of the API (KEP-5504).
pub(crate) fn resource_version<K: Resource>(object: &K) -> u64 {
    object
        .meta()
        .resource_version
        .as_deref()
        .and_then(|version| version.parse().ok())
        .unwrap_or_default()
}
