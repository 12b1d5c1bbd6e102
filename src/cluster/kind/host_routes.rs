//! The routes of this host, where the system lists them in files.

use std::fs;

use crate::net::{Route, from_proc_ipv4, from_proc_ipv6};

/// The main routing table of both families; empty where the system has no such files.
pub(super) fn read() -> Vec<Route> {
    let table = |path| fs::read_to_string(path).unwrap_or_default();
    let mut routes = from_proc_ipv6(&table("/proc/net/ipv6_route"));
    routes.extend(from_proc_ipv4(&table("/proc/net/route")));
    routes
}
