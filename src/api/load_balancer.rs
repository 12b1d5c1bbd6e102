//! Which DNS record a load balancer's status asks for.

use std::net::IpAddr;

use k8s_openapi::api::core::v1::LoadBalancerIngress;
use thiserror::Error;

/// The type and the value of an address record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressRecord {
    /// `A`, `AAAA` or `CNAME`.
    pub record_type: &'static str,
    /// The address or the host name.
    pub value: String,
}

/// A load balancer that has no address yet; worth another try later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the load balancer reports no address yet")]
pub struct NoAddressYet;

/// The record of a load balancer: its *last* entry counts, and a host name before an address.
///
/// So the family of the record is the load balancer's, not the Shoot's (Gardener, botanist).
pub fn record(ingress: &[LoadBalancerIngress]) -> Result<AddressRecord, NoAddressYet> {
    let last = ingress.last().ok_or(NoAddressYet)?;
    let set = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let value = set(&last.hostname)
        .or_else(|| set(&last.ip))
        .ok_or(NoAddressYet)?;
    Ok(AddressRecord {
        record_type: record_type(&value),
        value,
    })
}

/// The type of the record that carries a value.
pub fn record_type(value: &str) -> &'static str {
    match value.parse() {
        Ok(IpAddr::V4(_)) => "A",
        Ok(IpAddr::V6(_)) => "AAAA",
        Err(_) => "CNAME",
    }
}
