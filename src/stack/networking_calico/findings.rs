//! What the extension accepts although it cannot work.

use std::fmt;

use serde_json::Value;

use super::TYPE;
use crate::{
    api::{
        calico::NetworkConfig,
        core::Shoot,
        families::FamilyList,
        validation::{FieldError, Path},
    },
    net::{Families, IpFamily},
};

/// The smallest MTU that IPv6 works with (RFC 8200 section 5).
const SMALLEST_IPV6_MTU: u32 = 1280;

/// A setting that is accepted and cannot work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// Every pod sandbox fails: the nodes have no IPv4 pod range.
    Ipv4PodRangeKeyword,
    /// IPv6 needs a larger MTU.
    SmallMtu(u32),
    /// The IPv6 pool is never encapsulated, so pods of different nodes do not reach each other
    /// unless the infrastructure routes.
    Ipv6OverlayWithoutEncapsulation,
    /// VXLAN changes IPAM to calico-ipam although IPv6 does not support it.
    VxlanChangesIpam,
}

impl Finding {
    /// The setting, as a path in the configuration.
    const fn field(self) -> &'static str {
        match self {
            Self::Ipv4PodRangeKeyword => "ipam.cidr",
            Self::SmallMtu(_) => "vethMTU",
            Self::Ipv6OverlayWithoutEncapsulation => "overlay.enabled",
            Self::VxlanChangesIpam => "vxlan.enabled",
        }
    }

    fn value(self) -> Value {
        match self {
            Self::Ipv4PodRangeKeyword => "usePodCIDR".into(),
            Self::SmallMtu(mtu) => mtu.to_string().into(),
            Self::Ipv6OverlayWithoutEncapsulation | Self::VxlanChangesIpam => true.into(),
        }
    }

    /// Why it cannot work, and what to do.
    fn why(self) -> String {
        match self {
            Self::Ipv4PodRangeKeyword => "usePodCIDR means the IPv4 pod range, which nodes lack; \
                                          leave it out"
                .to_owned(),
            Self::SmallMtu(mtu) => {
                format!("{mtu} is below {SMALLEST_IPV6_MTU}, the least for IPv6")
            }
            Self::Ipv6OverlayWithoutEncapsulation => "the IPv6 pool is never encapsulated, the \
                                                      infrastructure has to route pods; switch \
                                                      the overlay off"
                .to_owned(),
            Self::VxlanChangesIpam => "changes IPAM to calico-ipam, which does not support IPv6; \
                                       switch VXLAN off"
                .to_owned(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field(), self.why())
    }
}

/// The findings of a valid Shoot, as errors of its fields.
pub fn doubts(shoot: &Shoot) -> Vec<FieldError> {
    let networking = shoot.spec.networking.as_ref();
    let served = networking.filter(|networking| networking.type_.as_deref() == Some(TYPE));
    let Some(networking) = served.filter(|_| !shoot.spec.is_workerless()) else {
        return Vec::new();
    };
    let config = NetworkConfig::from_provider_config(networking.provider_config.as_ref());
    let families = FamilyList(&networking.ip_families).checked();
    let (Ok(config), Some(families)) = (config, families) else {
        return Vec::new();
    };
    let base = Path::new("spec.networking.providerConfig");
    findings(&config, families)
        .into_iter()
        .map(|found| FieldError::invalid(&base.child(found.field()), found.value(), found.why()))
        .collect()
}

/// What cannot work in a configuration that passed validation.
pub fn findings(config: &NetworkConfig, families: Families) -> Vec<Finding> {
    let with_ipv6 = families.contains(IpFamily::V6);
    let keyword = config
        .ipam
        .as_ref()
        .and_then(|ipam| ipam.cidr.as_deref())
        .is_some_and(|cidr| cidr.eq_ignore_ascii_case("usePodCIDR"));
    let mtu = config.veth_mtu.as_deref().and_then(|mtu| mtu.parse().ok());
    let small = mtu.filter(|mtu| with_ipv6 && (1..SMALLEST_IPV6_MTU).contains(mtu));
    let overlay = config
        .overlay
        .as_ref()
        .is_some_and(|overlay| overlay.enabled);
    let vxlan = config.vxlan.as_ref().is_some_and(|vxlan| vxlan.enabled);
    [
        (
            keyword && families.is_single(IpFamily::V6),
            Finding::Ipv4PodRangeKeyword,
        ),
        (
            with_ipv6 && overlay,
            Finding::Ipv6OverlayWithoutEncapsulation,
        ),
        (families.is_dual() && vxlan, Finding::VxlanChangesIpam),
    ]
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
            (
                json!({"vxlan": {"enabled": true}}),
                "dual",
                vec![Finding::VxlanChangesIpam],
            ),
        ];
        for (config, families, expected) in cases {
            let read = NetworkConfig::from_provider_config(Some(&config)).unwrap();
            let families = families.parse().unwrap();
            assert_eq!(findings(&read, families), expected, "{config}");
        }
    }
}
