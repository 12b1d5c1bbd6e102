//! Static rules of Networks.

use super::{
    FieldError, Path, Range, Rules,
    cidr::overlaps,
    families::{self, Gated},
};
use crate::{
    api::{extensions::Network, families::FamilyList},
    net::IpFamily,
};

/// The errors of a new Network. Host bits are fine here, unlike in Shoots.
pub fn create(network: &Network, rules: &Rules) -> Vec<FieldError> {
    let spec = &network.spec;
    let path = Path::new("spec");
    let mut errors = Vec::new();
    if spec.type_.is_empty() {
        errors.push(FieldError::required(
            &path.child("type"),
            "must name an extension, such as calico",
        ));
    }
    let list = &spec.ip_families;
    let family_errors = families::validate(list, &path.child("ipFamilies"), rules, Gated::No);
    if !family_errors.is_empty() {
        errors.extend(family_errors);
        return errors;
    }
    let mut ranges = Vec::new();
    for (name, text) in [
        ("podCIDR", &spec.pod_cidr),
        ("serviceCIDR", &spec.service_cidr),
    ] {
        if text.is_empty() {
            errors.push(FieldError::required(
                &path.child(name),
                "must have a range such as 2001:db8::/48 or 10.0.0.0/16",
            ));
        } else {
            ranges.push(Range::new(text, path.child(name)));
        }
    }
    errors.extend(ranges.iter().filter_map(Range::check_parse));
    if rules.is_gep21() || list.len() < 2 {
        let family = FamilyList(list).primary();
        errors.extend(ranges.iter().filter_map(|range| range.check_family(family)));
    }
    // Clouds that assign IPv6 may publish one range for nodes and pods, with the services in a part of it that no node
    // gets. Upstream asks for nothing where there is only IPv6, for that reason.
    let is_assigned = rules.has_tuples()
        && ranges
            .iter()
            .all(|range| range.family() == Some(IpFamily::V6));
    let is_checked = rules.is_gep21() || !FamilyList(list).is_ipv6_single();
    if is_checked && !is_assigned {
        errors.extend(overlaps(&ranges));
    }
    errors
}

/// The errors of a changed Network: what must not change, then everything that is wrong with it
/// now.
pub fn update(new: &Network, old: &Network, rules: &Rules) -> Vec<FieldError> {
    let path = Path::new("spec");
    let deleting = new.metadata.deletion_timestamp.is_some();
    let mut errors = Vec::new();
    if deleting && new.spec != old.spec {
        let detail = "cannot change while the object is being deleted";
        errors.push(FieldError::forbidden(&path, detail));
    } else {
        errors.extend(family_transition(
            new,
            old,
            &path.child("ipFamilies"),
            rules,
        ));
        for (name, new, old) in [
            ("type", &new.spec.type_, &old.spec.type_),
            ("podCIDR", &new.spec.pod_cidr, &old.spec.pod_cidr),
            (
                "serviceCIDR",
                &new.spec.service_cidr,
                &old.spec.service_cidr,
            ),
        ] {
            errors.extend(FieldError::unless_same(&path.child(name), new, old));
        }
    }
    errors.extend(create(new, rules));
    errors
}

fn family_transition(
    new: &Network,
    old: &Network,
    path: &Path,
    rules: &Rules,
) -> Option<FieldError> {
    let (new, old) = (&new.spec.ip_families, &old.spec.ip_families);
    // Objects from before the field existed got their default that way.
    let first_set = rules.is_gep21() && old.is_empty() && *new == ["IPv4"];
    if first_set {
        return None;
    }
    families::validate_transition(new, old, path, rules)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::api::gates::{FeatureGate, FeatureGates};

    #[test]
    fn services_may_lie_inside_pods_where_a_cloud_assigns_both() {
        let network: Network = serde_json::from_value(json!({
            "apiVersion": "extensions.gardener.cloud/v1alpha1", "kind": "Network",
            "metadata": {"name": "aws", "namespace": "shoot--local--aws"},
            "spec": {
                "type": "calico", "ipFamilies": ["IPv6"],
                "podCIDR": "2600:1f13:abcd:1200::/56", "serviceCIDR": "2600:1f13:abcd:1200::10:0/108",
            },
        }))
        .unwrap();
        let with = |open| Rules {
            gates: FeatureGates::default().with(FeatureGate::AutoIPv6, open),
            ..Rules::default()
        };
        assert_eq!(create(&network, &with(true)), []);
        let errors = create(&network, &with(false));
        assert_eq!(errors[0].field, "spec.serviceCIDR", "{errors:?}");
    }
}
