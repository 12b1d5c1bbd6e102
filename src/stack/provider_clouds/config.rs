//! What a Shoot tells a simulated cloud.

use serde::Deserialize;
use serde_json::Value;

use crate::{net::Cidr, stack::error::ReconcileError};

/// `spec.provider.infrastructureConfig` as far as the simulation looks at it; the rest is for the
/// real provider.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct InfrastructureConfig {
    /// The names of the zones.
    pub(super) zones: Vec<String>,
    /// Where IPv6 ranges are from.
    pub(super) ipv6: Ipv6Config,
    /// What goes wrong.
    pub(super) simulate: Simulate,
}

/// Where IPv6 ranges are from. Each provider looks at its own members.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct Ipv6Config {
    /// The pool to take from, by name: `default`, or `small` to see it run out.
    pub(super) pool: Option<String>,
    /// Exactly this range: VPC (aws), subnet of the nodes (gcp, openstack), `VNet` (azure).
    pub(super) cidr: Option<Cidr>,
    /// Whether the range was brought along instead of being the provider's (aws).
    pub(super) own: bool,
    /// Exactly this subnet for services (gcp).
    pub(super) services: Option<Cidr>,
    /// Services from a host prefix that no node uses (gcp).
    pub(super) dummy_node: bool,
    /// What the provider ships instead of what the draft says (gcp, openstack).
    pub(super) shipped: bool,
    /// How nodes get addresses (openstack).
    pub(super) address_mode: Option<String>,
    /// How many routes the router may have (openstack).
    pub(super) route_quota: Option<usize>,
    /// Where pods are in a host prefix (aws, gcp).
    pub(super) template: Option<String>,
    /// Where a node is in its host prefix (aws, gcp).
    pub(super) node_offset: u8,
}

/// Failures on purpose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub(super) struct Simulate {
    /// How many times the cloud fails before it answers.
    pub(super) failures: u32,
}

/// `spec.provider.workers[].providerConfig` as far as the simulation looks at it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct PoolConfig {
    /// The IPv6 addresses of the machines, in order (openstack).
    pub(super) fixed_addresses: Vec<std::net::IpAddr>,
}

/// Reads a configuration; nothing is the default.
pub(super) fn read<T: Default + serde::de::DeserializeOwned>(
    what: &str,
    value: Option<&Value>,
) -> Result<T, ReconcileError> {
    let Some(value) = value.filter(|value| !value.is_null()) else {
        return Ok(T::default());
    };
    T::deserialize(value).map_err(|error| ReconcileError::configuration(format!("{what}: {error}")))
}
