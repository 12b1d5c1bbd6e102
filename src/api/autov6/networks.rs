//! The tuples of a Shoot together: the rules across them, and what they compile to.

use super::{Element, Role, RoleProblem, RoleProblemKind, Tuple};
use crate::{
    api::reserved,
    net::{Cidr, Families, IpFamily},
};

/// IPv6 space that means something else: RFC 4291, RFC 6052, RFC 4380, RFC 3056.
const SPECIAL: [(&str, &str); 7] = [
    ("::/128", "the unspecified address"),
    ("::1/128", "the loopback address"),
    ("fe80::/10", "link-local"),
    ("ff00::/8", "multicast"),
    ("64:ff9b::/96", "the prefix of IPv4/IPv6 translation"),
    ("2001::/32", "Teredo"),
    ("2002::/16", "6to4"),
];

/// The tuples of a Shoot by role.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Networks {
    /// Pod ranges; a Shoot with workers needs them.
    pub pods: Option<Tuple>,
    /// Node ranges.
    pub nodes: Option<Tuple>,
    /// Service ranges; always needed.
    pub services: Option<Tuple>,
}

/// What the tuples of a Shoot mean in Gardener's terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compiled {
    /// The value of `ipFamilies`.
    pub families: Families,
    /// Per role that is given, the value of the single field of the specification: the IPv4
    /// range; without IPv4 the IPv6 range, if it is given.
    pub spec: Vec<(Role, Option<Cidr>)>,
    /// The roles whose IPv6 range the provider assigns.
    pub automatic: Vec<Role>,
}

impl Networks {
    /// The tuple of a role.
    pub const fn get(&self, role: Role) -> Option<Tuple> {
        match role {
            Role::Pods => self.pods,
            Role::Nodes => self.nodes,
            Role::Services => self.services,
        }
    }

    fn given(&self) -> impl Iterator<Item = (Role, Tuple)> {
        Role::ALL
            .into_iter()
            .filter_map(|role| Some((role, self.get(role)?)))
    }

    /// The ranges that are given, with their roles.
    fn explicit(&self) -> impl Iterator<Item = (Role, Cidr)> {
        self.given().flat_map(|(role, tuple)| {
            let elements = tuple.elements();
            elements.filter_map(move |element| Some((role, element.cidr()?)))
        })
    }

    /// Everything that is wrong with the tuples together, in the order of the rules: presence,
    /// families, their order, reserved and special ranges, overlaps. A workerless Shoot has
    /// services only.
    pub fn problems(&self, workerless: bool) -> Vec<RoleProblem> {
        let needed = [
            (Role::Pods, !workerless && self.pods.is_none()),
            (Role::Services, self.services.is_none()),
        ];
        let mut found: Vec<RoleProblem> = needed
            .into_iter()
            .filter(|(_, missing)| *missing)
            .map(|(role, _)| blame(role, RoleProblemKind::Missing))
            .collect();
        found.extend(self.family_problems());
        for (role, cidr) in self.explicit() {
            found.extend(reserved_problem(cidr).map(|kind| blame(role, kind)));
        }
        for (role, cidr) in self.explicit() {
            found.extend(special_problem(cidr).map(|kind| blame(role, kind)));
        }
        found.extend(self.overlaps());
        found
    }

    /// The first role that is given decides; the others have to agree with it.
    fn family_problems(&self) -> Vec<RoleProblem> {
        let mut given = self.given();
        let Some((reference, tuple)) = given.next() else {
            return Vec::new();
        };
        let expected = tuple.families();
        let others: Vec<(Role, Families)> = given
            .map(|(role, tuple)| (role, tuple.families()))
            .filter(|(_, found)| *found != expected)
            .collect();
        let same_set = |found: Families| found.is_dual() && expected.is_dual();
        let sets = others.iter().filter(|(_, found)| !same_set(*found));
        let orders = others.iter().filter(|(_, found)| same_set(*found));
        let sets = sets.map(|(role, found)| {
            let found = *found;
            blame(
                *role,
                RoleProblemKind::FamilySet {
                    found,
                    reference,
                    expected,
                },
            )
        });
        let orders = orders.map(|(role, found)| {
            let found = *found;
            blame(
                *role,
                RoleProblemKind::FamilyOrder {
                    found,
                    reference,
                    expected,
                },
            )
        });
        sets.chain(orders).collect()
    }

    fn overlaps(&self) -> Vec<RoleProblem> {
        let ranges: Vec<(Role, Cidr)> = self.explicit().collect();
        let mut found = Vec::new();
        for (index, (other, other_cidr)) in ranges.iter().copied().enumerate() {
            for (role, cidr) in ranges[index + 1..].iter().copied() {
                if role != other && cidr.overlaps(other_cidr) {
                    let kind = RoleProblemKind::Overlap {
                        cidr,
                        other,
                        other_cidr,
                    };
                    found.push(blame(role, kind));
                }
            }
        }
        found
    }

