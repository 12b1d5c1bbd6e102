//! What the addresses of a plan demand of each other.

use crate::{
    config::{Finding, Severity},
    ipam::{AddressPlan, PlanProblem, Purpose},
    net::{Cidr, IpFamily},
};

/// Addresses of a Docker network that are no node's: network, gateway, broadcast, registry, and
/// the load balancer of kind.
const NOT_NODES: u128 = 5;
/// Addresses that belong to whom they were assigned (RFC 4291: global unicast as assigned today).
const GLOBAL_UNICAST: &str = "2000::/3";
/// The half of the unique local addresses that no standard defines (RFC 4193, section 3.2).
const UNDEFINED_LOCAL: &str = "fc00::/8";
/// Documentation prefixes belong to nobody (RFC 3849, RFC 9637).
const DOCUMENTATION: [&str; 2] = ["2001:db8::/32", "3fff::/20"];

/// Checks the ranges of a plan and that `nodes` nodes fit into them.
pub fn addresses(plan: &AddressPlan, nodes: u16) -> Vec<Finding> {
    let mut findings: Vec<Finding> = plan.problems().iter().map(Finding::from).collect();
    for family in plan.families.iter() {
        findings.extend(too_many_nodes(plan, family, nodes));
    }
    // The Docker network carries both families whatever the cluster uses.
    for docker in [plan.v6.docker, plan.v4.docker] {
        findings.extend(small_docker_network(docker, nodes));
    }
    let purposes = [Purpose::Docker, Purpose::Pods, Purpose::Services];
    findings.extend(purposes.into_iter().filter_map(|purpose| {
        let cidr = plan.range(purpose, IpFamily::V6);
        let used = purpose == Purpose::Docker || plan.families.contains(IpFamily::V6);
        used.then(|| not_ours(purpose, cidr)).flatten()
    }));
    findings
}

impl From<&PlanProblem> for Finding {
    fn from(problem: &PlanProblem) -> Self {
        Self {
            severity: Severity::Error,
            field: flag(problem.purpose()),
            rule: problem.rule(),
            source: problem.source(),
            detail: problem.to_string(),
            fix: problem.fix(),
        }
    }
}

/// The flag that sets a range, or for the ranges of Shoots, which have none, the one they follow.
pub(super) const fn flag(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Docker => "docker-subnet",
        Purpose::Pods | Purpose::ShootPods => "pod-subnet",
        Purpose::Services | Purpose::ShootServices => "service-subnet",
    }
}

fn too_many_nodes(plan: &AddressPlan, family: IpFamily, nodes: u16) -> Option<Finding> {
    let of_family = plan.of(family);
    let capacity = of_family.node_capacity();
    // Zero is a mask that does not fit at all, which is a finding of its own.
    let too_many = capacity != 0 && u128::from(nodes) > capacity;
    too_many.then(|| Finding {
        severity: Severity::Error,
        field: "pod-subnet",
        rule: "nodes-fit-pods",
        source: "kube-controller-manager: one pod range per node",
        detail: format!(
            "pods {} holds {capacity} ranges of /{}, but there are {nodes} nodes",
            of_family.pods, of_family.node_mask
        ),
        fix: "use a shorter pod prefix or fewer workers".to_owned(),
    })
}

fn small_docker_network(docker: Cidr, nodes: u16) -> Option<Finding> {
    let needed = u128::from(nodes) + NOT_NODES;
    let fits = docker.nth(needed - 1).is_some();
    (!fits).then(|| Finding {
        severity: Severity::Error,
        field: "docker-subnet",
        rule: "nodes-fit-docker-network",
        source: "Docker Engine: one address per container, and its own",
        detail: format!("docker network {docker} is too small: {needed} addresses are needed"),
        fix: "use a shorter prefix, as in a /24 or a /64".to_owned(),
    })
}

