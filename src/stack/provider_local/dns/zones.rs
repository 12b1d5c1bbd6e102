//! The zones: which names exist, and what the answer to a question is.

use std::{
    collections::BTreeMap,
    sync::{
        RwLock,
        atomic::{AtomicU32, Ordering},
    },
};

use super::record_set::{Rdata, RecordSet, normalised};
use crate::stack::names::is_inside_zone;

/// The owner of a record set: the namespace and name of its DNSRecord.
type Owner = (String, String);

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryType {
    /// IPv4 addresses.
    A,
    /// IPv6 addresses.
    Aaaa,
    /// The alias itself.
    Cname,
    /// Texts.
    Txt,
    /// The start of authority.
    Soa,
    /// The name servers.
    Ns,
    /// Everything that there is.
    Any,
    /// A type that no record has.
    Other,
}

/// One record of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The name that the record belongs to.
    pub name: String,
    /// The time to live in seconds.
    pub ttl: u32,
    /// The value.
    pub value: Rdata,
}

/// The outcome of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// There are records; aliases come before what they lead to.
    Found(Vec<Answer>),
    /// The question is about the zone itself (SOA, NS).
    Apex {
        /// The zone.
        zone: String,
    },
    /// The name exists, a record of that type does not (NOERROR without answers).
    NoData {
        /// The zone.
        zone: String,
    },
    /// The name does not exist (NXDOMAIN).
    NoName {
        /// The zone.
        zone: String,
    },
    /// The name is in none of the zones (REFUSED).
    NotOurs,
}

/// The zones of the server; shared between the watch and the server.
#[derive(Debug, Default)]
pub struct Zones {
    configured: Vec<String>,
    sets: RwLock<BTreeMap<Name, BTreeMap<Owner, RecordSet>>>,
    names: RwLock<BTreeMap<Owner, Name>>,
    serial: AtomicU32,
}

/// A name by its labels, top level first, so that names below a name are a range of the map.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Name(Vec<String>);

impl Name {
    fn of(text: &str) -> Self {
        Self(text.rsplit('.').map(str::to_owned).collect())
    }

    fn is_below(&self, other: &Self) -> bool {
        self.0.len() > other.0.len() && self.0.starts_with(&other.0)
    }
}

/// Longer chains of aliases are taken for loops.
const LONGEST_CHAIN: usize = 8;

impl Zones {
    /// Zones that have no names yet.
    pub fn new(configured: &[String]) -> Self {
        Self {
            configured: configured.iter().map(|zone| normalised(zone)).collect(),
            ..Self::default()
        }
    }

