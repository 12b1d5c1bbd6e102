//! Which DNS record sets lead to the API server of a Shoot. Pure.

use std::net::IpAddr;

use k8s_openapi::api::core::v1::LoadBalancerIngress;

use crate::{
    api::load_balancer,
    net::{Families, IpFamily},
};

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
    let Ok(last) = load_balancer::record(ingress) else {
        return Vec::new();
    };
    let last = Target {
        record_type: last.record_type,
        values: vec![last.value],
    };
    if last.record_type == "CNAME" {
        return vec![last];
    }
    let addresses: Vec<IpAddr> = ingress
        .iter()
        .filter_map(|entry| entry.ip.as_deref()?.parse().ok())
        .collect();
    let wanted: Vec<Target> = families
        .iter()
        .map(|family| target(family, &addresses))
        .filter(|target| !target.values.is_empty())
        .collect();
    if wanted.is_empty() {
        vec![last]
    } else {
        wanted
    }
}

fn target(family: IpFamily, addresses: &[IpAddr]) -> Target {
    let values: Vec<String> = addresses
        .iter()
        .filter(|address| IpFamily::of(**address) == family)
        .map(ToString::to_string)
        .collect();
    Target {
        record_type: match family {
            IpFamily::V4 => "A",
            IpFamily::V6 => "AAAA",
        },
        values,
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

    type Case<'a> = (Families, &'a [&'a str], &'a [(&'a str, &'a str)]);

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
        let cases: [Case<'_>; 7] = [
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
