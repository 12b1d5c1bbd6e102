//! Whether pods can reach the name servers they are to use.

use std::net::IpAddr;

use crate::{
    config::{Finding, Severity},
    net::{Families, IpFamily},
};

/// Finds name servers that no pod can reach: those of a family that pods do not have, and those that
/// every pod would look for in itself.
pub fn resolvers(families: Families, resolvers: &[IpAddr]) -> Vec<Finding> {
    resolvers
        .iter()
        .filter_map(|address| unreachable(families, *address))
        .collect()
}

fn unreachable(families: Families, address: IpAddr) -> Option<Finding> {
    let (rule, source, why) = if !families.contains(IpFamily::of(address)) {
        (
            "resolver-family",
            "kind issues 3114 and 4152: CoreDNS with an IPv4 name server on IPv6 nodes",
            format!("is of a family that pods with {families} do not have"),
        )
    } else if address.is_loopback() || address.is_unspecified() {
        (
            "resolver-loopback",
            "CoreDNS, plugin loop: a name server on loopback is CoreDNS itself",
            "would be the pod itself".to_owned(),
        )
    } else {
        return None;
    };
    Some(Finding {
        severity: Severity::Error,
        field: "resolver",
        rule,
        source,
        detail: format!("name server {address} {why}"),
        fix: format!("name a server that answers on an address of {families}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_servers_are_of_a_family_that_pods_have_and_outside_of_the_pod() {
        let cases: [(&str, &[&str], &[&str]); 5] = [
            ("ipv6", &["fd00:10::53", "2001:4860:4860::8888"], &[]),
            ("dual", &["9.9.9.9", "fd00:10::53"], &[]),
            ("ipv6", &["9.9.9.9"], &["resolver-family"]),
            ("ipv4", &["fd00:10::53"], &["resolver-family"]),
            (
                "dual",
                &["::1", "127.0.0.53"],
                &["resolver-loopback", "resolver-loopback"],
            ),
        ];
        for (families, addresses, expected) in cases {
            let addresses: Vec<IpAddr> =
                addresses.iter().map(|text| text.parse().unwrap()).collect();
            let findings = resolvers(families.parse().unwrap(), &addresses);
            let rules: Vec<&str> = findings.iter().map(|finding| finding.rule).collect();
            assert_eq!(rules, expected, "{families} {addresses:?}");
        }
    }
}
