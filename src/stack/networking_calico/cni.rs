//! What the CNI plugin makes of its IPAM section on a node.

use serde_json::Value;
use thiserror::Error;

use crate::{net::IpFamily, stack::networks::family_of};

/// A keyword for a range that the node lacks; every pod sandbox on it fails.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{keyword}` stands for the node's {family} pod range, and the node has none")]
pub struct NoRange {
    /// The keyword as it was written.
    pub keyword: String,
    /// The family of the missing range.
    pub family: IpFamily,
}

/// The ranges that host-local hands addresses out of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolved {
    /// One range.
    Subnet(String),
    /// Sets of ranges; a pod gets an address of each.
    Ranges(Vec<Vec<String>>),
    /// None is set.
    Nothing,
}

/// Replaces the keywords of a host-local section by the pod ranges of a node.
pub fn resolve(ipam: &Value, node_ranges: &[String]) -> Result<Resolved, NoRange> {
    if let Some(subnet) = ipam["subnet"].as_str() {
        return range(subnet, node_ranges).map(Resolved::Subnet);
    }
    let Some(sets) = ipam["ranges"].as_array() else {
        return Ok(Resolved::Nothing);
    };
    let set = |set: &Value| {
        set.as_array()
            .into_iter()
            .flatten()
            .filter_map(|entry| entry["subnet"].as_str())
            .map(|subnet| range(subnet, node_ranges))
            .collect::<Result<Vec<_>, _>>()
    };
    sets.iter()
        .map(set)
        .collect::<Result<_, _>>()
        .map(Resolved::Ranges)
}

/// The families that calico-ipam hands out: IPv4 unless switched off, IPv6 only if switched on.
pub fn families_of_calico_ipam(ipam: &Value) -> Vec<IpFamily> {
    let v4 = ipam["assign_ipv4"] != "false";
    let v6 = ipam["assign_ipv6"] == "true";
    [(v4, IpFamily::V4), (v6, IpFamily::V6)]
        .into_iter()
        .filter_map(|(on, family)| on.then_some(family))
        .collect()
}

fn range(text: &str, node_ranges: &[String]) -> Result<String, NoRange> {
    let family = if text.eq_ignore_ascii_case("usePodCidr") {
        IpFamily::V4
    } else if text.eq_ignore_ascii_case("usePodCidrIPv6") {
        IpFamily::V6
    } else {
        return Ok(text.to_owned());
    };
    node_ranges
        .iter()
        .find(|range| family_of(range) == Some(family))
        .cloned()
        .ok_or_else(|| NoRange {
            keyword: text.to_owned(),
            family,
        })
}
