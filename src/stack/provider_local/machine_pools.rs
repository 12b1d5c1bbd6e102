//! The pools from which machines that are pods take their addresses. Pure.

use serde::Serialize;

use crate::net::{Families, IpFamily};

/// A pool that is used only by pods that name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MachinePool {
    /// The node range of the Shoot.
    pub cidr: String,
    /// Machines reach the world.
    pub nat_outgoing: bool,
    /// IPv6 has no IP in IP.
    pub ipip_mode: &'static str,
    /// No node, so that no other pod gets an address of it.
    pub node_selector: &'static str,
}

/// The pools of a Shoot by name, one per family. Both families get the same range, as in
/// provider-local, which is why dual-stack Shoots do not work with machine pods.
pub fn machine_pools(
    technical_id: &str,
    families: Families,
    nodes: &str,
) -> Vec<(String, MachinePool)> {
    families
        .iter()
        .map(|family| {
            let (suffix, ipip_mode) = match family {
                IpFamily::V4 => ("ipv4", "Always"),
                IpFamily::V6 => ("ipv6", "Never"),
            };
            let pool = MachinePool {
                cidr: nodes.to_owned(),
                nat_outgoing: true,
                ipip_mode,
                node_selector: "!all()",
            };
            (format!("shoot-machine-pods-{technical_id}-{suffix}"), pool)
        })
        .collect()
}
