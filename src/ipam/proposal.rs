//! Another plan where the defaults are in somebody's way.

use thiserror::Error;

use super::{
    AddressPlan, PlanProblem, Purpose,
    clouds::unique_local,
    engine::{DEFAULT_NAMESPACE, Engine, Reserve},
};
use crate::net::{Cidr, IpFamily};

/// A prefix that somebody has, and who.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The prefix.
    pub cidr: Cidr,
    /// Who has it, for people: `environment x`, `the route over wg0`.
    pub by: String,
}

/// A range that moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// What it is for.
    pub purpose: Purpose,
    /// Where it was by default.
    pub from: Cidr,
    /// Where it is now.
    pub to: Cidr,
}

/// A plan that is in nobody's way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The plan.
    pub plan: AddressPlan,
    /// What is not where it is by default.
    pub moved: Vec<Moved>,
    /// What was in the way.
    pub because: Vec<Taken>,
}

/// Why there is no such plan.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NoProposal {
    /// The private IPv4 space is used up.
    #[error("no private IPv4 prefix for {what} is left beside {}", list(taken))]
    NoRoom {
        /// What it would be for.
        what: &'static str,
        /// What is in the way.
        taken: Vec<Taken>,
    },
    /// What follows is no plan.
    #[error(transparent)]
    Plan(#[from] PlanProblem),
}

/// Prefixes and who has them, for people.
pub fn list(taken: &[Taken]) -> String {
    let texts: Vec<String> = taken
        .iter()
        .map(|taken| format!("{} ({})", taken.cidr, taken.by))
        .collect();
    texts.join(", ")
}

const ALL: [Purpose; 5] = [
    Purpose::Docker,
    Purpose::Pods,
    Purpose::Services,
    Purpose::ShootPods,
    Purpose::ShootServices,
];
/// How many unique local prefixes are tried; each is disjoint from everything but for bad luck.
const TRIES: u32 = 1_000;

/// Moves what was not chosen out of the way of what is taken. A family moves as a whole, so that
/// its ranges are easy to tell: IPv6 to a unique local /48 that follows from `seed`, IPv4 to other
/// private space.
pub fn disjoint(
    plan: &AddressPlan,
    chosen: &[(Purpose, IpFamily)],
    taken: &[Taken],
    seed: &str,
) -> Result<Proposal, NoProposal> {
    let mut proposal = Proposal {
        plan: plan.clone(),
        moved: Vec::new(),
        because: Vec::new(),
    };
    for family in [IpFamily::V6, IpFamily::V4] {
        let free: Vec<Purpose> = plan
            .used(family)
            .map(|(purpose, _)| purpose)
            .filter(|purpose| !chosen.contains(&(*purpose, family)))
            .collect();
        let in_the_way: Vec<&Taken> = taken
            .iter()
            .filter(|taken| {
                let overlaps =
                    |purpose: &Purpose| plan.range(*purpose, family).overlaps(taken.cidr);
                free.iter().any(overlaps)
            })
            .collect();
        if in_the_way.is_empty() {
            continue;
        }
        let mut all: Vec<Taken> = taken.to_vec();
        all.extend(
            chosen
                .iter()
                .filter(|(_, of)| *of == family)
                .map(|(purpose, _)| Taken {
                    cidr: plan.range(*purpose, family),
                    by: "chosen".to_owned(),
                }),
        );
        let ranges = match family {
            IpFamily::V6 => unique_local_ranges(&all, seed),
            IpFamily::V4 => private_ranges(&all)?,
        };
        for purpose in free {
            let from = plan.range(purpose, family);
            let to = ranges[index(purpose)];
            proposal.plan.set(purpose, to)?;
            proposal.moved.push(Moved { purpose, from, to });
        }
        proposal.because.extend(in_the_way.into_iter().cloned());
    }
    proposal.because.dedup();
    Ok(proposal)
}

fn index(purpose: Purpose) -> usize {
    let place = ALL.iter().position(|other| *other == purpose);
    place.expect("all purposes are listed")
}

fn constant(text: &str) -> Cidr {
    text.parse().expect("the constants are canonical")
}

fn is_free(cidr: Cidr, taken: &[Taken]) -> bool {
    taken.iter().all(|taken| !taken.cidr.overlaps(cidr))
}

/// The number of a piece of a prefix.
fn piece(of: Cidr, length: u8, number: usize) -> Cidr {
    let mut pieces = of.subnets(length);
    pieces.nth(number).expect("the prefix has that many pieces")
}

/// Ranges of the sizes of the defaults, except that all of them fit into one /48.
fn unique_local_ranges(taken: &[Taken], seed: &str) -> [Cidr; 5] {
    let site = (0..TRIES)
        .map(|number| match number {
            0 => unique_local::site(seed),
            number => unique_local::site(&format!("{seed}-{number}")),
        })
        .find(|site| is_free(*site, taken))
        .unwrap_or_else(|| unique_local::site(seed));
    [
        piece(site, 64, 0),
        piece(site, 52, 1),
        piece(piece(site, 64, 2), 112, 0),
        piece(site, 56, 3),
        piece(piece(site, 64, 4), 112, 0),
    ]
}

