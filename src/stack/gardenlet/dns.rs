//! The DNS names of a Shoot's API server.

use std::collections::BTreeMap;

use k8s_openapi::{
    api::core::v1::{LoadBalancerIngress, Secret, SecretReference, Service},
    apimachinery::pkg::apis::meta::v1::ObjectMeta,
};
use kube::{Api, ResourceExt as _, runtime::reflector::ObjectRef};

use super::{
    observe::waiting_for,
    operation::Operation,
    records::{Target, ip_stack, targets},
};
use crate::{
    api::extensions::{DnsRecord, DnsRecordSpec},
    stack::{
        error::ReconcileError,
        names::{
            DnsRole, GARDEN_NAMESPACE, INGRESS_NAMESPACE, INGRESS_SERVICE, IP_STACK_ANNOTATION,
            ROLE_LABEL, api_server_domain, dns_record_name, external_cluster_domain,
            internal_cluster_domain,
        },
        provider_local,
    },
};

impl Operation<'_> {
    /// The cluster domain for an audience.
    pub(crate) fn cluster_domain(&self, role: DnsRole) -> String {
        let options = &self.context.options;
        match role {
            DnsRole::Internal => {
                internal_cluster_domain(&self.project, &self.name(), &options.internal_domain)
            }
            DnsRole::External => {
                external_cluster_domain(self.shoot, &self.project, &options.external_domain)
            }
        }
    }

    /// Copies the credentials of the DNS account for the extension.
    pub(crate) async fn deploy_dns_secrets(&self) -> Result<Option<String>, ReconcileError> {
        let api = Api::namespaced(self.context.client.clone(), &self.namespace);
        for role in [DnsRole::Internal, DnsRole::External] {
            let secret = Secret {
                metadata: self.metadata(&role.secret_name(&self.name())),
                type_: Some("Opaque".to_owned()),
                ..Secret::default()
            };
            self.context.apply(&api, &secret).await?;
        }
        Ok(None)
    }

    /// Makes the record sets for an audience and waits until they are served.
    pub(crate) async fn deploy_dns(&self, role: DnsRole) -> Result<Option<String>, ReconcileError> {
        let targets = targets(self.families, &self.ingress());
        if targets.is_empty() {
            let what = format!("{INGRESS_NAMESPACE}/{INGRESS_SERVICE}");
            return Ok(Some(format!("waiting for an address of Service {what}")));
        }
        let api = Api::namespaced(self.context.client.clone(), &self.namespace);
        let mut waiting = Vec::new();
        let mut kept = Vec::new();
        for target in targets {
            let record = self.dns_record(role, target);
            let name = record.name_any();
            self.replace_if_type_changed(&api, &record).await?;
            let version = self.context.apply(&api, &record).await?;
            let store = &self.context.stores.dns_records;
            waiting.extend(waiting_for(store, &self.namespace, &name, version)?);
            kept.push(name);
        }
        self.remove_other_records(&api, role, &kept).await?;
        Ok(waiting.into_iter().next())
    }

    /// The addresses of the gateway in front of all API servers.
    fn ingress(&self) -> Vec<LoadBalancerIngress> {
        let gateway = ObjectRef::<Service>::new(INGRESS_SERVICE).within(INGRESS_NAMESPACE);
        self.context
            .stores
            .services
            .get(&gateway)
            .and_then(|service| service.status.clone()?.load_balancer?.ingress)
            .unwrap_or_default()
    }

    fn dns_record(&self, role: DnsRole, target: Target) -> DnsRecord {
        let name = dns_record_name(&self.name(), role, target.record_type, self.aaaa_name());
        let spec = DnsRecordSpec {
            type_: provider_local::TYPE.to_owned(),
            secret_ref: SecretReference {
                name: Some(role.secret_name(&self.name())),
                namespace: Some(self.namespace.clone()),
            },
            name: api_server_domain(&self.cluster_domain(role)),
            record_type: target.record_type.to_owned(),
            values: target.values,
            ttl: Some(self.context.options.dns_ttl.into()),
            ..DnsRecordSpec::default()
        };
        let mut record = DnsRecord::new(&name, spec);
        record.metadata = self.metadata(&name);
        let labels = record.metadata.labels.get_or_insert_default();
        labels.insert(
            "dns.gardener.cloud/role".to_owned(),
            role.as_str().to_owned(),
        );
        record.metadata.annotations = Some(BTreeMap::from([(
            IP_STACK_ANNOTATION.to_owned(),
            ip_stack(self.families).to_owned(),
        )]));
        record
    }

    /// The type of a record object is immutable, so a new type needs a new object.
    async fn replace_if_type_changed(
        &self,
        api: &Api<DnsRecord>,
        record: &DnsRecord,
    ) -> Result<(), ReconcileError> {
        let name = record.name_any();
        let reference = ObjectRef::new(&name).within(&self.namespace);
        if let Some(old) = self.context.stores.dns_records.get(&reference)
            && (old.spec.record_type != record.spec.record_type
                || old.spec.name != record.spec.name)
        {
            self.context.delete(api, &name).await?;
            return Err(ReconcileError::Replacing {
                what: format!("DNSRecord {name}"),
            });
        }
        Ok(())
    }

    /// Deletes record sets that an earlier set of families needed.
    async fn remove_other_records(
        &self,
        api: &Api<DnsRecord>,
        role: DnsRole,
        kept: &[String],
    ) -> Result<(), ReconcileError> {
        let prefix = dns_record_name(&self.name(), role, "A", self.aaaa_name());
        for name in [prefix.clone(), format!("{prefix}-aaaa")] {
            let reference = ObjectRef::new(&name).within(&self.namespace);
            let stale = self.context.stores.dns_records.get(&reference);
            if !kept.contains(&name)
                && stale.is_some_and(|record| record.metadata.deletion_timestamp.is_none())
            {
                self.context.delete(api, &name).await?;
            }
        }
        Ok(())
    }

    /// The metadata of an object in the Shoot's namespace.
    pub(crate) fn metadata(&self, name: &str) -> ObjectMeta {
        ObjectMeta {
            name: Some(name.to_owned()),
            namespace: Some(self.namespace.clone()),
            labels: Some(BTreeMap::from([(
                ROLE_LABEL.to_owned(),
                "controlplane".to_owned(),
            )])),
            ..ObjectMeta::default()
        }
    }
}

/// The reference to credentials that the provider `local` does not need.
pub(super) fn no_credentials() -> SecretReference {
    SecretReference {
        name: Some("cloudprovider".to_owned()),
        namespace: Some(GARDEN_NAMESPACE.to_owned()),
    }
}
