//! Which DNS record sets lead to the API server of a Shoot. Pure.

use std::net::IpAddr;

use k8s_openapi::api::core::v1::LoadBalancerIngress;

use crate::net::{Families, IpFamily};

/// A record set without its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// `A`, `AAAA` or `CNAME`.
    pub record_type: &'static str,
    /// The addresses, or the one host name.
    pub values: Vec<String>,
}

/// The record sets for a load balancer, in the order of the Shoot's families; empty while the load
/// balancer has no address.
///
/// The family decides the type (GEP-21). A dual-stack Shoot gets a record set per family. Two
/// things are as in Gardener: a host name wins over addresses, and a load balancer
/// that has no address of the Shoot's families is published with what it has, last entry first.
pub fn targets(families: Families, ingress: &[LoadBalancerIngress]) -> Vec<Target> {
    let Some(last) = ingress.last() else {
        return Vec::new();
    };
    if let Some(hostname) = last.hostname.as_deref().filter(|name| !name.is_empty()) {
        return vec![Target {
            record_type: "CNAME",
            values: vec![hostname.to_owned()],
        }];
    }
    let addresses: Vec<IpAddr> = ingress
        .iter()
        .filter_map(|entry| entry.ip.as_deref()?.parse().ok())
        .collect();
    let of = |family: IpFamily| -> Vec<String> {
        addresses
            .iter()
            .filter(|address| IpFamily::of(**address) == family)
            .map(ToString::to_string)
            .collect()
    };
    let target = |family| Target {
        record_type: record_type(family),
        values: of(family),
    };
    let wanted: Vec<Target> = families
        .iter()
        .map(target)
        .filter(|target| !target.values.is_empty())
        .collect();
    match (wanted.is_empty(), addresses.last()) {
        (true, Some(&last)) => vec![target(IpFamily::of(last))],
        _ => wanted,
    }
}

/// The type of address records of a family.
pub const fn record_type(family: IpFamily) -> &'static str {
    match family {
        IpFamily::V4 => "A",
        IpFamily::V6 => "AAAA",
    }
}

/// The hint for DNS extensions about the families behind a host name.
pub fn ip_stack(families: Families) -> &'static str {
    match (families.is_dual(), families.primary()) {
        (true, _) => "dual-stack",
        (false, IpFamily::V4) => "ipv4",
        (false, IpFamily::V6) => "ipv6",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ingress(entries: &[&str]) -> Vec<LoadBalancerIngress> {
        entries
            .iter()
            .map(|entry| {
                let is_address = entry.parse::<IpAddr>().is_ok();
                LoadBalancerIngress {
                    ip: is_address.then(|| (*entry).to_owned()),
                    hostname: (!is_address).then(|| (*entry).to_owned()),
                    ..LoadBalancerIngress::default()
                }
            })
            .collect()
    }

    #[test]
    fn the_families_decide_type_and_number_of_record_sets() {
        let v4 = Families::single(IpFamily::V4);
        let v6 = Families::single(IpFamily::V6);
        let dual = Families::dual(IpFamily::V6);
        let both = ["127.0.0.1", "::1"];
        let cases: [(Families, &[&str], &[(&str, &str)]); 7] = [
            (v6, &both, &[("AAAA", "::1")]),
            (v4, &both, &[("A", "127.0.0.1")]),
            (dual, &both, &[("AAAA", "::1"), ("A", "127.0.0.1")]),
            (v6, &["1.2.3.4"], &[("A", "1.2.3.4")]),
            (v4, &["2001:db8:f00::1"], &[("AAAA", "2001:db8:f00::1")]),
            (
                v6,
                &["::1", "lb.example.com"],
                &[("CNAME", "lb.example.com")],
            ),
            (v6, &[], &[]),
        ];
        for (families, entries, expected) in cases {
            let found = targets(families, &ingress(entries));
            let found: Vec<(&str, &str)> = found
                .iter()
                .map(|target| (target.record_type, target.values[0].as_str()))
                .collect();
            assert_eq!(found, expected, "{families} {entries:?}");
        }
    }
}
