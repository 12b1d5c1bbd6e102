//! Whether the pod range has room for all nodes (GEP-21 only; upstream dropped the rule in 2024).

use super::{FieldError, Path, Range, Rules};
use crate::{
    api::{
        autov6::notation,
        core::{Networking, Shoot},
        families::FamilyList,
    },
    net::Families,
};

/// What a Shoot without a pod range was assumed to use, whatever its families.
const DEFAULT_PODS: &str = "100.96.0.0/11";

/// The errors of a new Shoot whose pools may grow beyond the node ranges that the pod range holds.
///
/// Gardener ran this when an object was stored, after the static rules, so an unusable pod range
/// is reported here a second time.
pub fn validate(shoot: &Shoot, rules: &Rules) -> Option<FieldError> {
    let networking = shoot.spec.networking.as_ref()?;
    if !rules.is_gep21() || shoot.spec.is_workerless() {
        return None;
    }
    let pods = networking.pods.as_deref().unwrap_or(DEFAULT_PODS);
    let ranges = if rules.has_tuples() {
        // What the provider assigns is not known yet.
        notation::spelled_out(pods)
    } else {
        vec![pods]
    };
    let mut ranges = ranges.into_iter();
    ranges.find_map(|pods| room(shoot, networking, pods))
}

/// The error of pools that may grow beyond one pod range.
fn room(shoot: &Shoot, networking: &Networking, pods: &str) -> Option<FieldError> {
    let range = Range::new(pods, Path::new("spec.networking.pods"));
    let Some(network) = range.network() else {
        return range.check_parse();
    };
    if network.prefix_len() == 0 {
        return Some(range.invalid("must not be the range of all addresses"));
    }
    let families = FamilyList(&networking.ip_families);
    let manager = shoot.spec.kubernetes.kube_controller_manager.as_ref();
    // Dual-stack is an outlook of the GEP: a mask is held against the range of its family.
    let dual = families.checked().is_some_and(Families::is_dual);
    let node_len = if dual && network.network().is_ipv6() {
        manager
            .and_then(|manager| manager.node_cidr_mask_size_ipv6)
            .unwrap_or(64)
    } else {
        manager
            .and_then(|manager| manager.node_cidr_mask_size)
            .unwrap_or(if families.is_ipv6_single() { 64 } else { 24 })
    };
    let room = match i64::from(node_len) - i64::from(network.prefix_len()) {
        bits if bits < 0 => 0,
        bits => 1_i64 << bits.min(62),
    };
    let nodes: i64 = shoot
        .spec
        .provider
        .workers
        .iter()
        .map(|pool| i64::from(pool.maximum))
        .sum();
    (nodes > room).then(|| {
        let detail = format!(
            "the pools may grow to {nodes} nodes, but {pods} has room for {room} ranges of /{node_len}; \
             lower the maximum or choose a larger pod range"
        );
        FieldError::invalid(&Path::new("spec.provider.workers"), nodes, detail)
    })
}
