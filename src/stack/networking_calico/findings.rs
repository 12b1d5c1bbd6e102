//! Settings that are accepted and cannot work, told before anybody wonders. Pure.

use std::fmt;

use super::config::{NetworkConfig, Pool, PoolMode};
use crate::net::{Families, IpFamily};

/// The smallest MTU that IPv6 works with (RFC 8200 section 5).
const SMALLEST_IPV6_MTU: u32 = 1280;

/// A setting that cannot work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// There is no IP in IP for IPv6.
    IpipForIpv6,
    /// calico knows no such mode for IPv6.
    ModeOffForIpv6,
    /// A section for a family that the Shoot lacks.
    UnusedFamily(IpFamily),
    /// Every pod sandbox fails: the nodes have no IPv4 pod range.
    Ipv4PodRangeKeyword,
    /// Addresses from blocks while nobody distributes routes to them.
    BlocksWithoutFamily,
    /// IPv6 needs a larger MTU.
    SmallMtu(u32),
    /// The IPv6 pool is never encapsulated, so pods of different nodes do not reach each other
    /// unless the infrastructure routes.
    OverlayWithoutEncapsulation,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IpipForIpv6 => f.write_str("ipv6.pool: there is no IP in IP for IPv6"),
            Self::ModeOffForIpv6 => f.write_str("ipv6.mode: calico knows no mode Off for IPv6"),
            Self::UnusedFamily(IpFamily::V4) => f.write_str("ipv4: the Shoot has no IPv4"),
            Self::UnusedFamily(IpFamily::V6) => f.write_str("ipv6: the Shoot has no IPv6"),
            Self::Ipv4PodRangeKeyword => {
                f.write_str("ipam.cidr: usePodCIDR means the IPv4 pod range, which nodes lack")
            }
            Self::BlocksWithoutFamily => {
                f.write_str("ipam.type: calico-ipam is not supported with IPv6")
            }
            Self::SmallMtu(mtu) => {
                write!(f, "vethMTU: {mtu} is below {SMALLEST_IPV6_MTU}, the least for IPv6")
            }
            Self::OverlayWithoutEncapsulation => f.write_str(
                "overlay: the IPv6 pool is never encapsulated, the infrastructure has to route pods",
            ),
        }
    }
}

/// What cannot work in a configuration.
pub fn findings(config: &NetworkConfig, families: Families) -> Vec<Finding> {
    let has_v6 = families.contains(IpFamily::V6);
    let v6 = config.ipv6.as_ref();
    let ipam = config.ipam.as_ref();
    let keyword = ipam
        .and_then(|ipam| ipam.cidr.as_deref())
        .is_some_and(|cidr| cidr.eq_ignore_ascii_case("usePodCIDR"));
    let mtu = config.veth_mtu.as_deref().and_then(|mtu| mtu.parse().ok());
    let small = mtu.filter(|mtu| has_v6 && (1..SMALLEST_IPV6_MTU).contains(mtu));
    let checks = [
        (
            v6.is_some_and(|v6| v6.pool == Some(Pool::Ipip)),
            Finding::IpipForIpv6,
        ),
        (
            v6.is_some_and(|v6| v6.mode == Some(PoolMode::Off)),
            Finding::ModeOffForIpv6,
        ),
        (
            config.ipv4.is_some() && !families.contains(IpFamily::V4),
            Finding::UnusedFamily(IpFamily::V4),
        ),
        (v6.is_some() && !has_v6, Finding::UnusedFamily(IpFamily::V6)),
        (
            keyword && families.is_single(IpFamily::V6),
            Finding::Ipv4PodRangeKeyword,
        ),
        (
            has_v6 && ipam.is_some_and(|ipam| ipam.type_ == "calico-ipam"),
            Finding::BlocksWithoutFamily,
        ),
        (
            has_v6
                && config
                    .overlay
                    .as_ref()
                    .is_some_and(|overlay| overlay.enabled),
            Finding::OverlayWithoutEncapsulation,
        ),
    ];
    checks
        .into_iter()
        .filter_map(|(found, finding)| found.then_some(finding))
        .chain(small.map(Finding::SmallMtu))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_cannot_work_is_told() {
        let cases = [
            (json!({"ipv6": {"sourceNATEnabled": true}}), "ipv6", vec![]),
            (
                json!({"ipv6": {"pool": "ipip"}}),
                "ipv6",
                vec![Finding::IpipForIpv6],
            ),
            (
                json!({"ipv4": {}}),
                "ipv6",
                vec![Finding::UnusedFamily(IpFamily::V4)],
            ),
            (
                json!({"ipam": {"type": "host-local", "cidr": "usePodCIDR"}}),
                "ipv6",
                vec![Finding::Ipv4PodRangeKeyword],
            ),
            (
                json!({"vethMTU": "1000"}),
                "ipv6",
                vec![Finding::SmallMtu(1000)],
            ),
            (json!({"vethMTU": "1000"}), "ipv4", vec![]),
        ];
        for (config, families, expected) in cases {
            let read = NetworkConfig::read(Some(&config)).unwrap();
            assert_eq!(
                findings(&read, families.parse().unwrap()),
                expected,
                "{config}"
            );
        }
    }
}