    /// What the tuples compile to; the first problem where they do not fit together.
    pub fn compile(&self, workerless: bool) -> Result<Compiled, RoleProblem> {
        if let Some(problem) = self.problems(workerless).into_iter().next() {
            return Err(problem);
        }
        let services = self.services.expect("without services there is a problem");
        let single = |tuple: Tuple| {
            let cidr = |family| tuple.of(family).and_then(Element::cidr);
            cidr(IpFamily::V4).or_else(|| cidr(IpFamily::V6))
        };
        Ok(Compiled {
            families: services.families(),
            spec: self
                .given()
                .map(|(role, tuple)| (role, single(tuple)))
                .collect(),
            automatic: self
                .given()
                .filter(|(_, tuple)| tuple.is_automatic())
                .map(|(role, _)| role)
                .collect(),
        })
    }
}

fn blame(role: Role, kind: RoleProblemKind) -> RoleProblem {
    RoleProblem { role, kind }
}

fn constant(text: &str) -> Cidr {
    text.parse().expect("the constants are canonical ranges")
}

fn reserved_problem(cidr: Cidr) -> Option<RoleProblemKind> {
    reserved::UPSTREAM
        .into_iter()
        .map(constant)
        .find(|reserved| reserved.overlaps(cidr))
        .map(|reserved| RoleProblemKind::Reserved { cidr, reserved })
}

fn special_problem(cidr: Cidr) -> Option<RoleProblemKind> {
    SPECIAL
        .into_iter()
        .map(|(text, meaning)| (constant(text), meaning))
        .find(|(special, _)| special.overlaps(cidr))
        .map(|(special, meaning)| RoleProblemKind::Special {
            cidr,
            special,
            meaning,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn networks(pods: &str, nodes: &str, services: &str) -> Networks {
        let tuple = |text: &str| (!text.is_empty()).then(|| text.parse().unwrap());
        Networks {
            pods: tuple(pods),
            nodes: tuple(nodes),
            services: tuple(services),
        }
    }

    fn codes(networks: &Networks) -> Vec<String> {
        let problems = networks.problems(false);
        let code = |problem: &RoleProblem| format!("{} {}", problem.role, problem.kind.code());
        problems.iter().map(code).collect()
    }

    #[test]
    fn the_example_of_the_draft_compiles() {
        let draft = networks(
            "AUTOv6, 100.128.0.0/11, ",
            "AUTOv6, 10.255.0.0/16",
            "AUTOv6, 100.72.0.0/13",
        );
        let compiled = draft.compile(false).unwrap();
        assert_eq!(compiled.families, Families::dual(IpFamily::V6));
        assert_eq!(compiled.automatic, Role::ALL);
        let spec: Vec<_> = compiled
            .spec
            .iter()
            .map(|(role, cidr)| (*role, cidr.unwrap().to_string()))
            .collect();
        let expected = [
            (Role::Pods, "100.128.0.0/11"),
            (Role::Nodes, "10.255.0.0/16"),
            (Role::Services, "100.72.0.0/13"),
        ];
        assert_eq!(spec, expected.map(|(role, text)| (role, text.to_owned())));
    }

    #[test]
    fn given_ipv6_ranges_stay_in_the_specification_and_nothing_is_automatic() {
        let given = networks("2001:db8:1::/48", "", "2001:db8:3::/112");
        let compiled = given.compile(false).unwrap();
        assert_eq!(compiled.families, Families::single(IpFamily::V6));
        assert_eq!(compiled.automatic, []);
        assert_eq!(compiled.spec[0].1, "2001:db8:1::/48".parse().ok());
    }

    #[test]
    fn all_problems_are_told_in_the_order_of_the_rules() {
        assert_eq!(codes(&networks("", "AUTOv6", "")).len(), 2);
        let bad = networks(
            "AUTOv6, 10.0.0.0/16",
            "10.0.128.0/17, fe80::/64",
            "243.0.0.0/16",
        );
        let expected = [
            "services FAMILY_SET_MISMATCH",
            "nodes FAMILY_ORDER_MISMATCH",
            "services RESERVED_RANGE",
            "nodes SPECIAL_RANGE",
            "nodes ROLE_OVERLAP",
        ];
        assert_eq!(codes(&bad), expected);
    }

    #[test]
    fn covering_a_reserved_or_special_range_is_as_bad_as_being_inside() {
        let expected = ["pods RESERVED_RANGE", "pods SPECIAL_RANGE"];
        let all = networks("::/0", "", "AUTOv6");
        assert_eq!(codes(&all), expected);
        let teredo = networks("2001::/16", "", "AUTOv6");
        assert_eq!(codes(&teredo), ["pods SPECIAL_RANGE"]);
        let documentation = networks("2001:db8::/48", "", "AUTOv6");
        assert_eq!(codes(&documentation), [""; 0]);
    }

    #[test]
    fn a_workerless_shoot_needs_services_only() {
        let workerless = networks("", "", "AUTOv6");
        assert_eq!(workerless.problems(true), []);
        assert_eq!(codes(&workerless), ["pods ROLE_MISSING"]);
    }
}
