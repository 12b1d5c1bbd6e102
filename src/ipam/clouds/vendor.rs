//! Limits of the clouds, kept as data because they age.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::yaml;

/// The limits of all clouds. Members are prefix lengths unless they say otherwise.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Vendors {
    pub(super) aws: Aws,
    pub(super) gcp: Gcp,
    pub(super) azure: Azure,
    pub(super) openstack: OpenStack,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Aws {
    pub(super) amazon_vpc: u8,
    pub(super) own_vpcs: Vec<u8>,
    pub(super) subnet: u8,
    /// How many subnets a zone has.
    pub(super) subnets_per_zone: usize,
    pub(super) host_prefix: u8,
    pub(super) services: u8,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Gcp {
    pub(super) subnet: u8,
    pub(super) host_prefix: u8,
    pub(super) services: u8,
    pub(super) shipped_pods: u8,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Azure {
    pub(super) vnet: u8,
    pub(super) subnet: u8,
    /// The offset of the first node in its subnet.
    pub(super) first_node: u128,
    pub(super) node_pods: u8,
    pub(super) services: u8,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct OpenStack {
    pub(super) subnet: u8,
    pub(super) quarter: u8,
    pub(super) node_pods: u8,
    pub(super) node_ipam: u8,
    pub(super) services: u8,
    /// How many routes a router has by default.
    pub(super) route_quota: usize,
    pub(super) separate_node_pods: u8,
    pub(super) separate_services: u8,
}

/// What the file says.
pub(super) static VENDORS: LazyLock<Vendors> = LazyLock::new(|| {
    yaml::parse(include_str!("vendor.yaml"), "vendor.yaml")
        .expect("the file is part of the program")
});
