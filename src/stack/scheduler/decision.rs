//! Which Seed fits a Shoot, and why the others do not. Pure.

use std::{collections::BTreeMap, fmt};

use crate::{
    api::{
        ConditionStatus,
        core::{Seed, Shoot},
    },
    net::{Cidr, Families, IpFamily},
    stack::{
        networks::{ShootRanges, seed_families, shoot_families},
        provider_clouds, provider_local,
    },
};

/// Why a Seed does not fit a Shoot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// The Seed is going away.
    Deleting,
    /// The Seed does not say that it is ready.
    NotReady,
    /// The Seed runs on another provider.
    Provider {
        /// The Seed's provider.
        seed: String,
        /// The provider that the Shoot asks for.
        shoot: String,
    },
    /// The Seed lacks a family of the Shoot.
    Families {
        /// The Seed's families.
        seed: Families,
        /// The Shoot's families.
        shoot: Families,
    },
    /// A range of the Shoot overlaps one of the Seed.
    Overlap {
        /// What the Shoot's range is for.
        purpose: &'static str,
        /// The Shoot's range.
        range: String,
        /// What the Seed's range is for.
        seed_purpose: &'static str,
        /// The Seed's range.
        seed_range: String,
    },
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deleting => f.write_str("it is being deleted"),
            Self::NotReady => f.write_str("it is not ready"),
            Self::Provider { seed, shoot } => {
                write!(f, "its provider is `{seed}`, the Shoot asks for `{shoot}`")
            }
            Self::Families { seed, shoot } => {
                write!(f, "its IP families are {seed}, the Shoot needs {shoot}")
            }
            Self::Overlap {
                purpose,
                range,
                seed_purpose,
                seed_range,
            } => write!(
                f,
                "the Shoot's {purpose} {range} overlap its {seed_purpose} {seed_range}"
            ),
        }
    }
}

/// The outcome for one Shoot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The Seed to use.
    Seed(String),
    /// No Seed fits; the reasons by Seed.
    None(BTreeMap<String, Vec<Misfit>>),
}

impl Verdict {
    /// A sentence about a failed search that names every Seed with its reasons.
    pub fn explain(misfits: &BTreeMap<String, Vec<Misfit>>) -> String {
        if misfits.is_empty() {
            return "there is no Seed".to_owned();
        }
        let seeds: Vec<String> = misfits
            .iter()
            .map(|(seed, reasons)| {
                let reasons: Vec<String> = reasons.iter().map(ToString::to_string).collect();
                format!("Seed `{seed}`: {}", reasons.join("; "))
            })
            .collect();
        format!("none of {} Seeds fits. {}", misfits.len(), seeds.join(". "))
    }
}

/// Chooses a Seed: the one with the fewest Shoots among those that fit, ties by name.
///
/// The families of the Seed have to contain those of the Shoot (GEP-21 leaves hosting of another
/// family out; Gardener itself never compares them). Only IPv6 ranges have to be disjoint,
/// overlapping IPv4 ranges are translated on the way; ranges that the Shoot does not set count as
/// the Seed's defaults.
pub fn decide<'a>(
    shoot: &Shoot,
    seeds: impl IntoIterator<Item = &'a Seed>,
    load: impl Fn(&str) -> usize,
) -> Verdict {
    let mut misfits = BTreeMap::new();
    let mut fitting = Vec::new();
    for seed in seeds {
        let name = seed.metadata.name.clone().unwrap_or_default();
        let reasons = misfits_of(shoot, seed);
        if reasons.is_empty() {
            fitting.push(name);
        } else {
            misfits.insert(name, reasons);
        }
    }
    // Counting Shoots takes time; a single candidate wins without.
    let best = match fitting.as_slice() {
        [only] => Some(only.clone()),
        _ => fitting
            .into_iter()
            .min_by_key(|name| (load(name), name.clone())),
    };
    best.map_or(Verdict::None(misfits), Verdict::Seed)
}

fn misfits_of(shoot: &Shoot, seed: &Seed) -> Vec<Misfit> {
    let mut reasons = Vec::new();
    if seed.metadata.deletion_timestamp.is_some() {
        reasons.push(Misfit::Deleting);
    }
    if !is_ready(seed) {
        reasons.push(Misfit::NotReady);
    }
    let (has, needs) = (&seed.spec.provider.type_, &shoot.spec.provider.type_);
    // What is simulated needs no account anywhere, so the local Seed hosts it, too.
    let simulated = has == provider_local::TYPE && provider_clouds::is_simulated(needs);
    if !needs.is_empty() && !has.is_empty() && has != needs && !simulated {
        reasons.push(Misfit::Provider {
            seed: has.clone(),
            shoot: needs.clone(),
        });
    }
    let (has, needs) = (seed_families(seed), shoot_families(shoot));
    if !needs.iter().all(|family| has.contains(family)) {
        reasons.push(Misfit::Families {
            seed: has,
            shoot: needs,
        });
    }
    reasons.extend(overlaps(shoot, seed));
    reasons
}

fn is_ready(seed: &Seed) -> bool {
    seed.status.as_ref().is_some_and(|status| {
        status.conditions.iter().any(|condition| {
            condition.type_ == "GardenletReady" && condition.status == ConditionStatus::True
        })
    })
}

