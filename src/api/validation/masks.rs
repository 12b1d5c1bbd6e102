//! Rules for the sizes of the nodes' pod ranges.

use std::ops::RangeInclusive;

use super::{FieldError, Path, Rules};
use crate::api::{core::ShootSpec, families::FamilyList};

/// The number of pods a kubelet runs unless told otherwise.
pub const DEFAULT_MAX_PODS: i32 = 110;

/// Prefix lengths of a node's IPv4 pod range.
const IPV4_LENGTHS: RangeInclusive<i32> = 16..=28;
/// Prefix lengths of a node's IPv6 pod range.
const IPV6_LENGTHS: RangeInclusive<i32> = 64..=124;

/// The largest number of pods that any pool allows per node, given what a Shoot that says nothing
/// allows.
pub fn max_pods(spec: &ShootSpec, unset: i32) -> i32 {
    let shoot = spec
        .kubernetes
        .kubelet
        .as_ref()
        .and_then(|kubelet| kubelet.max_pods);
    let pools = spec
        .provider
        .workers
        .iter()
        .filter_map(|pool| pool.kubernetes.as_ref()?.kubelet.as_ref()?.max_pods);
    pools.fold(shoot.unwrap_or(unset), i32::max)
}

/// The errors of the mask sizes of a Shoot.
pub(super) fn validate(spec: &ShootSpec, rules: &Rules) -> Vec<FieldError> {
    let Some(manager) = &spec.kubernetes.kube_controller_manager else {
        return Vec::new();
    };
    let masks = Masks {
        size: manager.node_cidr_mask_size,
        // The field is younger than the GEP; whoever sets it there means nothing by it.
        size_ipv6: manager
            .node_cidr_mask_size_ipv6
            .filter(|_| !rules.is_gep21() || rules.has_outlook()),
    };
    let mut errors = Vec::new();
    let Some(networking) = &spec.networking else {
        return if spec.is_workerless() {
            masks.forbidden()
        } else {
            errors
        };
    };
    let families = FamilyList(&networking.ip_families);
    if spec.is_workerless() {
        errors.extend(masks.forbidden());
    } else {
        errors.extend(masks.bounds(families, rules));
    }
    errors.extend(masks.room_for(max_pods(spec, 0), families));
    errors
}

/// The errors of changed mask sizes. The IPv6 one may be added later, for the way to dual-stack.
pub(super) fn validate_update(new: &ShootSpec, old: &ShootSpec) -> Vec<FieldError> {
    let (new, old) = (Masks::of(new), Masks::of(old));
    let mut errors = Vec::new();
    errors.extend(FieldError::unless_same(&size_path(), &new.size, &old.size));
    if old.size_ipv6.is_some() {
        errors.extend(FieldError::unless_same(
            &size_ipv6_path(),
            &new.size_ipv6,
            &old.size_ipv6,
        ));
    }
    errors
}

#[derive(Clone, Copy, Debug)]
struct Masks {
    size: Option<i32>,
    size_ipv6: Option<i32>,
}

impl Masks {
    fn of(spec: &ShootSpec) -> Self {
        let manager = spec.kubernetes.kube_controller_manager.as_ref();
        Self {
            size: manager.and_then(|manager| manager.node_cidr_mask_size),
            size_ipv6: manager.and_then(|manager| manager.node_cidr_mask_size_ipv6),
        }
    }

    fn forbidden(self) -> Vec<FieldError> {
        let detail = "must not be set for a workerless Shoot; remove it or add workers";
        let size = self
            .size
            .map(|_| FieldError::forbidden(&size_path(), detail));
        let ipv6 = self
            .size_ipv6
            .map(|_| FieldError::forbidden(&size_ipv6_path(), detail));
        size.into_iter().chain(ipv6).collect()
    }

    fn bounds(self, families: FamilyList<'_>, rules: &Rules) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let ipv6_single = families.is_ipv6_single();
        let ipv4_single = families.is_ipv4_single();
        if let Some(size) = self.size {
            if ipv6_single && self.size_ipv6.is_some() {
                let detail = "only one mask size can be set with a single family; remove one";
                errors.push(FieldError::forbidden(&size_path(), detail));
            }
            if ipv6_single && !rules.is_gep21() {
                errors.extend(within(size, &IPV6_LENGTHS, &size_path()));
            } else if ipv4_single {
                errors.extend(within(size, &IPV4_LENGTHS, &size_path()));
            }
        }
        if let Some(size) = self.size_ipv6 {
            if ipv4_single {
                let detail = "must not be set without IPv6; remove it";
                errors.push(FieldError::forbidden(&size_ipv6_path(), detail));
            } else {
                errors.extend(within(size, &IPV6_LENGTHS, &size_ipv6_path()));
            }
        }
        errors
    }

    /// A node needs an address per pod; the first and the last one of its range are lost.
    ///
    /// Only the first field is compared, with dual-stack as an IPv4 length.
    fn room_for(self, max_pods: i32, families: FamilyList<'_>) -> Option<FieldError> {
        let size = self.size?;
        let wanted = if max_pods == 0 {
            DEFAULT_MAX_PODS
        } else {
            max_pods
        };
        let bits = if families.is_ipv6_single() { 128 } else { 32 };
        let host_bits = i64::from(bits) - i64::from(size);
        // Beyond 2^62 addresses no 32-bit pod count can be too large.
        let addresses = 1_i64 << host_bits.clamp(0, 62);
        (addresses - 2 < i64::from(wanted)).then(|| {
            let detail = format!("a node range of /{size} has no room for {wanted} pods; choose a smaller mask size or lower maxPods");
            FieldError::invalid(&size_path(), size, detail)
        })
    }
}

fn within(size: i32, lengths: &RangeInclusive<i32>, path: &Path) -> Option<FieldError> {
    (!lengths.contains(&size)).then(|| {
        let detail = format!("must be from {} to {}", lengths.start(), lengths.end());
        FieldError::invalid(path, size, detail)
    })
}

fn size_path() -> Path {
    Path::new("spec.kubernetes.kubeControllerManager.nodeCIDRMaskSize")
}

fn size_ipv6_path() -> Path {
    Path::new("spec.kubernetes.kubeControllerManager.nodeCIDRMaskSizeIPv6")
}
