//! What the stack is told when it starts.

use std::net::{Ipv6Addr, SocketAddr};

use serde::{Deserialize, Serialize};

use crate::{
    api::{
        gates::{ApiProfile, FeatureGates},
        validation::Rules,
    },
    config::{BackendKind, Environment},
    ipam::AddressPlan,
};

/// Settings of the stack.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Options {
    /// The addresses of the environment.
    pub plan: AddressPlan,
    /// The rule set of the API.
    pub api_profile: ApiProfile,
    /// The feature gates of the API.
    pub feature_gates: FeatureGates,
    /// The domain under which Shoots have names for components of the landscape.
    pub internal_domain: String,
    /// The domain under which Shoots without a domain of their own have names for people.
    pub external_domain: String,
    /// The zones that the DNS server answers for with authority.
    pub dns_zones: Vec<String>,
    /// The time to live of DNS records, in seconds.
    pub dns_ttl: u32,
    /// Where the DNS server listens; none is started where nothing is said.
    pub dns_listen: Option<SocketAddr>,
    /// Where `/healthz` and `/readyz` are served; nowhere where nothing is said.
    pub health_listen: Option<SocketAddr>,
    /// Admission as a webhook; in process where nothing is said.
    pub webhook: Option<WebhookOptions>,
    /// The names of Nodes that exist as data only. Empty where real ones exist.
    pub simulated_nodes: Vec<String>,
}

/// Where the webhook is found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WebhookOptions {
    /// Where it listens.
    pub listen: SocketAddr,
    /// The namespace of the Service in front of it.
    pub namespace: String,
    /// The Service in front of it.
    pub service: String,
}

impl WebhookOptions {
    /// The names under which an API server calls, the one that it checks first.
    pub(crate) fn names(&self) -> Vec<String> {
        let name = format!("{}.{}.svc", self.service, self.namespace);
        let long = format!("{name}.cluster.local");
        vec![name, long]
    }
}

impl Options {
    /// The settings of Gardener's local setup on an address plan.
    pub fn new(plan: AddressPlan) -> Self {
        Self {
            plan,
            api_profile: ApiProfile::default(),
            feature_gates: FeatureGates::default(),
            internal_domain: "internal.local.gardener.cloud".to_owned(),
            external_domain: "external.local.gardener.cloud".to_owned(),
            dns_zones: vec!["local.gardener.cloud".to_owned()],
            dns_ttl: 120,
            dns_listen: None,
            health_listen: None,
            webhook: None,
            simulated_nodes: Vec::new(),
        }
    }

    /// These settings for a pod behind a Service. `[::]` takes IPv4 as well on every node that
    /// has it.
    #[must_use]
    pub fn in_cluster(mut self, namespace: &str, service: &str) -> Self {
        let any = |port| SocketAddr::new(Ipv6Addr::UNSPECIFIED.into(), port);
        self.dns_listen = Some(any(10053));
        self.health_listen = Some(any(10081));
        self.webhook = Some(WebhookOptions {
            listen: any(10443),
            namespace: namespace.to_owned(),
            service: service.to_owned(),
        });
        self
    }

    /// The rule set of admission.
    pub fn rules(&self) -> Rules {
        Rules {
            profile: self.api_profile,
            gates: self.feature_gates.clone(),
        }
    }

    /// The settings for an environment. Only the embedded backend gets simulated Nodes.
    pub fn for_environment(environment: &Environment) -> Self {
        let mut options = Self::new(environment.plan.clone());
        options.api_profile = environment.api_profile;
        options.feature_gates = environment.feature_gates.clone();
        if environment.backend == BackendKind::Embedded {
            options.simulated_nodes = node_names(environment.name.as_str(), environment.workers);
            // Several environments share the machine, so the port is any that is free.
            options.dns_listen = Some(SocketAddr::new(Ipv6Addr::LOCALHOST.into(), 0));
        }
        options
    }
}

/// The names that kind gives to a control plane and its workers.
fn node_names(environment: &str, workers: u8) -> Vec<String> {
    let worker = |number: u8| match number {
        1 => format!("{environment}-worker"),
        _ => format!("{environment}-worker{number}"),
    };
    std::iter::once(format!("{environment}-control-plane"))
        .chain((1..=workers).map(worker))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_are_named_as_kind_names_them() {
        assert_eq!(
            node_names("garden6", 2),
            ["garden6-control-plane", "garden6-worker", "garden6-worker2"]
        );
    }
}
