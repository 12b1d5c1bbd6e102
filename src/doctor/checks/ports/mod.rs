//! Ports of the host that somebody else may have.

mod cluster;
mod services;

use std::net::IpAddr;

use super::prelude::*;
use crate::doctor::facts::Listener;

pub(super) const CHECKS: &[&[Check]] = &[cluster::CHECKS, services::CHECKS];

const BASE: Check = Check {
    group: Group::Ports,
    ..Check::BASE
};

/// Who listens on a port. A socket on `::` counts for both families, as it does by default.
fn listeners<'a>(ask: &Ask<'a>, port: u16) -> Result<Vec<&'a Listener>, Gap> {
    let all = ask.view(Scope::Host, "listen", |view| &view.listen)?;
    Ok(all
        .into_iter()
        .flatten()
        .filter(|listener| listener.port == port)
        .collect())
}

/// Whether a socket takes what comes to any address.
fn is_wildcard(listener: &Listener) -> bool {
    listener.address.is_unspecified()
}

/// Whether a socket is in the way of one on `address`.
fn blocks(listener: &Listener, address: IpAddr) -> bool {
    is_wildcard(listener) || listener.address == address
}

/// A listener in words.
fn shown(listener: &Listener) -> String {
    let Listener {
        protocol,
        address,
        port,
        process,
    } = listener;
    let by = process
        .as_ref()
        .map_or(String::new(), |process| format!(" ({process})"));
    format!("{protocol} port {port} on {address}{by}")
}
