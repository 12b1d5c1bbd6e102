//! The address plan of an environment, and what Kubernetes demands of one.

use std::{fmt, net::IpAddr};

use serde::{Deserialize, Serialize};

use super::PlanProblem;
use crate::net::{Cidr, Families, IpFamily, SpecialUse};

/// The prefixes of one family. Defaults are those of Gardener's local setup, so that people find
/// the addresses that they know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FamilyPlan {
    /// The Docker network that carries the nodes.
    pub docker: Cidr,
    /// The cluster's pod range, from which the nodes' pod ranges are cut.
    pub pods: Cidr,
    /// The part of `pods` that the cluster's own pods use; the rest is for machine pods.
    pub pod_pool: Cidr,
    /// The cluster's service range.
    pub services: Cidr,
    /// The range of Shoot nodes, inside `pods` and outside `pod_pool`.
    pub shoot_nodes: Cidr,
    /// Default pod range of Shoots.
    pub shoot_pods: Cidr,
    /// Default service range of Shoots.
    pub shoot_services: Cidr,
    /// The address that Services of type `LoadBalancer` get (GEP-21: the host's loopback).
    pub load_balancer: IpAddr,
    /// The prefix length of a node's pod range.
    pub node_mask: u8,
}

/// What a prefix of the plan is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Purpose {
    /// The Docker network.
    Docker,
    /// The cluster's pods.
    Pods,
    /// The cluster's services.
    Services,
    /// Default pods of Shoots.
    ShootPods,
    /// Default services of Shoots.
    ShootServices,
}

impl Purpose {
    /// Whether the range is what Shoots get by default, not the cluster itself.
    pub const fn is_for_shoots(self) -> bool {
        matches!(self, Self::ShootPods | Self::ShootServices)
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Docker => "docker network",
            Self::Pods => "pods",
            Self::Services => "services",
            Self::ShootPods => "Shoot pods",
            Self::ShootServices => "Shoot services",
        })
    }
}

/// The prefixes of both families, and which of the families are in use.
///
/// The other family's plan is kept as well: the Docker network always carries IPv4 because
/// Docker's own resolver has no IPv6 address (kind issue 3114).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AddressPlan {
    /// The families in use, primary first.
    pub families: Families,
    /// The IPv4 prefixes.
    pub v4: FamilyPlan,
    /// The IPv6 prefixes.
    pub v6: FamilyPlan,
}

impl AddressPlan {
    /// The plan of Gardener's local setup for these families.
    pub fn default_for(families: Families) -> Self {
        let cidr = |text: &str| text.parse().expect("built-in prefixes are canonical");
        Self {
            families,
            v4: FamilyPlan {
                docker: cidr("172.18.0.0/24"),
                pods: cidr("10.0.0.0/15"),
                pod_pool: cidr("10.1.0.0/16"),
                services: cidr("10.2.0.0/16"),
                shoot_nodes: cidr("10.0.0.0/16"),
                shoot_pods: cidr("10.3.0.0/16"),
                shoot_services: cidr("10.4.0.0/16"),
                load_balancer: IpFamily::V4.loopback(),
                node_mask: 24,
            },
            v6: FamilyPlan {
                docker: cidr("fd00:10::/64"),
                pods: cidr("fd00:10:1::/48"),
                pod_pool: cidr("fd00:10:1::/56"),
                services: cidr("fd00:10:2::/112"),
                shoot_nodes: cidr("fd00:10:1:100::/56"),
                shoot_pods: cidr("fd00:10:3::/56"),
                shoot_services: cidr("fd00:10:4::/112"),
                load_balancer: IpFamily::V6.loopback(),
                node_mask: 64,
            },
        }
    }

    /// The prefixes of one family.
    pub fn of(&self, family: IpFamily) -> &FamilyPlan {
        match family {
            IpFamily::V4 => &self.v4,
            IpFamily::V6 => &self.v6,
        }
    }

    fn of_mut(&mut self, family: IpFamily) -> &mut FamilyPlan {
        match family {
            IpFamily::V4 => &mut self.v4,
            IpFamily::V6 => &mut self.v6,
        }
    }

