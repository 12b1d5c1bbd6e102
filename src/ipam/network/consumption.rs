//! How full a network is, by family.

use serde::Serialize;

use super::Network;
use crate::{
    ipam::{engine::DEFAULT_NAMESPACE, state::State},
    net::IpFamily,
};

/// Figures of one family, as metal-stack reports them: summed over the prefixes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FamilyConsumption {
    /// How many addresses the prefixes have, those in use included, capped at 2147483647 each.
    pub available_ips: u64,
    /// Addresses in use, those included that are never handed out.
    pub used_ips: u64,
    /// How many prefixes of four addresses (/30, /126) are free, capped at 2147483647 each.
    pub available_prefixes: u64,
    /// Children.
    pub used_prefixes: u64,
}

/// Figures of a network; a family that it does not have has none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Consumption {
    /// Of IPv4.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipv4: Option<FamilyConsumption>,
    /// Of IPv6.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipv6: Option<FamilyConsumption>,
}

/// The figures of a network.
pub fn consumption(state: &State, network: &Network) -> Consumption {
    let of = |family| {
        let mut sum: Option<FamilyConsumption> = None;
        for prefix in network.prefixes_of(family) {
            let Ok(usage) = state.engine().usage(DEFAULT_NAMESPACE, prefix) else {
                continue;
            };
            let sum = sum.get_or_insert_default();
            sum.available_ips += usage.available_ips();
            sum.used_ips = sum.used_ips.saturating_add(usage.acquired_ips());
            sum.available_prefixes += usage.available_smallest_prefixes();
            sum.used_prefixes += usage.children as u64;
        }
        sum
    };
    Consumption {
        ipv4: of(IpFamily::V4),
        ipv6: of(IpFamily::V6),
    }
}
