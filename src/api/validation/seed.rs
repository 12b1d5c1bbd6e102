//! Static rules of Seeds, the network part.

use super::{
    FieldError, Path, Range, Rules,
    cidr::overlaps,
    families::{self, Gated},
    reserved,
};
use crate::{
    api::{
        core::{Seed, SeedNetworks},
        families::FamilyList,
    },
    net::IpFamily,
};

/// The longest IPv4 service range: it is mapped into `243.0.0.0/8` for clashing Shoots.
const LARGEST_IPV4_SERVICES: u8 = 8;

/// The errors of a new Seed. Host bits are fine here, unlike in Shoots.
pub fn create(seed: &Seed, rules: &Rules) -> Vec<FieldError> {
    let networks = &seed.spec.networks;
    let path = Path::new("spec.networks");
    let list = &networks.ip_families;
    let errors = families::validate(list, &path.child("ipFamilies"), rules, Gated::Yes);
    if !errors.is_empty() {
        return errors;
    }
    let ranges = Ranges::of(networks, &path);
    let primary = FamilyList(list).primary();
    if rules.is_gep21() {
        ranges.gep21(primary, rules)
    } else {
        ranges.upstream((list.len() != 2).then_some(primary), rules)
    }
}

/// The errors of a changed Seed: what must not change, then everything that is wrong with it now.
pub fn update(new: &Seed, old: &Seed, rules: &Rules) -> Vec<FieldError> {
    let path = Path::new("spec.networks");
    let (new_networks, old_networks) = (&new.spec.networks, &old.spec.networks);
    let mut errors = Vec::new();
    // Seeds know no way to dual-stack, in neither rule set.
    errors.extend(FieldError::unless_same(
        &path.child("ipFamilies"),
        &new_networks.ip_families,
        &old_networks.ip_families,
    ));
    errors.extend(FieldError::unless_same(
        &path.child("pods"),
        &new_networks.pods,
        &old_networks.pods,
    ));
    errors.extend(FieldError::unless_same(
        &path.child("services"),
        &new_networks.services,
        &old_networks.services,
    ));
    if old_networks.nodes.is_some() {
        errors.extend(FieldError::unless_same(
            &path.child("nodes"),
            &new_networks.nodes,
            &old_networks.nodes,
        ));
    }
    errors.extend(create(new, rules));
    errors
}

/// The ranges of a Seed, in the order in which they are compared.
struct Ranges<'a> {
    seed: Vec<Range<'a>>,
    shoot_defaults: Vec<Range<'a>>,
    services: Range<'a>,
}

impl<'a> Ranges<'a> {
    fn of(networks: &'a SeedNetworks, path: &Path) -> Self {
        let services = Range::new(&networks.services, path.child("services"));
        let mut seed = vec![
            Range::new(&networks.pods, path.child("pods")),
            services.clone(),
        ];
        if let Some(nodes) = &networks.nodes {
            seed.push(Range::new(nodes, path.child("nodes")));
        }
        let path = path.child("shootDefaults");
        let defaults = networks.shoot_defaults.as_ref();
        let pods = defaults.and_then(|defaults| defaults.pods.as_deref());
        let default_services = defaults.and_then(|defaults| defaults.services.as_deref());
        let shoot_defaults = [("pods", pods), ("services", default_services)]
            .into_iter()
            .filter_map(|(name, text)| Some(Range::new(text?, path.child(name))))
            .collect();
        Self {
            seed,
            shoot_defaults,
            services,
        }
    }

    fn all(&self) -> impl Iterator<Item = &Range<'a>> {
        self.seed.iter().chain(&self.shoot_defaults)
    }

    fn upstream(&self, expected: Option<IpFamily>, rules: &Rules) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if self.services.family() == Some(IpFamily::V4) {
            errors.extend(self.services.check_not_larger(LARGEST_IPV4_SERVICES));
        }
        errors.extend(self.all().filter_map(Range::check_parse));
        if let Some(family) = expected {
            errors.extend(self.all().filter_map(|range| range.check_family(family)));
        }
        if !errors.is_empty() {
            return errors;
        }
        let (ipv4, ipv6): (Vec<_>, Vec<_>) = self
            .shoot_defaults
            .iter()
            .cloned()
            .partition(|range| range.family() == Some(IpFamily::V4));
        errors.extend(overlaps(&self.seed));
        errors.extend(overlaps(&ipv4));
        errors.extend(overlaps(&ipv6));
        // IPv4 defaults may overlap the Seed, because the VPN translates them.
        for seed_range in &self.seed {
            errors.extend(
                ipv6.iter()
                    .filter_map(|range| range.check_disjoint_from(seed_range)),
            );
        }
        errors.extend(
            self.all()
                .flat_map(|range| reserved::validate(range, rules)),
        );
        errors
    }

    fn gep21(&self, family: IpFamily, rules: &Rules) -> Vec<FieldError> {
        let all: Vec<_> = self.all().cloned().collect();
        let mut errors: Vec<_> = all.iter().filter_map(Range::check_parse).collect();
        errors.extend(all.iter().filter_map(|range| range.check_family(family)));
        errors.extend(overlaps(&all));
        errors.extend(
            all.iter()
                .filter(|range| range.network().is_some())
                .flat_map(|range| reserved::validate(range, rules)),
        );
        errors
    }
}