    /// The plans of the families in use, primary first.
    pub fn in_use(&self) -> impl Iterator<Item = &FamilyPlan> {
        self.families.iter().map(|family| self.of(family))
    }

    /// The pod ranges in family order.
    pub fn pods(&self) -> Vec<Cidr> {
        self.in_use().map(|plan| plan.pods).collect()
    }

    /// The service ranges in family order.
    pub fn services(&self) -> Vec<Cidr> {
        self.in_use().map(|plan| plan.services).collect()
    }

    /// The range of a family that is for `purpose`.
    pub fn range(&self, purpose: Purpose, family: IpFamily) -> Cidr {
        let plan = self.of(family);
        match purpose {
            Purpose::Docker => plan.docker,
            Purpose::Pods => plan.pods,
            Purpose::Services => plan.services,
            Purpose::ShootPods => plan.shoot_pods,
            Purpose::ShootServices => plan.shoot_services,
        }
    }

    /// The ranges of a family that the environment uses. The Docker network carries both families whatever the
    /// cluster uses.
    pub fn used(&self, family: IpFamily) -> impl Iterator<Item = (Purpose, Cidr)> {
        let is_in_cluster = self.families.contains(family);
        self.of(family)
            .ranges()
            .into_iter()
            .filter(move |(purpose, _)| *purpose == Purpose::Docker || is_in_cluster)
    }

    /// Replaces the range of `cidr`'s family that is for `purpose`.
    ///
    /// A new pod range takes the pool and the Shoot nodes with it: the pool is its first half,
    /// the Shoot nodes its second half, as long as there are halves.
    pub fn set(&mut self, purpose: Purpose, cidr: Cidr) -> Result<(), PlanProblem> {
        let family = cidr.family();
        // The Docker network carries both families whatever the cluster uses.
        if purpose != Purpose::Docker && !self.families.contains(family) {
            return Err(PlanProblem::FamilyNotUsed {
                purpose,
                cidr,
                found: family,
                families: self.families,
            });
        }
        let plan = self.of_mut(family);
        match purpose {
            Purpose::Docker => plan.docker = cidr,
            Purpose::Services => plan.services = cidr,
            Purpose::ShootPods => plan.shoot_pods = cidr,
            Purpose::ShootServices => plan.shoot_services = cidr,
            Purpose::Pods => {
                let mut halves = cidr.subnets((cidr.prefix_len() + 1).min(family.bits()));
                plan.pods = cidr;
                plan.pod_pool = halves.next().unwrap_or(cidr);
                plan.shoot_nodes = halves.next().unwrap_or(cidr);
            }
        }
        Ok(())
    }

    /// Everything about the families in use that kube-apiserver, kubeadm or node IPAM refuse, and
    /// every overlap.
    pub fn problems(&self) -> Vec<PlanProblem> {
        let mut problems = Vec::new();
        for plan in self.in_use() {
            problems.extend(plan.size_problems());
            problems.extend(plan.use_problems());
            let ranges = plan.ranges();
            for (index, (first, first_cidr)) in ranges.iter().enumerate() {
                for (second, second_cidr) in &ranges[index + 1..] {
                    if first_cidr.overlaps(*second_cidr) {
                        problems.push(PlanProblem::Overlap {
                            first: *first,
                            first_cidr: *first_cidr,
                            second: *second,
                            second_cidr: *second_cidr,
                        });
                    }
                }
            }
        }
        problems
    }
}

impl FamilyPlan {
    fn ranges(&self) -> [(Purpose, Cidr); 5] {
        [
            (Purpose::Docker, self.docker),
            (Purpose::Pods, self.pods),
            (Purpose::Services, self.services),
            (Purpose::ShootPods, self.shoot_pods),
            (Purpose::ShootServices, self.shoot_services),
        ]
    }

    /// Ranges that no host may use for what they are wanted for.
    fn use_problems(&self) -> impl Iterator<Item = PlanProblem> {
        self.ranges().into_iter().filter_map(|(purpose, cidr)| {
            let special = SpecialUse::of(cidr)?;
            Some(PlanProblem::SpecialUse {
                purpose,
                cidr,
                special,
            })
        })
    }

