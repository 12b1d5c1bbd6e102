//! Defaults of API objects.
//!
//! [`shoot`] and [`seed`] are what every reader of a manifest fills in; [`from_seed`] is what
//! admission fills in once a Shoot has a Seed.

use std::net::Ipv6Addr;

use super::{
    autov6::notation,
    core::{Networking, Seed, Shoot},
    families::{FamilyList, to_list},
    validation::{Path, Range, Rules, masks},
};
use crate::net::{Cidr, Families, IpFamily};

/// The prefix length of a node's IPv6 pod range.
const IPV6_NODE_LEN: i32 = 64;

/// Fills in what a Shoot leaves open: the family, and the sizes of its nodes' pod ranges.
pub fn shoot(shoot: &mut Shoot, rules: &Rules) {
    let networking = shoot.spec.networking.get_or_insert_default();
    let default = to_list(Families::single(IpFamily::V4));
    let tuples = rules.has_tuples() && notation::uses_tuples(networking);
    // The schema's own default is there before anybody can look at the tuples; they overrule it.
    if networking.ip_families.is_empty() || (tuples && networking.ip_families == default) {
        let named = tuples.then(|| notation::families(networking)).flatten();
        networking.ip_families = named.map_or(default, to_list);
    }
    let families = FamilyList(&networking.ip_families);
    let ipv6_single = families.is_ipv6_single();
    let ipv4 = families.lists(IpFamily::V4);
    let dual = ipv4 && families.lists(IpFamily::V6);
    if shoot.spec.is_workerless() {
        return;
    }
    let ipv4_len = ipv4_node_len(masks::max_pods(&shoot.spec, masks::DEFAULT_MAX_PODS));
    let manager = shoot
        .spec
        .kubernetes
        .kube_controller_manager
        .get_or_insert_default();
    if ipv6_single {
        if rules.is_gep21() || manager.node_cidr_mask_size_ipv6.is_none() {
            manager.node_cidr_mask_size.get_or_insert(IPV6_NODE_LEN);
        }
    } else if ipv4 {
        manager.node_cidr_mask_size.get_or_insert(ipv4_len);
    }
    // The second field came with dual-stack.
    if dual && !rules.is_gep21() {
        manager
            .node_cidr_mask_size_ipv6
            .get_or_insert(IPV6_NODE_LEN);
    }
}

/// Fills in what a Seed leaves open: the family.
pub fn seed(seed: &mut Seed) {
    let families = &mut seed.spec.networks.ip_families;
    if families.is_empty() {
        *families = vec![IpFamily::V4.to_string()];
    }
}

/// Fills in the ranges that a Shoot leaves open and its Seed offers.
///
/// Upstream looks at the family of an offer, and gives workerless Shoots with IPv6 a range of
/// their own; `global_id` yields its 40 random bits (RFC 4193). GEP-21's admission copied blindly
/// and left it to validation to complain. Beside `AUTOv6` tuples nothing is filled in: an offer has
/// one family, and all ranges of such a Shoot need the same families.
pub fn from_seed(
    shoot: &mut Shoot,
    seed: &Seed,
    rules: &Rules,
    global_id: impl FnOnce() -> [u8; 5],
) {
    let workerless = shoot.spec.is_workerless();
    let networking = shoot.spec.networking.get_or_insert_default();
    if rules.has_tuples() && notation::uses_tuples(networking) {
        return;
    }
    let offers = seed
        .spec
        .networks
        .shoot_defaults
        .clone()
        .unwrap_or_default();
    let fits = |offer: &String, networking: &Networking| {
        let family = Range::new(offer, Path::new("offer")).family();
        let families = FamilyList(&networking.ip_families);
        // A tuple would name the families of the Shoot, which are settled.
        let settles = rules.has_tuples() && notation::is_tuple(offer);
        !settles && (rules.is_gep21() || family.is_some_and(|family| families.lists(family)))
    };
    if networking.pods.is_none() && !workerless {
        networking.pods = offers.pods.filter(|offer| fits(offer, networking));
    }
    if networking.services.is_none() {
        networking.services = offers.services.filter(|offer| fits(offer, networking));
    }
    let wants_own = workerless && FamilyList(&networking.ip_families).lists(IpFamily::V6);
    if networking.services.is_none() && wants_own && !rules.is_gep21() {
        networking.services = Some(own_services(global_id()).to_string());
    }
}

