//! The networks that a Shoot really has, from what it asks for, its Seed's defaults and its status.

use crate::{
    api::{
        autov6::notation,
        core::{Networking, Seed, Shoot},
        families::FamilyList,
    },
    net::{Cidr, Families, IpFamily},
};

/// The families of a Shoot; unreadable lists are kept out by admission and count as IPv4 here.
pub fn shoot_families(shoot: &Shoot) -> Families {
    let list = shoot
        .spec
        .networking
        .as_ref()
        .map(|networking| networking.ip_families.as_slice())
        .unwrap_or_default();
    checked(list)
}

/// The families of a Seed.
pub fn seed_families(seed: &Seed) -> Families {
    checked(&seed.spec.networks.ip_families)
}

fn checked(list: &[String]) -> Families {
    let families = FamilyList(list).checked();
    families.unwrap_or(Families::single(IpFamily::V4))
}

/// The ranges of a Shoot by purpose, in the order of its families, as text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShootRanges {
    /// Pod ranges.
    pub pods: Vec<String>,
    /// Service ranges.
    pub services: Vec<String>,
    /// Node ranges.
    pub nodes: Vec<String>,
}

impl ShootRanges {
    /// What the specification says, completed with the Seed's defaults of fitting families.
    pub fn wanted(shoot: &Shoot, seed: &Seed) -> Self {
        let nothing = Networking::default();
        let networking = shoot.spec.networking.as_ref().unwrap_or(&nothing);
        let families = shoot_families(shoot);
        let defaults = seed.spec.networks.shoot_defaults.as_ref();
        let workerless = shoot.spec.is_workerless();
        let pods = defaults
            .filter(|_| !workerless)
            .and_then(|defaults| defaults.pods.as_deref());
        let services = defaults.and_then(|defaults| defaults.services.as_deref());
        let completed = |list: &[String], one: Option<&str>, default: Option<&str>| {
            let asked = merged(list, one);
            let automatic = one.is_some_and(notation::is_automatic);
            let default = default.filter(|text| {
                family_of(text).is_some_and(|family| match family {
                    // What the provider has to assign comes from where unset ranges come from.
                    IpFamily::V6 if automatic => true,
                    family => asked.is_empty() && families.contains(family),
                })
            });
            in_family_order(
                asked.into_iter().chain(default.map(str::to_owned)),
                families,
            )
        };
        Self {
            pods: completed(&networking.pods_cidrs, networking.pods.as_deref(), pods),
            services: completed(
                &networking.services_cidrs,
                networking.services.as_deref(),
                services,
            ),
            nodes: completed(&networking.nodes_cidrs, networking.nodes.as_deref(), None),
        }
    }

    /// The ranges that are in effect: the wanted ones and those that the status reports.
    #[must_use]
    pub fn with_status(mut self, shoot: &Shoot) -> Self {
        let families = shoot_families(shoot);
        let reported = shoot
            .status
            .as_ref()
            .and_then(|status| status.networking.clone())
            .unwrap_or_default();
        let add = |wanted: &mut Vec<String>, reported: Vec<String>| {
            let all = std::mem::take(wanted).into_iter().chain(reported);
            *wanted = in_family_order(all, families);
        };
        add(&mut self.pods, reported.pods);
        add(&mut self.services, reported.services);
        add(&mut self.nodes, reported.nodes);
        self
    }

    /// All ranges, in the order nodes, pods, services.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        [&self.nodes, &self.pods, &self.services]
            .into_iter()
            .flatten()
            .map(String::as_str)
    }
}

/// A list, or the single value where the list says nothing. A tuple gives what it spells out.
fn merged(list: &[String], one: Option<&str>) -> Vec<String> {
    if list.is_empty() {
        let spelled_out = one.map(notation::spelled_out).unwrap_or_default();
        spelled_out.into_iter().map(str::to_owned).collect()
    } else {
        list.to_vec()
    }
}

/// The family of a range as text.
pub fn family_of(text: &str) -> Option<IpFamily> {
    text.parse::<Cidr>().ok().map(Cidr::family)
}

/// Distinct entries, those of the first family first.
fn in_family_order(list: impl Iterator<Item = String>, families: Families) -> Vec<String> {
    let mut distinct: Vec<String> = Vec::new();
    for entry in list {
        if !distinct.contains(&entry) {
            distinct.push(entry);
        }
    }
    distinct.sort_by_key(|entry| family_of(entry) != Some(families.primary()));
    distinct
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn seed() -> Seed {
        let spec = json!({"networks": {
            "pods": "fd00:10:1::/56", "services": "fd00:10:2::/112", "ipFamilies": ["IPv6"],
            "shootDefaults": {"pods": "fd00:10:3::/56", "services": "fd00:10:4::/112"},
        }});
        Seed::new("local", serde_json::from_value(spec).unwrap())
    }

    fn shoot(networking: &serde_json::Value) -> Shoot {
        let spec = json!({"networking": networking, "provider": {"workers": [{"name": "a"}]}});
        Shoot::new("local", serde_json::from_value(spec).unwrap())
    }

    #[test]
    fn unset_ranges_come_from_the_seed_when_the_family_fits() {
        let v6 = shoot(&json!({"ipFamilies": ["IPv6"], "nodes": "fd00:10:1:100::/56"}));
        let ranges = ShootRanges::wanted(&v6, &seed());
        assert_eq!(ranges.pods, ["fd00:10:3::/56"]);
        assert_eq!(ranges.services, ["fd00:10:4::/112"]);
        assert_eq!(ranges.nodes, ["fd00:10:1:100::/56"]);

        let v4 = shoot(&json!({"ipFamilies": ["IPv4"]}));
        assert_eq!(ShootRanges::wanted(&v4, &seed()), ShootRanges::default());
    }

    #[test]
    fn what_a_tuple_leaves_to_the_provider_comes_from_where_unset_ranges_come_from() {
        let tuples = shoot(&json!({
            "ipFamilies": ["IPv6", "IPv4"],
            "nodes": "AUTOv6, 10.255.0.0/16",
            "pods": "AUTOv6, 100.128.0.0/11",
            "services": "AUTOv6, 100.72.0.0/13",
        }));
        let ranges = ShootRanges::wanted(&tuples, &seed());
        assert_eq!(ranges.pods, ["fd00:10:3::/56", "100.128.0.0/11"]);
        assert_eq!(ranges.services, ["fd00:10:4::/112", "100.72.0.0/13"]);
        assert_eq!(ranges.nodes, ["10.255.0.0/16"]);
    }

    #[test]
    fn the_ranges_of_the_status_are_sorted_in_by_family() {
        let mut dual = shoot(&json!({"ipFamilies": ["IPv6", "IPv4"], "pods": "10.9.0.0/16"}));
        let status = json!({"networking": {"pods": ["10.9.0.0/16", "2001:db8::/48"]}});
        dual.status = serde_json::from_value(status).unwrap();
        let ranges = ShootRanges::wanted(&dual, &seed()).with_status(&dual);
        assert_eq!(ranges.pods, ["2001:db8::/48", "10.9.0.0/16"]);
    }
}
