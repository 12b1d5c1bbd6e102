//! What Kubernetes takes.

use std::net::IpAddr;

use super::CloudError;
use crate::net::Cidr;

/// The most host bits of a service range before Kubernetes 1.34.
const SERVICE_HOST_BITS: u8 = 20;
/// Where the DNS service is.
const DNS_OFFSET: u128 = 10;
/// How many bits the ranges of nodes are numbered with.
const NODE_BITS: u8 = 16;

/// A version of Kubernetes, major and minor.
pub type Kubernetes = (u16, u16);

/// The version whose rules hold where nothing is said.
pub const DEFAULT_KUBERNETES: Kubernetes = (1, 33);

/// Whether a version takes service ranges of any size: its ranges are several, and it does not
/// write addresses twice any more. Both feature gates are on from 1.34 by default.
pub fn takes_large_services(version: Kubernetes) -> bool {
    version >= (1, 34)
}

/// The well-known addresses of a service range: the API server and the DNS service.
pub fn services(range: Cidr, version: Kubernetes) -> Result<(IpAddr, IpAddr), CloudError> {
    let bits = range.family().bits();
    if bits - range.prefix_len() > SERVICE_HOST_BITS && !takes_large_services(version) {
        return Err(CloudError::ServiceRangeTooLarge {
            services: range,
            longest: bits - SERVICE_HOST_BITS,
        });
    }
    match (range.nth(1), range.nth(DNS_OFFSET)) {
        (Some(api_server), Some(dns)) => Ok((api_server, dns)),
        _ => Err(CloudError::ServiceRangeTooSmall { services: range }),
    }
}

/// The part of a range that every version takes: the range itself or its first part.
pub fn service_part(range: Cidr, longest: u8, version: Kubernetes) -> Cidr {
    if takes_large_services(version) || range.prefix_len() >= longest {
        return range;
    }
    range.subnets(longest).next().unwrap_or(range)
}

/// How many node ranges of a length a cluster range holds.
pub fn nodes(cluster: Cidr, mask: u8) -> Result<u128, CloudError> {
    if mask > cluster.family().bits() {
        return Err(CloudError::NodeMaskImpossible { cluster, mask });
    }
    match mask.checked_sub(cluster.prefix_len()) {
        None => Err(CloudError::NodeMaskShorter { cluster, mask }),
        Some(bits) if bits > NODE_BITS => Err(CloudError::NodeMaskDiff { cluster, mask }),
        Some(bits) => Ok(1 << bits),
    }
}

/// The range of a cluster's last node.
pub fn last_node(cluster: Cidr, mask: u8) -> Option<Cidr> {
    Cidr::containing(cluster.last(), mask)
}
