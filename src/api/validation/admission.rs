//! Rules of Shoots that need to see the Seed: required ranges and disjointness.
//!
//! Gardener answers violations with HTTP 403, unlike the 422 of static rules.

use super::{FieldError, Path, Range, Rules, reserved};
use crate::{
    api::{
        autov6::notation,
        core::{Networking, Seed, SeedNetworks, Shoot},
        families::FamilyList,
    },
    net::IpFamily,
};

/// The errors of a Shoot with the Seed it is scheduled to, if it is.
///
/// `old` is the Shoot before an update. With GEP-21 the ranges that the Seed offers have to be
/// copied into the Shoot before (see [`crate::api::defaults`]), as its admission did.
pub fn networks(
    new: &Shoot,
    old: Option<&Shoot>,
    seed: Option<&Seed>,
    rules: &Rules,
) -> Vec<FieldError> {
    let empty = Networking::default();
    let check = Check {
        networking: new.spec.networking.as_ref().unwrap_or(&empty),
        path: Path::new("spec.networking"),
        workerless: new.spec.is_workerless(),
        rules,
    };
    let old_seed = old.and_then(|shoot| shoot.spec.seed_name.as_ref());
    let scheduled = old_seed != new.spec.seed_name.as_ref();
    if rules.is_gep21() {
        seed.map(|seed| check.gep21(&seed.spec.networks, scheduled))
            .unwrap_or_default()
    } else {
        let mut errors = check.upstream(seed.map(|seed| &seed.spec.networks), scheduled);
        if let Some(seed) = seed
            && scheduled
        {
            errors.extend(check.actual_ranges(new, &seed.spec.networks));
        }
        errors
    }
}

struct Check<'a> {
    networking: &'a Networking,
    path: Path,
    workerless: bool,
    rules: &'a Rules,
}

