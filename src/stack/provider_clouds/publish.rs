//! The ranges of a Shoot on a cloud: what it says itself, and what the cloud assigned. Pure.

use crate::{
    api::{
        autov6::{Role, notation},
        core::{Networking, Shoot},
        extensions::InfrastructureNetworking,
    },
    ipam::clouds::Ranges,
    net::{Cidr, Families, IpFamily},
    stack::{error::ReconcileError, networks::family_of},
};

/// Clouds that have no Shoots without IPv4.
const NEED_IPV4: [&str; 2] = ["gcp", "azure"];

/// The fields of a Shoot's networking; none where it has none.
pub(super) fn networking(shoot: &Shoot) -> Networking {
    shoot.spec.networking.clone().unwrap_or_default()
}

/// Whether the cloud can have such a Shoot.
pub(super) fn check(
    provider: &str,
    networking: &Networking,
    families: Families,
) -> Result<(), ReconcileError> {
    if NEED_IPV4.contains(&provider) && families.is_single(IpFamily::V6) {
        return Err(ReconcileError::configuration(format!(
            "{provider} has no Shoots with IPv6 only: name an IPv4 range beside AUTOv6"
        )));
    }
    for role in [Role::Nodes, Role::Pods] {
        let field = notation::field(networking, role).unwrap_or_default();
        let mut given = notation::spelled_out(field).into_iter();
        if let Some(range) = given.find(|range| family_of(range) == Some(IpFamily::V6)) {
            return Err(ReconcileError::configuration(format!(
                "{provider} assigns the IPv6 ranges of {role} itself: write AUTOv6 instead of {range}"
            )));
        }
    }
    Ok(())
}

/// All ranges, those of the primary family first.
pub(super) fn published(
    networking: &Networking,
    families: Families,
    assigned: Option<&Ranges>,
) -> InfrastructureNetworking {
    let of = |role: Role, list: &[String], assigned: Option<&Vec<Cidr>>| {
        let field = notation::field(networking, role).filter(|field| !field.is_empty());
        let mut ranges: Vec<String> = if list.is_empty() {
            let given = field.map(notation::spelled_out).unwrap_or_default();
            given.into_iter().map(str::to_owned).collect()
        } else {
            list.to_vec()
        };
        let given = |range: &String| family_of(range) == Some(IpFamily::V6);
        if families.contains(IpFamily::V6) && !ranges.iter().any(given) {
            ranges.extend(assigned.into_iter().flatten().map(ToString::to_string));
        }
        ranges.sort_by_key(|range| family_of(range) != Some(families.primary()));
        ranges
    };
    InfrastructureNetworking {
        pods: of(
            Role::Pods,
            &networking.pods_cidrs,
            assigned.map(|ranges| &ranges.pods),
        ),
        nodes: of(
            Role::Nodes,
            &networking.nodes_cidrs,
            assigned.map(|ranges| &ranges.nodes),
        ),
        services: of(
            Role::Services,
            &networking.services_cidrs,
            assigned.map(|ranges| &ranges.services),
        ),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: serde_json::Value) -> Networking {
        serde_json::from_value(value).unwrap()
    }

    fn ranges() -> Ranges {
        let vpc = "2600:1f13:abcd:1200::/56".parse().unwrap();
        Ranges::of(vpc, vpc, "2600:1f13:abcd:1200::10:0/108".parse().unwrap())
    }

    #[test]
    fn the_automatic_half_of_a_tuple_is_filled_in_in_family_order() {
        let networking = read(json!({
            "nodes": "AUTOv6, 10.255.0.0/16",
            "pods": "AUTOv6, 100.128.0.0/11",
            "services": "AUTOv6, 100.72.0.0/13",
        }));
        let families = Families::dual(IpFamily::V6);
        let found = published(&networking, families, Some(&ranges()));
        assert_eq!(found.nodes, ["2600:1f13:abcd:1200::/56", "10.255.0.0/16"]);
        assert_eq!(
            found.services,
            ["2600:1f13:abcd:1200::10:0/108", "100.72.0.0/13"]
        );
        let found = published(&networking, Families::dual(IpFamily::V4), Some(&ranges()));
        assert_eq!(found.pods, ["100.128.0.0/11", "2600:1f13:abcd:1200::/56"]);
    }

    #[test]
    fn a_cloud_says_what_it_does_not_have() {
        let automatic = read(json!({"pods": "AUTOv6", "services": "AUTOv6"}));
        let only = Families::single(IpFamily::V6);
        check("aws", &automatic, only).unwrap();
        assert!(check("azure", &automatic, only).is_err());
        let given = read(json!({"pods": "2001:db8:1::/56, 10.0.0.0/16"}));
        let error = check("aws", &given, Families::dual(IpFamily::V6)).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("write AUTOv6 instead of 2001:db8:1::/56")
        );
    }
}
