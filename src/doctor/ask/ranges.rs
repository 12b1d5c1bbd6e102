//! The ranges of what is going to be created.

use super::Ask;
use crate::{
    doctor::{Target, ask::engine::subnets, facts::PlannedPrefixes},
    ipam::AddressPlan,
    net::{Cidr, Families, IpFamily},
};

/// Ranges of kind's own defaults: pods, then services.
const KIND: [(IpFamily, &str, &str); 2] = [
    (IpFamily::V4, "10.244.0.0/16", "10.96.0.0/16"),
    (IpFamily::V6, "fd00:10:244::/56", "fd00:10:96::/112"),
];
/// The network that mini-lab makes.
const MINI_LAB: &str = "203.0.113.0/24";

/// Ranges of one kind, of both families.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::doctor) struct Ranges {
    /// The networks of the nodes, as far as they are known before the cluster is made.
    pub(in crate::doctor) nodes: Vec<Cidr>,
    /// The ranges of pods.
    pub(in crate::doctor) pods: Vec<Cidr>,
    /// The ranges of services.
    pub(in crate::doctor) services: Vec<Cidr>,
}

impl Ranges {
    /// Ranges of pods and services.
    pub(in crate::doctor) fn inner(&self) -> impl Iterator<Item = Cidr> {
        self.pods.iter().chain(&self.services).copied()
    }
}

fn built_in(text: &str) -> Cidr {
    text.parse().expect("built-in prefixes are canonical")
}

impl Ask<'_> {
    /// The ranges of the plan in both families: an engine's network always carries IPv4, whatever
    /// the cluster uses.
    pub(in crate::doctor) fn ranges(&self) -> Ranges {
        let gardener = self.is_gardener();
        let mut ranges = Ranges::default();
        for family in [IpFamily::V4, IpFamily::V6] {
            self.add_ranges(&mut ranges, family, gardener);
        }
        if self.target() == Target::MiniLab {
            ranges.nodes.push(built_in(MINI_LAB));
        }
        ranges
    }

    fn add_ranges(&self, ranges: &mut Ranges, family: IpFamily, gardener: bool) {
        let defaults = AddressPlan::default_for(Families::single(family));
        let defaults = defaults.of(family);
        let prefixes = &self.plan().prefixes;
        if gardener || *prefixes == PlannedPrefixes::Gardener {
            ranges.nodes.push(defaults.docker);
            ranges.pods.push(defaults.pods);
            ranges.services.push(defaults.services);
            return;
        }
        ranges.nodes.extend(self.existing_nodes(family));
        let chosen = chosen(prefixes, family);
        let (_, pods, services) = KIND
            .into_iter()
            .find(|(other, ..)| *other == family)
            .expect("both families have defaults");
        let or_default =
            |index: usize, text: &str| chosen.get(index).copied().unwrap_or_else(|| built_in(text));
        ranges.pods.push(or_default(1, pods));
        ranges.services.push(or_default(2, services));
    }

    /// The prefixes of the network that nodes will join, where it exists.
    fn existing_nodes(&self, family: IpFamily) -> Vec<Cidr> {
        let networks = self.node_networks().unwrap_or_default();
        let first = networks.first();
        first
            .map(|network| subnets(network, family))
            .unwrap_or_default()
    }
}

fn chosen(prefixes: &PlannedPrefixes, family: IpFamily) -> Vec<Cidr> {
    let PlannedPrefixes::Chosen(texts) = prefixes else {
        return Vec::new();
    };
    texts
        .iter()
        .filter_map(|text| text.parse::<Cidr>().ok())
        .filter(|cidr| cidr.family() == family)
        .collect()
}