    /// How many nodes can get a pod range of their own.
    pub fn node_capacity(&self) -> u128 {
        match self.node_mask.checked_sub(self.pods.prefix_len()) {
            Some(bits) => 1_u128.checked_shl(bits.into()).unwrap_or(u128::MAX),
            None => 0,
        }
    }

    fn size_problems(&self) -> impl Iterator<Item = PlanProblem> {
        const MAX_SERVICE_HOST_BITS: u8 = 20;
        const MIN_SERVICE_HOST_BITS: u8 = 4;
        const MAX_NODE_BITS: u8 = 16;
        let services = self.services;
        let bits = services.family().bits();
        let host_bits = bits - services.prefix_len();
        let too_large =
            (host_bits > MAX_SERVICE_HOST_BITS).then_some(PlanProblem::ServicesTooLarge {
                cidr: services,
                longest: bits - MAX_SERVICE_HOST_BITS,
            });
        let too_small =
            (host_bits < MIN_SERVICE_HOST_BITS).then_some(PlanProblem::ServicesTooSmall {
                cidr: services,
                shortest: bits - MIN_SERVICE_HOST_BITS,
            });
        let node_bits = self.node_mask.checked_sub(self.pods.prefix_len());
        let mask =
            node_bits
                .is_none_or(|bits| bits > MAX_NODE_BITS)
                .then_some(PlanProblem::NodeMask {
                    cidr: self.pods,
                    mask: self.node_mask,
                });
        [too_large, too_small, mask].into_iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cidr(text: &str) -> Cidr {
        text.parse().unwrap()
    }

    fn plan() -> AddressPlan {
        AddressPlan::default_for(Families::dual(IpFamily::V6))
    }

    #[test]
    fn the_default_plan_has_no_problem_in_either_family() {
        assert_eq!(plan().problems(), []);
    }

    #[test]
    fn shoot_nodes_are_pod_addresses_outside_the_pool() {
        for plan in plan().in_use() {
            assert!(plan.pods.contains_cidr(plan.shoot_nodes));
            assert!(!plan.pod_pool.overlaps(plan.shoot_nodes));
        }
    }

    #[test]
    fn ranges_follow_the_order_of_the_families() {
        let plan = AddressPlan::default_for(Families::dual(IpFamily::V4));
        assert_eq!(plan.pods(), [plan.v4.pods, plan.v6.pods]);
    }

    #[test]
    fn what_kubernetes_refuses_is_found_before_it_does() {
        let cases = [
            (
                Purpose::Services,
                "fd00:10:2::/107",
                "services fd00:10:2::/107 is too large: kube-apiserver takes /108 or longer",
            ),
            (
                Purpose::Services,
                "fd00:10:2::/125",
                "services fd00:10:2::/125 is too small: kubeadm needs at least 10 addresses (/124)",
            ),
            (
                Purpose::Services,
                "10.32.0.0/11",
                "services 10.32.0.0/11 is too large: kube-apiserver takes /12 or longer",
            ),
            (
                Purpose::Pods,
                "fd00:20::/47",
                "pods fd00:20::/47 cannot be cut into /64 per node: the node mask must be 0 to 16 bits longer than the range",
            ),
            (
                Purpose::Pods,
                "fd00:20::/65",
                "pods fd00:20::/65 cannot be cut into /64 per node: the node mask must be 0 to 16 bits longer than the range",
            ),
            (
                Purpose::Pods,
                "fd00:10::/56",
                "docker network fd00:10::/64 and pods fd00:10::/56 overlap",
            ),
        ];
        for (purpose, range, expected) in cases {
            let mut plan = plan();
            plan.set(purpose, cidr(range)).unwrap();
            let messages: Vec<_> = plan.problems().iter().map(ToString::to_string).collect();
            assert_eq!(messages, [expected]);
        }
    }

    #[test]
    fn a_range_of_an_unused_family_is_refused() {
        let mut plan = AddressPlan::default_for(Families::single(IpFamily::V6));
        let refused = plan.set(Purpose::Pods, cidr("10.9.0.0/16")).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "pods prefix 10.9.0.0/16 is IPv4, but the environment is ipv6"
        );
    }
}