impl Check<'_> {
    fn upstream(&self, seed: Option<&SeedNetworks>, scheduled: bool) -> Vec<FieldError> {
        let families = FamilyList(&self.networking.ip_families);
        // IPv6 ranges may all be cut from one prefix by the provider, so without IPv4 nothing is
        // compared.
        let with_ipv4 = families.lists(IpFamily::V4);
        let mut errors = Vec::new();
        if with_ipv4 {
            errors.extend(self.own_overlaps());
        }
        let Some(seed) = seed else { return errors };
        if with_ipv4 {
            errors.extend(self.missing_pods());
        }
        if with_ipv4 || (self.workerless && families.lists(IpFamily::V6)) {
            errors.extend(self.missing_services());
        }
        if with_ipv4 && scheduled {
            for (name, text) in self.ranges() {
                for range in self.spelled_out(name, text) {
                    errors.extend(self.with_seed(&range, seed));
                }
            }
        }
        errors
    }

    /// The same for the ranges of the status, which must be complete once there are any.
    fn actual_ranges(&self, shoot: &Shoot, seed: &SeedNetworks) -> Vec<FieldError> {
        let status = shoot
            .status
            .as_ref()
            .and_then(|status| status.networking.as_ref());
        let with_ipv4 = FamilyList(&self.networking.ip_families).lists(IpFamily::V4);
        let Some(status) = status.filter(|_| with_ipv4) else {
            return Vec::new();
        };
        let lists = [
            ("nodes", &status.nodes, false),
            ("services", &status.services, true),
            ("pods", &status.pods, !self.workerless),
        ];
        if lists.iter().all(|(_, list, _)| list.is_empty()) {
            return Vec::new();
        }
        let mut errors = Vec::new();
        for (name, list, required) in lists {
            let path = Path::new("status.networking").child(name);
            for text in list {
                errors.extend(self.with_seed(&Range::new(text, path.clone()), seed));
            }
            if list.is_empty() && required {
                errors.push(FieldError::required(
                    &path,
                    "must have a range; set it, or shootDefaults in the Seed",
                ));
            }
        }
        errors
    }

    /// Three checks of GEP-21's time, each of which asks for missing ranges.
    fn gep21(&self, seed: &SeedNetworks, scheduled: bool) -> Vec<FieldError> {
        let mut errors = Vec::new();
        errors.extend(self.missing_pods());
        errors.extend(self.missing_services());
        if scheduled {
            for (name, text) in self.ranges() {
                for range in self.spelled_out(name, text) {
                    errors.extend(self.with_seed(&range, seed));
                }
                match name {
                    "services" => errors.extend(self.missing_services()),
                    "pods" => errors.extend(self.missing_pods()),
                    _ => {}
                }
            }
        }
        errors.extend(self.own_overlaps());
        errors.extend(self.missing_pods());
        errors.extend(self.missing_services());
        errors
    }

    fn ranges(&self) -> [(&'static str, Option<&str>); 3] {
        [
            ("nodes", self.networking.nodes.as_deref()),
            ("services", self.networking.services.as_deref()),
            ("pods", self.networking.pods.as_deref()),
        ]
    }

    /// The ranges that a field spells out: itself, or what an `AUTOv6` tuple gives.
    fn spelled_out<'t>(&self, name: &str, text: Option<&'t str>) -> Vec<Range<'t>> {
        let pieces = |text| {
            if self.rules.has_tuples() {
                notation::spelled_out(text)
            } else {
                vec![text]
            }
        };
        text.map(pieces)
            .unwrap_or_default()
            .into_iter()
            .map(|text| Range::new(text, self.path.child(name)))
            .collect()
    }

    fn missing_pods(&self) -> Option<FieldError> {
        (self.networking.pods.is_none() && !self.workerless).then(|| {
            FieldError::required(
                &self.path.child("pods"),
                "must have a range; set it, or shootDefaults in the Seed",
            )
        })
    }

    fn missing_services(&self) -> Option<FieldError> {
        self.networking.services.is_none().then(|| {
            FieldError::required(
                &self.path.child("services"),
                "must have a range; set it, or shootDefaults in the Seed",
            )
        })
    }

    /// Overlaps among the ranges of the Shoot, reported where Gardener reports them.
    fn own_overlaps(&self) -> Vec<FieldError> {
        let [nodes, services, pods] = self
            .ranges()
            .map(|(name, text)| self.spelled_out(name, text));
        [
            (&services, &pods, "the pod range"),
            (&pods, &nodes, "the node range"),
            (&services, &nodes, "the node range"),
        ]
        .into_iter()
        .flat_map(|(blamed, others, what)| {
            let pairs = blamed
                .iter()
                .flat_map(|blamed| others.iter().map(move |other| (blamed, other)));
            pairs.map(move |(blamed, other)| (blamed, other, what))
        })
        .filter(|(blamed, other, _)| blamed.intersects(other))
        .map(|(blamed, _, what)| {
            blamed.clash(format!(
                "must not overlap with {what} of the Shoot; move one of them"
            ))
        })
        .collect()
    }

    /// Overlaps of one range with the Seed and with reserved ranges.
    fn with_seed(&self, range: &Range<'_>, seed: &SeedNetworks) -> Vec<FieldError> {
        let mut errors = Vec::new();
        // Upstream translates clashing IPv4 ranges inside the VPN.
        if self.rules.is_gep21() || range.family() == Some(IpFamily::V6) {
            let seed_ranges = [
                ("services", Some(&seed.services)),
                ("pods", Some(&seed.pods)),
                ("nodes", seed.nodes.as_ref()),
            ];
            for (name, text) in seed_ranges {
                let Some(text) = text else { continue };
                if range.intersects(&Range::new(text, Path::new(name))) {
                    let detail = format!(
                        "must not overlap with the {name} of the Seed ({text}); choose another range"
                    );
                    errors.push(range.clash(detail));
                }
            }
        }
        errors.extend(reserved::validate(range, self.rules));
        errors
    }
}
