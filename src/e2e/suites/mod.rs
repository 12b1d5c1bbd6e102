//! The cases, one file per subject.

mod support;

pub(super) mod api_extensions;
pub(super) mod api_families;
pub(super) mod api_parity;
pub(super) mod api_ranges;
pub(super) mod clouds;
pub(super) mod cluster;
pub(super) mod dns;
pub(super) mod images;
pub(super) mod kubectl;
pub(super) mod neg;
pub(super) mod netpol;
pub(super) mod packets;
pub(super) mod pod;
pub(super) mod shoot_life;
pub(super) mod shoot_manifests;
pub(super) mod svc;