fn not_ours(purpose: Purpose, cidr: Cidr) -> Option<Finding> {
    let touches = |text: &str| {
        let range: Cidr = text.parse().expect("the constants are canonical prefixes");
        range.overlaps(cidr)
    };
    let (rule, source, why) = if touches(UNDEFINED_LOCAL) {
        (
            "local-prefix-defined",
            "RFC 4193, section 3.2",
            "lies in fc00::/8, which no standard defines",
        )
    } else if touches(GLOBAL_UNICAST) && !DOCUMENTATION.into_iter().any(touches) {
        (
            "prefix-is-ours",
            "RFC 4193, section 1",
            "is global: its owner cannot be reached from nodes and pods",
        )
    } else {
        return None;
    };
    Some(Finding {
        severity: Severity::Warning,
        field: flag(purpose),
        rule,
        source,
        detail: format!("{purpose} {cidr} {why}"),
        fix: "use a prefix out of fd00::/8".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::Families;

    fn rules(changes: &[(Purpose, &str)], nodes: u16) -> Vec<(&'static str, Severity)> {
        let mut plan = AddressPlan::default_for(Families::dual(IpFamily::V6));
        for (purpose, text) in changes {
            plan.set(*purpose, text.parse().unwrap()).unwrap();
        }
        addresses(&plan, nodes)
            .iter()
            .map(|finding| (finding.rule, finding.severity))
            .collect()
    }

    #[test]
    fn the_default_plan_is_fine_for_as_many_nodes_as_kind_ever_has() {
        assert_eq!(rules(&[], 100), []);
    }

    #[test]
    fn every_rule_speaks_under_its_own_name() {
        use Severity::{Error, Warning};

        type Case = (
            &'static [(Purpose, &'static str)],
            u16,
            &'static [(&'static str, Severity)],
        );
        let cases: [Case; 8] = [
            (
                &[(Purpose::Pods, "fd00:10:1::/63")],
                3,
                &[("nodes-fit-pods", Error)],
            ),
            (
                &[(Purpose::Docker, "172.18.0.0/29")],
                4,
                &[("nodes-fit-docker-network", Error)],
            ),
            (
                &[(Purpose::Docker, "fc00:f853:ccd:e793::/64")],
                1,
                &[("local-prefix-defined", Warning)],
            ),
            (
                &[(Purpose::Pods, "2a00:10:1::/56")],
                1,
                &[("prefix-is-ours", Warning)],
            ),
            (&[(Purpose::Pods, "2001:db8:1::/56")], 1, &[]),
            (
                &[(Purpose::Services, "fe80::/112")],
                1,
                &[("special-use", Error)],
            ),
            (
                &[(Purpose::Services, "fd00:10:1:ff::/112")],
                1,
                &[("ranges-disjoint", Error)],
            ),
            (
                &[(Purpose::Services, "10.32.0.0/11")],
                1,
                &[("services-size", Error)],
            ),
        ];
        for (changes, nodes, expected) in cases {
            assert_eq!(rules(changes, nodes), expected, "{changes:?}");
        }
    }

    #[test]
    fn of_two_ranges_the_one_with_a_flag_is_to_blame() {
        let mut plan = AddressPlan::default_for(Families::single(IpFamily::V6));
        plan.set(Purpose::Services, "fd00:10:3::/112".parse().unwrap())
            .unwrap();
        let findings = addresses(&plan, 1);
        assert_eq!(findings[0].field, "service-subnet");
        assert_eq!(
            findings[0].fix,
            "choose a range outside Shoot pods fd00:10:3::/56"
        );
    }

    #[test]
    fn a_finding_names_flag_rule_source_and_fix() {
        let mut plan = AddressPlan::default_for(Families::single(IpFamily::V6));
        plan.set(Purpose::Services, "fd00:10:2::/64".parse().unwrap())
            .unwrap();
        let findings = addresses(&plan, 1);
        assert_eq!(
            findings[0].to_string(),
            "--service-subnet: services fd00:10:2::/64 is too large: kube-apiserver takes /108 or longer \
             (rule services-size; kube-apiserver --service-cluster-ip-range: at most 20 host bits)"
        );
        assert_eq!(findings[0].fix, "use fd00:10:2::/108");
    }
}
