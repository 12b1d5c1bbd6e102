//! The cases, one file per area.

mod api;
mod cluster;
mod dns;
mod kubectl;
mod neg;
mod netpol;
mod pod;
mod shoot;
mod support;
mod svc;

use super::case::Case;

/// Every case of every area.
pub(super) fn all() -> Vec<Case> {
    [
        api::cases(),
        cluster::cases(),
        dns::cases(),
        kubectl::cases(),
        neg::cases(),
        netpol::cases(),
        pod::cases(),
        shoot::cases(),
        svc::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