/// Ranges of the sizes of the defaults out of private space (RFC 1918).
fn private_ranges(taken: &[Taken]) -> Result<[Cidr; 5], NoProposal> {
    let docker = free_block(&["172.16.0.0/12", "192.168.0.0/16"], 24, taken);
    let cluster = free_block(&["10.0.0.0/8"], 13, taken);
    let no_room = |what| NoProposal::NoRoom {
        what,
        taken: taken.to_vec(),
    };
    let docker = docker.ok_or_else(|| no_room("the docker network"))?;
    let cluster = cluster.ok_or_else(|| no_room("pods and services"))?;
    Ok([
        docker,
        piece(cluster, 15, 0),
        piece(cluster, 16, 2),
        piece(cluster, 16, 3),
        piece(cluster, 16, 4),
    ])
}

/// The lowest block that nobody has. What is taken is marked in an engine, the largest first,
/// because smaller ones may lie inside.
fn free_block(pools: &[&str], length: u8, taken: &[Taken]) -> Option<Cidr> {
    let mut sorted: Vec<Cidr> = taken.iter().map(|taken| taken.cidr).collect();
    sorted.sort_by_key(|cidr| cidr.prefix_len());
    pools.iter().map(|pool| constant(pool)).find_map(|pool| {
        if sorted.iter().any(|cidr| cidr.contains_cidr(pool)) {
            return None;
        }
        let mut engine = Engine::default();
        engine
            .create_prefix(DEFAULT_NAMESPACE, pool, Reserve::Ends)
            .ok()?;
        for cidr in &sorted {
            // What lies elsewhere, or in what is marked already, changes nothing.
            drop(engine.acquire_specific_child(DEFAULT_NAMESPACE, pool, *cidr));
        }
        let free = engine.free_blocks(DEFAULT_NAMESPACE, pool).ok()?;
        let fits = free
            .into_iter()
            .find(|block| block.prefix_len() <= length)?;
        Cidr::containing(fits.network(), length)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::net::Families;

    fn taken(texts: &[&str]) -> Vec<Taken> {
        texts
            .iter()
            .map(|text| Taken {
                cidr: text.parse().unwrap(),
                by: "test".to_owned(),
            })
            .collect()
    }

    fn plan() -> AddressPlan {
        AddressPlan::default_for(Families::dual(IpFamily::V6))
    }

    #[test]
    fn a_plan_that_is_in_nobodys_way_stays() {
        let taken = taken(&["fd00:11::/32", "192.168.0.0/16", "10.64.0.0/10"]);
        let proposal = disjoint(&plan(), &[], &taken, "x").unwrap();
        assert_eq!((proposal.plan, proposal.moved), (plan(), Vec::new()));
    }

    #[test]
    fn only_the_family_in_the_way_moves_and_what_was_chosen_stays() {
        let proposal = disjoint(&plan(), &[], &taken(&["10.3.0.0/24"]), "x").unwrap();
        assert_eq!(proposal.plan.v6, plan().v6);
        assert_eq!(proposal.plan.v4.pods.to_string(), "10.8.0.0/15");
        assert_eq!(proposal.because.len(), 1);
        let chosen = [(Purpose::Pods, IpFamily::V4)];
        let proposal = disjoint(&plan(), &chosen, &taken(&["10.3.0.0/24"]), "x").unwrap();
        assert_eq!(proposal.plan.v4.pods, plan().v4.pods);
        assert_eq!(proposal.plan.v4.shoot_pods.to_string(), "10.11.0.0/16");
        assert_eq!(proposal.plan.problems(), []);
    }

    #[test]
    fn a_full_private_space_is_told() {
        let full = taken(&["10.0.0.0/8"]);
        let error = disjoint(&plan(), &[], &full, "x").unwrap_err();
        assert_eq!(
            error.to_string(),
            "no private IPv4 prefix for pods and services is left beside 10.0.0.0/8 (test)"
        );
    }

    proptest! {
        #[test]
        fn one_environment_after_the_other_is_disjoint_from_all_before(count in 2_usize..12) {
            let mut before: Vec<Taken> = Vec::new();
            for number in 0..count {
                let name = format!("environment-{number}");
                let proposal = disjoint(&plan(), &[], &before, &name).unwrap();
                prop_assert_eq!(proposal.plan.problems(), []);
                for family in [IpFamily::V4, IpFamily::V6] {
                    for purpose in ALL {
                        let cidr = proposal.plan.range(purpose, family);
                        prop_assert!(before.iter().all(|other| other.by == name || !other.cidr.overlaps(cidr)));
                        before.push(Taken { cidr, by: name.clone() });
                    }
                }
            }
        }
    }
}
