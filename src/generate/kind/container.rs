//! The facts kind passes to the container engine.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::{Cluster, PortMapping};

/// Port of the API server inside a control plane container.
pub(super) const API_SERVER_PORT: i32 = 6443;

/// What follows from the family of a cluster for its containers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerFacts {
    /// Kernel settings of the container.
    pub sysctls: BTreeMap<&'static str, &'static str>,
    /// Listen address of a port mapping that names none.
    pub default_listen: IpAddr,
    /// How the API server is published, where the port is fixed.
    pub api_server_publish: Option<String>,
}

/// The facts for a cluster whose defaults have been applied.
pub fn container_facts(cluster: &Cluster) -> ContainerFacts {
    let networking = &cluster.networking;
    let mut sysctls = BTreeMap::new();
    if matches!(networking.ip_family.as_str(), "ipv6" | "dual") {
        sysctls.insert("net.ipv6.conf.all.disable_ipv6", "0");
        sysctls.insert("net.ipv6.conf.all.forwarding", "1");
    }
    let default_listen: IpAddr = if networking.ip_family == "ipv6" {
        Ipv6Addr::UNSPECIFIED.into()
    } else {
        Ipv4Addr::UNSPECIFIED.into()
    };
    let api_server = PortMapping {
        container_port: API_SERVER_PORT,
        host_port: networking.api_server_port,
        listen_address: networking.api_server_address.clone(),
        protocol: "TCP".to_owned(),
    };
    ContainerFacts {
        sysctls,
        default_listen,
        api_server_publish: publish(&api_server, default_listen),
    }
}

/// The engine's text for a mapping with a fixed host port, IPv6 addresses in brackets.
pub fn publish(mapping: &PortMapping, default_listen: IpAddr) -> Option<String> {
    let port = u16::try_from(mapping.host_port)
        .ok()
        .filter(|port| *port != 0)?;
    let address = if mapping.listen_address.is_empty() {
        default_listen
    } else {
        mapping.listen_address.parse().ok()?
    };
    let protocol = if mapping.protocol.is_empty() {
        "TCP"
    } else {
        &mapping.protocol
    };
    let listen = SocketAddr::new(address, port);
    Some(format!("{listen}:{}/{protocol}", mapping.container_port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ipv6_addresses_are_bracketed_for_the_engine() {
        let mapping = PortMapping {
            container_port: 6443,
            host_port: 6443,
            listen_address: "::1".to_owned(),
            protocol: String::new(),
        };
        let text = publish(&mapping, Ipv6Addr::UNSPECIFIED.into());
        assert_eq!(text.as_deref(), Some("[::1]:6443:6443/TCP"));
    }

    #[test]
    fn a_port_that_is_chosen_later_has_no_text_yet() {
        let mapping = PortMapping {
            container_port: 80,
            ..PortMapping::default()
        };
        assert_eq!(publish(&mapping, Ipv4Addr::UNSPECIFIED.into()), None);
    }
}
