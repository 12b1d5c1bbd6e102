//! DNS records: the zones of the DNS server follow the watch, the controller reports.

use async_trait::async_trait;
use kube::{ResourceExt as _, runtime::watcher};

use super::{
    TYPE,
    dns::{RecordSet, Zones},
};
use crate::{
    api::extensions::DnsRecord,
    stack::{context::Context, error::ReconcileError, extension::Actuator},
};

/// Realises every `DNSRecord` of type `local`.
pub(crate) struct DnsRecordActuator;

#[async_trait]
impl Actuator<DnsRecord> for DnsRecordActuator {
    async fn reconcile(
        &self,
        context: &Context,
        object: &mut DnsRecord,
    ) -> Result<(), ReconcileError> {
        let set = RecordSet::try_from(&object.spec)
            .map_err(|error| ReconcileError::configuration(error.to_string()))?;
        let name = set.name.clone();
        put(&context.zones, object, set);
        object.status.get_or_insert_default().zone = context.zones.zone_of(&name);
        Ok(())
    }

    async fn delete(&self, context: &Context, object: &DnsRecord) -> Result<(), ReconcileError> {
        let namespace = object.namespace().unwrap_or_default();
        context.zones.remove(&namespace, &object.name_any());
        Ok(())
    }
}

/// Keeps the zones in line with what the watch sees, so that a restart finds them complete before
/// the first question.
pub(crate) fn follow_zones(zones: &Zones, event: &watcher::Event<DnsRecord>) {
    match event {
        watcher::Event::Apply(object) | watcher::Event::InitApply(object) => {
            let ours = object.spec.type_ == TYPE && object.metadata.deletion_timestamp.is_none();
            if let (true, Ok(set)) = (ours, RecordSet::try_from(&object.spec)) {
                put(zones, object, set);
            }
        }
        watcher::Event::Delete(object) => {
            zones.remove(&object.namespace().unwrap_or_default(), &object.name_any());
        }
        watcher::Event::Init | watcher::Event::InitDone => {}
    }
}

fn put(zones: &Zones, object: &DnsRecord, set: RecordSet) {
    zones.put(
        &object.namespace().unwrap_or_default(),
        &object.name_any(),
        set,
    );
}
