//! The ranges of a plan against the routes of the host.

use super::addresses::flag;
use crate::{
    config::{Finding, Severity},
    ipam::{AddressPlan, Purpose},
    net::{Cidr, IpFamily, Route},
};

/// Compares a plan with the routes of the host that makes the environment.
///
/// `bridged` are the prefixes of Docker networks: routes to them come and go with the engine, and
/// whether they are in the way is compared with the engine itself.
///
/// A prefix of the Docker network that leads elsewhere already is an error: replies of the nodes
/// would leave the host (kind issue 156). For pods and services it is a warning: nodes and pods
/// cannot reach the hosts behind that route, everything else works.
pub fn routes(plan: &AddressPlan, routes: &[Route], bridged: &[Cidr]) -> Vec<Finding> {
    let docker = [IpFamily::V6, IpFamily::V4].map(|family| (Purpose::Docker, family));
    let inner = plan
        .families
        .iter()
        .flat_map(|family| [(Purpose::Pods, family), (Purpose::Services, family)]);
    docker
        .into_iter()
        .chain(inner)
        .filter_map(|(purpose, family)| {
            let wanted = plan.range(purpose, family);
            let route = routes
                .iter()
                .find(|route| is_in_the_way(route, wanted, bridged))?;
            Some(finding(purpose, wanted, route))
        })
        .collect()
}

fn is_in_the_way(route: &Route, wanted: Cidr, bridged: &[Cidr]) -> bool {
    route.destination.overlaps(wanted) && route.is_of_others(bridged)
}

fn finding(purpose: Purpose, wanted: Cidr, route: &Route) -> Finding {
    let Route {
        destination,
        interface,
    } = route;
    let (severity, consequence) = if purpose == Purpose::Docker {
        (Severity::Error, "replies to nodes would go there")
    } else {
        (Severity::Warning, "pods cannot reach what is behind it")
    };
    Finding {
        severity,
        field: flag(purpose),
        rule: "host-route",
        source: "kind issue 156: ranges of a cluster and of a VPN or LAN collide",
        detail: format!(
            "{purpose} {wanted} overlaps the host's route to {destination} over {interface}: {consequence}"
        ),
        fix: format!("choose a range outside {destination}, or disconnect {interface}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::Families;

    fn found(listed: &[(&str, &str)], bridged: &[&str]) -> Vec<(String, Severity)> {
        let listed: Vec<Route> = listed
            .iter()
            .map(|(destination, interface)| Route {
                destination: destination.parse().unwrap(),
                interface: (*interface).to_owned(),
            })
            .collect();
        let bridged: Vec<Cidr> = bridged.iter().map(|text| text.parse().unwrap()).collect();
        let plan = AddressPlan::default_for(Families::dual(IpFamily::V6));
        routes(&plan, &listed, &bridged)
            .into_iter()
            .map(|finding| (finding.field.to_owned(), finding.severity))
            .collect()
    }

    #[test]
    fn only_routes_that_lead_elsewhere_are_in_the_way() {
        type Routes = &'static [(&'static str, &'static str)];
        type Found = &'static [(&'static str, Severity)];
        let cases: [(Routes, &[&str], Found); 6] = [
            (&[("::/0", "eth0"), ("0.0.0.0/0", "eth0")], &[], &[]),
            (&[("fe80::/64", "eth0"), ("ff00::/8", "eth0")], &[], &[]),
            (
                &[("fd00:10::/64", "br-1")],
                &[],
                &[("docker-subnet", Severity::Error)],
            ),
            (&[("fd00:10::/64", "br-1")], &["fd00:10::/64"], &[]),
            (
                &[("10.0.0.0/8", "wg0")],
                &[],
                &[
                    ("pod-subnet", Severity::Warning),
                    ("service-subnet", Severity::Warning),
                ],
            ),
            (&[("192.0.2.0/24", "eth0")], &[], &[]),
        ];
        for (listed, bridged, expected) in cases {
            let expected: Vec<(String, Severity)> = expected
                .iter()
                .map(|(field, severity)| ((*field).to_owned(), *severity))
                .collect();
            assert_eq!(found(listed, bridged), expected, "{listed:?}");
        }
    }
}
