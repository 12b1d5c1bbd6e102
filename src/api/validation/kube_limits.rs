//! Limits of Kubernetes components that Gardener does not check.
//!
//! Gardener accepts such Shoots; a component of their control plane then fails to start. The
//! fields of these errors name the flag or the value that would be refused.

use super::{FieldError, Path, Range};
use crate::{
    api::{autov6::notation, core::Shoot},
    net::{Cidr, IpFamily},
};

/// The most host bits of a service range (kube-apiserver).
const SERVICE_HOST_BITS: u8 = 20;
/// How much longer than the pod range a node's range may be (node IPAM, kubeadm).
const NODE_EXTRA_BITS: i32 = 16;
/// Where the cluster's DNS service sits in the service range (gardenlet).
const DNS_OFFSET: u128 = 10;

/// What Kubernetes would refuse about a Shoot.
pub fn validate(shoot: &Shoot) -> Vec<FieldError> {
    let Some(networking) = &shoot.spec.networking else {
        return Vec::new();
    };
    let mut errors = Vec::new();
    for services in networks(networking.services.as_deref()) {
        errors.extend(service_range(services));
    }
    for pods in networks(networking.pods.as_deref()) {
        errors.extend(node_ranges(pods, node_len(shoot, pods.family())));
    }
    errors
}

/// The ranges that a field spells out, as far as they are ranges.
fn networks(text: Option<&str>) -> impl Iterator<Item = Cidr> {
    let pieces = text.map(notation::spelled_out).unwrap_or_default();
    pieces
        .into_iter()
        .filter_map(|text| Range::new(text, Path::new("spec")).network())
}

fn service_range(services: Cidr) -> Option<FieldError> {
    let text = services.to_string();
    if services.family().bits() - services.prefix_len() > SERVICE_HOST_BITS {
        let path = Path::new("kube-apiserver --service-cluster-ip-range");
        let detail =
            format!("must have at most {SERVICE_HOST_BITS} host bits; choose a longer prefix");
        return Some(FieldError::invalid(&path, text, detail));
    }
    let has_room = crate::api::offset::address(services, DNS_OFFSET).is_ok();
    (!has_room).then(|| {
        let detail = "has no address for the cluster's DNS service; choose a shorter prefix";
        FieldError::invalid(&Path::new("services"), text, detail)
    })
}

fn node_ranges(pods: Cidr, node_len: i32) -> Option<FieldError> {
    let extra = node_len - i32::from(pods.prefix_len());
    (!(0..=NODE_EXTRA_BITS).contains(&extra)).then(|| {
        let path = Path::new("kube-controller-manager --cluster-cidr / --node-cidr-mask-size");
        let detail = format!(
            "a node range of /{node_len} must be at most {NODE_EXTRA_BITS} bits longer than {pods}"
        );
        FieldError::invalid(&path, pods.to_string(), detail)
    })
}

fn node_len(shoot: &Shoot, family: IpFamily) -> i32 {
    let manager = shoot.spec.kubernetes.kube_controller_manager.as_ref();
    let size = manager.and_then(|manager| manager.node_cidr_mask_size);
    let size_ipv6 = manager.and_then(|manager| manager.node_cidr_mask_size_ipv6);
    let dual = shoot
        .spec
        .networking
        .as_ref()
        .is_some_and(|networking| networking.ip_families.len() > 1);
    match family {
        IpFamily::V4 => size.unwrap_or(24),
        IpFamily::V6 if dual => size_ipv6.unwrap_or(64),
        IpFamily::V6 => size_ipv6.or(size).unwrap_or(64),
    }
}
