//! Defaults of API objects.
//!
//! [`shoot`] and [`seed`] are what every reader of a manifest fills in; [`from_seed`] is what
//! admission fills in once a Shoot has a Seed.

use std::net::Ipv6Addr;

use super::{
    core::{Networking, Seed, Shoot},
    families::FamilyList,
    validation::{Path, Range, Rules, masks},
};
use crate::net::{Cidr, IpFamily};

/// The prefix length of a node's IPv6 pod range.
const IPV6_NODE_LEN: i32 = 64;

/// Fills in what a Shoot leaves open: the family, and the sizes of its nodes' pod ranges.
pub fn shoot(shoot: &mut Shoot, rules: &Rules) {
    let networking = shoot.spec.networking.get_or_insert_default();
    if networking.ip_families.is_empty() {
        networking.ip_families = vec![IpFamily::V4.to_string()];
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
/// and left it to validation to complain.
pub fn from_seed(
    shoot: &mut Shoot,
    seed: &Seed,
    rules: &Rules,
    global_id: impl FnOnce() -> [u8; 5],
) {
    let workerless = shoot.spec.is_workerless();
    let networking = shoot.spec.networking.get_or_insert_default();
    let offers = seed
        .spec
        .networks
        .shoot_defaults
        .clone()
        .unwrap_or_default();
    let fits = |offer: &String, networking: &Networking| {
        let family = Range::new(offer, Path::new("offer")).family();
        let families = FamilyList(&networking.ip_families);
        rules.is_gep21() || family.is_some_and(|family| families.lists(family))
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
    use super::*;

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
    fn an_own_service_range_is_unique_local() {
        assert_eq!(
            own_services([0x12, 0x34, 0x56, 0x78, 0x9a]).to_string(),
            "fd12:3456:789a::/112"
        );
    }
}