fn overlaps(shoot: &Shoot, seed: &Seed) -> Vec<Misfit> {
    let ranges = ShootRanges::wanted(shoot, seed).with_status(shoot);
    let wanted = [
        ("nodes", &ranges.nodes),
        ("pods", &ranges.pods),
        ("services", &ranges.services),
    ];
    let networks = &seed.spec.networks;
    let taken = [
        ("nodes", networks.nodes.as_deref().unwrap_or_default()),
        ("pods", networks.pods.as_str()),
        ("services", networks.services.as_str()),
    ];
    let mut found = Vec::new();
    for (purpose, list) in wanted {
        for range in list {
            for (seed_purpose, seed_range) in taken {
                if overlap_in_ipv6(range, seed_range) {
                    found.push(Misfit::Overlap {
                        purpose,
                        range: range.clone(),
                        seed_purpose,
                        seed_range: seed_range.to_owned(),
                    });
                }
            }
        }
    }
    found
}

fn overlap_in_ipv6(a: &str, b: &str) -> bool {
    let (Ok(a), Ok(b)) = (a.parse::<Cidr>(), b.parse::<Cidr>()) else {
        return false;
    };
    a.family() == IpFamily::V6 && a.overlaps(b)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn seed(name: &str, networks: &Value) -> Seed {
        let spec = json!({"provider": {"type": "local"}, "networks": networks});
        let mut seed = Seed::new(name, serde_json::from_value(spec).unwrap());
        let now = "2026-01-01T00:00:00Z";
        let status = json!({"conditions": [{
            "type": "GardenletReady", "status": "True", "reason": "Ready", "message": "",
            "lastTransitionTime": now, "lastUpdateTime": now,
        }]});
        seed.status = serde_json::from_value(status).unwrap();
        seed
    }

    fn v6_seed(name: &str) -> Seed {
        let networks = json!({
            "nodes": "fd00:10::/64", "pods": "fd00:10:1::/56", "services": "fd00:10:2::/112",
            "shootDefaults": {"pods": "fd00:10:3::/56", "services": "fd00:10:4::/112"},
            "ipFamilies": ["IPv6"],
        });
        seed(name, &networks)
    }

    fn shoot(networking: &Value) -> Shoot {
        let spec = json!({
            "networking": networking,
            "provider": {"type": "local", "workers": [{"name": "a"}]},
        });
        Shoot::new("local", serde_json::from_value(spec).unwrap())
    }

    fn explain(verdict: &Verdict) -> String {
        match verdict {
            Verdict::Seed(name) => name.clone(),
            Verdict::None(misfits) => Verdict::explain(misfits),
        }
    }

    #[test]
    fn the_example_shoot_fits_the_local_seed() {
        let example = shoot(&json!({"ipFamilies": ["IPv6"], "nodes": "fd00:10:1:100::/56"}));
        let verdict = decide(&example, [&v6_seed("local")], |_| 0);
        assert_eq!(verdict, Verdict::Seed("local".to_owned()));
    }

    #[test]
    fn the_seed_with_fewer_shoots_wins_and_names_break_ties() {
        let example = shoot(&json!({"ipFamilies": ["IPv6"]}));
        let seeds = [v6_seed("b"), v6_seed("a"), v6_seed("c")];
        let load = |name: &str| usize::from(name == "a");
        assert_eq!(
            decide(&example, &seeds, load),
            Verdict::Seed("b".to_owned())
        );
    }

    #[test]
    fn every_seed_is_named_with_its_reasons() {
        let v4 = shoot(&json!({"ipFamilies": ["IPv4"]}));
        let mut unready = v6_seed("late");
        unready.status = None;
        let text = explain(&decide(&v4, [&v6_seed("local"), &unready], |_| 0));
        assert_eq!(
            text,
            "none of 2 Seeds fits. Seed `late`: it is not ready; its IP families are ipv6, the \
             Shoot needs ipv4. Seed `local`: its IP families are ipv6, the Shoot needs ipv4"
        );
        assert_eq!(explain(&decide(&v4, [], |_| 0)), "there is no Seed");
    }

    #[test]
    fn overlapping_ipv6_ranges_exclude_a_seed_and_defaults_count() {
        let inside = shoot(&json!({"ipFamilies": ["IPv6"], "pods": "fd00:10:1:40::/64"}));
        let text = explain(&decide(&inside, [&v6_seed("local")], |_| 0));
        assert!(
            text.contains("pods fd00:10:1:40::/64 overlap its pods fd00:10:1::/56"),
            "{text}"
        );

        let networks = json!({
            "pods": "fd00:10:1::/56", "services": "fd00:10:4::/112",
            "shootDefaults": {"services": "fd00:10:4::/112"}, "ipFamilies": ["IPv6"],
        });
        let unset = shoot(&json!({"ipFamilies": ["IPv6"]}));
        assert!(matches!(
            decide(&unset, [&seed("local", &networks)], |_| 0),
            Verdict::None(_)
        ));
    }

    #[test]
    fn overlapping_ipv4_ranges_are_no_obstacle() {
        let networks = json!({"pods": "10.1.0.0/16", "services": "10.2.0.0/16"});
        let v4 = shoot(&json!({"pods": "10.1.0.0/16"}));
        let verdict = decide(&v4, [&seed("local", &networks)], |_| 0);
        assert_eq!(verdict, Verdict::Seed("local".to_owned()));
    }
}
