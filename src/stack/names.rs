//! Names, labels and annotations that Gardener and its users look for.

use crate::api::{core::Shoot, extensions::DnsRecord};

/// The field manager of everything that the stack writes.
pub const FIELD_MANAGER: &str = "garden6";
/// The finalizer that gardenlet keeps on Shoots.
pub const SHOOT_FINALIZER: &str = "gardener";
/// The namespace of everything that belongs to no project.
pub const GARDEN_NAMESPACE: &str = "garden";
/// The namespace of the gateway through which API servers of Shoots are reached.
pub const INGRESS_NAMESPACE: &str = "istio-ingress";
/// The Service of the gateway.
pub const INGRESS_SERVICE: &str = "istio-ingressgateway";

/// The `ConfigMap` in [`GARDEN_NAMESPACE`] that says where the DNS server is (`address`).
pub const DNS_CONFIG_MAP: &str = "garden6-dns";

/// What a namespace or an object is for.
pub const ROLE_LABEL: &str = "gardener.cloud/role";
/// The project that a namespace belongs to.
pub const PROJECT_LABEL: &str = "project.gardener.cloud/name";
/// The short health of a Shoot: `healthy`, `progressing`, `unhealthy`.
pub const STATUS_LABEL: &str = "shoot.gardener.cloud/status";
/// Asks for an operation, for instance `reconcile`.
pub const OPERATION_ANNOTATION: &str = "gardener.cloud/operation";
/// Tells DNS extensions which families are behind a host name.
pub const IP_STACK_ANNOTATION: &str = "dns.gardener.cloud/ip-stack";

/// The name of a Shoot's namespace in its Seed, `shoot--<project>--<shoot>`.
pub fn technical_id(project: &str, shoot: &str) -> String {
    format!("shoot--{project}--{shoot}")
}

/// The project behind a namespace of the garden when no Project names it.
pub fn project_of_namespace(namespace: &str) -> &str {
    namespace.strip_prefix("garden-").unwrap_or(namespace)
}

/// The internal domain of a Shoot (Gardener, `pkg/utils/gardener/dns.go`): a label `internal` goes
/// in between unless the configured domain has that word already.
pub fn internal_cluster_domain(project: &str, shoot: &str, internal_domain: &str) -> String {
    if internal_domain.contains("internal") {
        format!("{shoot}.{project}.{internal_domain}")
    } else {
        format!("{shoot}.{project}.internal.{internal_domain}")
    }
}

/// The external domain of a Shoot: what it asks for, or its place under the default domain.
pub fn external_cluster_domain(shoot: &Shoot, project: &str, default_domain: &str) -> String {
    let asked = shoot.spec.dns.as_ref().and_then(|dns| dns.domain.clone());
    asked.unwrap_or_else(|| {
        let name = shoot.metadata.name.as_deref().unwrap_or_default();
        format!("{name}.{project}.{default_domain}")
    })
}

/// The name of the API server under a cluster domain.
pub fn api_server_domain(cluster_domain: &str) -> String {
    format!("api.{cluster_domain}")
}

/// Whether a name is inside a zone; both are compared without case and without trailing dot.
pub fn is_inside_zone(name: &str, zone: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let zone = zone.trim_end_matches('.').to_ascii_lowercase();
    name == zone
        || name
            .strip_suffix(&zone)
            .is_some_and(|rest| rest.ends_with('.'))
}

/// The audience of a cluster domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DnsRole {
    /// Used by components of the landscape.
    Internal,
    /// Used by people.
    External,
}

impl DnsRole {
    /// The word in names of objects.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::External => "external",
        }
    }

    /// The name of the secret with the credentials of the DNS account.
    pub fn secret_name(self, shoot: &str) -> String {
        format!("dnsrecord-{shoot}-{}", self.as_str())
    }
}

/// Whether an AAAA record set shares its name with another one or may stand alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AaaaName {
    /// With a suffix, so that it never collides with the A record set (GEP-21).
    Suffixed,
    /// Without one (what Gardener does).
    Plain,
}

/// The name of a [`DnsRecord`] object.
pub fn dns_record_name(shoot: &str, role: DnsRole, record_type: &str, aaaa: AaaaName) -> String {
    let plain = format!("{shoot}-{}", role.as_str());
    if record_type == "AAAA" && aaaa == AaaaName::Suffixed {
        format!("{plain}-aaaa")
    } else {
        plain
    }
}

/// The domain name that a record object is about, without its trailing dot.
pub fn record_domain(record: &DnsRecord) -> String {
    record.spec.name.trim_end_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_internal_occurs_once_in_an_internal_domain() {
        let domain = internal_cluster_domain("local", "local", "internal.local.gardener.cloud");
        assert_eq!(domain, "local.local.internal.local.gardener.cloud");
        let domain = internal_cluster_domain("dev", "a", "local.gardener.cloud");
        assert_eq!(domain, "a.dev.internal.local.gardener.cloud");
    }

    #[test]
    fn the_suffix_is_for_aaaa_only() {
        let name =
            |record_type, aaaa| dns_record_name("local", DnsRole::External, record_type, aaaa);
        assert_eq!(name("A", AaaaName::Suffixed), "local-external");
        assert_eq!(name("AAAA", AaaaName::Suffixed), "local-external-aaaa");
        assert_eq!(name("AAAA", AaaaName::Plain), "local-external");
        assert_eq!(
            DnsRole::Internal.secret_name("local"),
            "dnsrecord-local-internal"
        );
    }

    #[test]
    fn a_zone_holds_itself_and_names_below_it() {
        assert!(is_inside_zone(
            "api.Local.gardener.cloud.",
            "local.gardener.cloud"
        ));
        assert!(is_inside_zone(
            "local.gardener.cloud",
            "local.gardener.cloud."
        ));
        assert!(!is_inside_zone(
            "notlocal.gardener.cloud",
            "local.gardener.cloud"
        ));
    }
}