/// Leaves twice as many addresses as pods, so that addresses are not reused at once.
fn ipv4_node_len(max_pods: i32) -> i32 {
    let addresses = u32::try_from(max_pods)
        .unwrap_or(1)
        .max(1)
        .saturating_mul(2);
    let bits = addresses.next_power_of_two().trailing_zeros();
    32 - i32::try_from(bits).expect("a bit count is small")
}

/// The first `/112` of a unique local network (RFC 4193).
fn own_services(global_id: [u8; 5]) -> Cidr {
    let mut octets = [0; 16];
    octets[0] = 0xfd;
    octets[1..6].copy_from_slice(&global_id);
    let network = Ipv6Addr::from(octets);
    Cidr::containing(network.into(), 112).expect("IPv6 has prefixes of that length")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::api::gates::{ApiProfile, FeatureGate, FeatureGates};

    #[test]
    fn a_node_range_has_twice_as_many_addresses_as_pods() {
        for (pods, length) in [
            (110, 24),
            (128, 24),
            (129, 23),
            (250, 23),
            (260, 22),
            (1, 31),
        ] {
            assert_eq!(ipv4_node_len(pods), length, "{pods}");
        }
    }

    #[test]
    fn tuples_name_the_families_and_nothing_is_filled_in_beside_them() {
        let spec = json!({
            "networking": {"pods": "AUTOv6, 10.0.0.0/16", "ipFamilies": ["IPv4"]},
            "provider": {"workers": [{"name": "a"}]},
        });
        let mut tuples = Shoot::new("local", serde_json::from_value(spec).unwrap());
        let spec = json!({"networks": {
            "pods": "fd00::/64", "services": "fd01::/112",
            "shootDefaults": {"pods": "fd02::/64", "services": "fd03::/112"},
        }});
        let seed = Seed::new("local", serde_json::from_value(spec).unwrap());
        let gates = FeatureGates::default().with(FeatureGate::AutoIPv6, true);
        let profile = ApiProfile::Gep21;
        let rules = Rules { profile, gates };
        shoot(&mut tuples, &rules);
        from_seed(&mut tuples, &seed, &rules, || [1; 5]);
        let networking = tuples.spec.networking.unwrap();
        assert_eq!(networking.ip_families, ["IPv6", "IPv4"]);
        assert_eq!(networking.services, None);
    }

    /// Found by fuzzing: the copy made a Shoot with tuples out of one without, and the next round of defaults changed
    /// its families.
    #[test]
    fn what_a_seed_offers_never_makes_tuples() {
        let spec = json!({"networking": {}, "provider": {"workers": [{"name": "a"}]}});
        let mut once = Shoot::new("local", serde_json::from_value(spec).unwrap());
        let spec = json!({"networks": {
            "pods": "fd00::/64", "services": "fd01::/112",
            "shootDefaults": {"pods": "10.240.0.0/16", "services": "10.241.,.0/16"},
        }});
        let seed = Seed::new("local", serde_json::from_value(spec).unwrap());
        let rules = Rules {
            gates: FeatureGates::default().with(FeatureGate::AutoIPv6, true),
            ..Rules::default()
        };
        shoot(&mut once, &rules);
        from_seed(&mut once, &seed, &rules, || [1; 5]);
        let networking = once.spec.networking.clone().unwrap();
        assert_eq!(networking.pods.as_deref(), Some("10.240.0.0/16"));
        assert_eq!(networking.services, None);
        let mut twice = once.clone();
        shoot(&mut twice, &rules);
        assert_eq!(once, twice);
    }

    #[test]
    fn an_own_service_range_is_unique_local() {
        assert_eq!(
            own_services([0x12, 0x34, 0x56, 0x78, 0x9a]).to_string(),
            "fd12:3456:789a::/112"
        );
    }
}