    /// Takes the record set of a DNSRecord, in place of the one it had before.
    pub fn put(&self, namespace: &str, object: &str, set: RecordSet) {
        let owner = (namespace.to_owned(), object.to_owned());
        let name = Name::of(&set.name);
        let mut sets = self.sets.write().expect("no panic happens under this lock");
        let mut names = self
            .names
            .write()
            .expect("no panic happens under this lock");
        let before = names.insert(owner.clone(), name.clone());
        if let Some(before) = before.filter(|before| *before != name) {
            forget(&mut sets, &before, &owner);
        }
        let slot = sets.entry(name).or_default();
        let changed = slot.get(&owner) != Some(&set);
        slot.insert(owner, set);
        if changed {
            self.serial.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Forgets the record set of a DNSRecord.
    pub fn remove(&self, namespace: &str, object: &str) {
        let owner = (namespace.to_owned(), object.to_owned());
        let mut sets = self.sets.write().expect("no panic happens under this lock");
        let mut names = self
            .names
            .write()
            .expect("no panic happens under this lock");
        if let Some(name) = names.remove(&owner) {
            forget(&mut sets, &name, &owner);
            self.serial.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The serial number of all zones; grows with every change.
    pub fn serial(&self) -> u32 {
        self.serial.load(Ordering::Relaxed).wrapping_add(1)
    }

    /// The zone that a name is in. A record set outside of the configured zones is its own zone.
    pub fn zone_of(&self, name: &str) -> Option<String> {
        let name = normalised(name);
        self.configured
            .iter()
            .filter(|zone| is_inside_zone(&name, zone))
            .max_by_key(|zone| zone.len())
            .cloned()
            .or_else(|| {
                let sets = self.sets.read().expect("no panic happens under this lock");
                sets.contains_key(&Name::of(&name)).then_some(name)
            })
    }

    /// Answers a question (RFC 1034 section 4.3.2, RFC 2308, wild cards by RFC 4592).
    pub fn lookup(&self, name: &str, query: QueryType) -> Lookup {
        let first = normalised(name);
        let Some(zone) = self.zone_of(&first) else {
            return Lookup::NotOurs;
        };
        if matches!(query, QueryType::Soa | QueryType::Ns) && first == zone {
            return Lookup::Apex { zone };
        }
        let sets = self.sets.read().expect("no panic happens under this lock");
        let mut answers = Vec::new();
        let mut current = first.clone();
        for _ in 0..LONGEST_CHAIN {
            let found = records_at(&sets, &current, &zone);
            let Some(records) = found else {
                return match answers.is_empty() {
                    true if current == zone => Lookup::NoData { zone },
                    true => Lookup::NoName { zone },
                    false => Lookup::Found(answers),
                };
            };
            let alias = records.iter().find_map(|record| match &record.value {
                Rdata::Cname(target) => Some((record.clone(), target.clone())),
                _ => None,
            });
            match alias {
                Some((record, target)) if !matches!(query, QueryType::Cname | QueryType::Any) => {
                    answers.push(record);
                    if self.zone_of_locked(&sets, &target).is_none() {
                        return Lookup::Found(answers);
                    }
                    current = target;
                }
                _ => {
                    answers.extend(records.into_iter().filter(|record| fits(record, query)));
                    return if answers.is_empty() {
                        Lookup::NoData { zone }
                    } else {
                        Lookup::Found(answers)
                    };
                }
            }
        }
        Lookup::Found(answers)
    }

    fn zone_of_locked(
        &self,
        sets: &BTreeMap<Name, BTreeMap<Owner, RecordSet>>,
        name: &str,
    ) -> Option<()> {
        let configured = self
            .configured
            .iter()
            .any(|zone| is_inside_zone(name, zone));
        (configured || sets.contains_key(&Name::of(name))).then_some(())
    }
}

fn forget(sets: &mut BTreeMap<Name, BTreeMap<Owner, RecordSet>>, name: &Name, owner: &Owner) {
    if let Some(owners) = sets.get_mut(name) {
        owners.remove(owner);
        if owners.is_empty() {
            sets.remove(name);
        }
    }
}

/// The records at a name: empty for a name that only has names below it, `None` for a name that
/// does not exist.
fn records_at(
    sets: &BTreeMap<Name, BTreeMap<Owner, RecordSet>>,
    text: &str,
    zone: &str,
) -> Option<Vec<Answer>> {
    let name = Name::of(text);
    if let Some(owners) = sets.get(&name) {
        return Some(answers(text, owners));
    }
    if exists_below(sets, &name) {
        return Some(Vec::new());
    }
    // The wild card below the closest name that exists.
    let apex = zone.split('.').count();
    let mut closest = name;
    while closest.0.len() > apex {
        closest.0.pop();
        let mut wild = closest.clone();
        wild.0.push("*".to_owned());
        if let Some(owners) = sets.get(&wild) {
            return Some(answers(text, owners));
        }
        if sets.contains_key(&closest) || exists_below(sets, &closest) {
            return None;
        }
    }
    None
}

fn exists_below(sets: &BTreeMap<Name, BTreeMap<Owner, RecordSet>>, name: &Name) -> bool {
    sets.range(name.clone()..)
        .find(|(other, _)| *other != name)
        .is_some_and(|(other, _)| other.is_below(name))
}

fn answers(name: &str, owners: &BTreeMap<Owner, RecordSet>) -> Vec<Answer> {
    let mut answers: Vec<Answer> = Vec::new();
    for set in owners.values() {
        for value in &set.values {
            if !answers.iter().any(|answer| answer.value == *value) {
                answers.push(Answer {
                    name: name.to_owned(),
                    ttl: set.ttl,
                    value: value.clone(),
                });
            }
        }
    }
    answers
}

fn fits(answer: &Answer, query: QueryType) -> bool {
    matches!(
        (&answer.value, query),
        (_, QueryType::Any)
            | (Rdata::A(_), QueryType::A)
            | (Rdata::Aaaa(_), QueryType::Aaaa)
            | (Rdata::Cname(_), QueryType::Cname)
            | (Rdata::Txt(_), QueryType::Txt)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const ZONE: &str = "local.gardener.cloud";

    fn zones() -> Zones {
        let zones = Zones::new(&[ZONE.to_owned()]);
        let sets = [
            (
                "api.local.gardener.cloud",
                Rdata::Aaaa("::1".parse().unwrap()),
            ),
            (
                "alias.local.gardener.cloud",
                Rdata::Cname("api.local.gardener.cloud".to_owned()),
            ),
            (
                "away.local.gardener.cloud",
                Rdata::Cname("example.com".to_owned()),
            ),
            (
                "*.apps.local.gardener.cloud",
                Rdata::A("127.0.0.1".parse().unwrap()),
            ),
            (
                "x.loop.local.gardener.cloud",
                Rdata::Cname("x.loop.local.gardener.cloud".to_owned()),
            ),
        ];
        for (index, (name, value)) in sets.into_iter().enumerate() {
            zones.put("ns", &index.to_string(), set(name, value));
        }
        zones
    }

    fn set(name: &str, value: Rdata) -> RecordSet {
        RecordSet {
            name: name.to_owned(),
            ttl: 30,
            values: vec![value],
        }
    }

    fn values(lookup: Lookup) -> Vec<Rdata> {
        let Lookup::Found(answers) = lookup else {
            panic!("expected answers, found {lookup:?}")
        };
        answers.into_iter().map(|answer| answer.value).collect()
    }

    #[test]
    fn a_name_is_found_in_any_case_with_or_without_dot() {
        let found = zones().lookup("API.local.gardener.cloud.", QueryType::Aaaa);
        assert_eq!(values(found), [Rdata::Aaaa("::1".parse().unwrap())]);
    }

    #[test]
    fn a_missing_type_is_no_data_and_a_missing_name_is_no_name() {
        let zone = ZONE.to_owned();
        let zones = zones();
        let cases = [
            (
                "api.local.gardener.cloud",
                Lookup::NoData { zone: zone.clone() },
            ),
            (
                "apps.local.gardener.cloud",
                Lookup::NoData { zone: zone.clone() },
            ),
            (
                "local.gardener.cloud",
                Lookup::NoData { zone: zone.clone() },
            ),
            (
                "nobody.local.gardener.cloud",
                Lookup::NoName { zone: zone.clone() },
            ),
            ("x.api.local.gardener.cloud", Lookup::NoName { zone }),
            ("example.com", Lookup::NotOurs),
        ];
        for (name, expected) in cases {
            assert_eq!(zones.lookup(name, QueryType::Txt), expected, "{name}");
        }
    }

    #[test]
    fn aliases_are_followed_as_far_as_the_zones_reach() {
        let zones = zones();
        let found = values(zones.lookup("alias.local.gardener.cloud", QueryType::Aaaa));
        assert_eq!(found.len(), 2);
        let found = values(zones.lookup("away.local.gardener.cloud", QueryType::A));
        assert_eq!(found, [Rdata::Cname("example.com".to_owned())]);
        let looping = zones.lookup("x.loop.local.gardener.cloud", QueryType::A);
        assert!(matches!(looping, Lookup::Found(_)));
    }

    #[test]
    fn a_wild_card_answers_for_names_that_do_not_exist() {
        let found = zones().lookup("a.b.apps.local.gardener.cloud", QueryType::A);
        assert_eq!(values(found), [Rdata::A("127.0.0.1".parse().unwrap())]);
    }

    #[test]
    fn two_objects_share_a_name_and_leave_alone() {
        let zones = zones();
        let name = "api.local.gardener.cloud";
        zones.put(
            "ns",
            "other",
            set(name, Rdata::A("127.0.0.1".parse().unwrap())),
        );
        assert_eq!(values(zones.lookup(name, QueryType::Any)).len(), 2);
        let before = zones.serial();
        zones.remove("ns", "other");
        assert_eq!(values(zones.lookup(name, QueryType::Any)).len(), 1);
        assert!(zones.serial() > before);
        zones.remove("ns", "0");
        assert!(matches!(
            zones.lookup(name, QueryType::A),
            Lookup::NoName { .. }
        ));
    }

    #[test]
    fn a_record_outside_of_the_zones_is_its_own_zone() {
        let zones = zones();
        zones.put(
            "ns",
            "far",
            set("api.example.org", Rdata::Txt("x".to_owned())),
        );
        assert_eq!(
            zones.zone_of("api.example.org").as_deref(),
            Some("api.example.org")
        );
        assert_eq!(zones.zone_of("example.org"), None);
    }
}
