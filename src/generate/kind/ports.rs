//! Ports of a node on the host, as people type them.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

use thiserror::Error;

use super::PortMapping;
use crate::net::Families;

/// A port of a node on the host.
///
/// Without address it is published on the loopback address of every family of the cluster: kind's own default
/// is the wildcard, which the world can reach, and it cannot publish one port on both wildcards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PublishedPort {
    /// The address of the host.
    pub listen: Option<IpAddr>,
    /// The port of the host.
    pub host: u16,
    /// The port of the node.
    pub container: u16,
    /// The transport protocol.
    pub protocol: Protocol,
}

/// A transport protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// SCTP.
    Sctp,
}

impl fmt::Display for Protocol {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
            Self::Sctp => "SCTP",
        })
    }
}

/// A text that publishes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "`{text}` is not [ADDRESS:]HOST-PORT:NODE-PORT[/PROTOCOL], with an IPv6 address in brackets and tcp, udp or sctp"
)]
pub struct InvalidPort {
    text: String,
}

impl FromStr for PublishedPort {
    type Err = InvalidPort;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        read(text).ok_or_else(|| InvalidPort {
            text: text.to_owned(),
        })
    }
}

fn read(text: &str) -> Option<PublishedPort> {
    let (ports, protocol) = match text.split_once('/') {
        None => (text, Protocol::Tcp),
        Some((ports, word)) => {
            let protocol = match word.to_ascii_lowercase().as_str() {
                "tcp" => Protocol::Tcp,
                "udp" => Protocol::Udp,
                "sctp" => Protocol::Sctp,
                _ => return None,
            };
            (ports, protocol)
        }
    };
    let (host, container) = ports.rsplit_once(':')?;
    let (listen, host) = match host.parse::<SocketAddr>() {
        Ok(address) => (Some(address.ip()), Some(address.port())),
        Err(_) => (None, port(host)),
    };
    Some(PublishedPort {
        listen,
        host: host.filter(|port| *port > 0)?,
        container: port(container).filter(|port| *port > 0)?,
        protocol,
    })
}

/// A number without sign; the standard library takes a plus.
fn port(text: &str) -> Option<u16> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

impl fmt::Display for PublishedPort {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.listen {
            Some(address) => write!(formatter, "{}", SocketAddr::new(address, self.host))?,
            None => write!(formatter, "{}", self.host)?,
        }
        write!(formatter, ":{}/{}", self.container, self.protocol)
    }
}

impl PublishedPort {
    /// What kind is told, in the order of the families.
    pub fn mappings(&self, families: Families) -> Vec<PortMapping> {
        let addresses: Vec<IpAddr> = match self.listen {
            Some(address) => vec![address],
            None => families
                .iter()
                .map(crate::net::IpFamily::loopback)
                .collect(),
        };
        addresses
            .into_iter()
            .map(|address| PortMapping {
                container_port: self.container.into(),
                host_port: self.host.into(),
                listen_address: address.to_string(),
                protocol: self.protocol.to_string(),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_port_without_address_is_published_on_the_loopback_of_every_family() {
        let port: PublishedPort = "443:30443".parse().unwrap();
        let addresses = |families: &str| -> Vec<String> {
            let mappings = port.mappings(families.parse().unwrap());
            mappings
                .into_iter()
                .map(|mapping| mapping.listen_address)
                .collect()
        };
        assert_eq!(addresses("ipv6"), ["::1"]);
        assert_eq!(addresses("ipv4,ipv6"), ["127.0.0.1", "::1"]);
    }

    #[test]
    fn addresses_and_protocols_are_read() {
        let port: PublishedPort = "[::]:53:30053/udp".parse().unwrap();
        assert_eq!(port.to_string(), "[::]:53:30053/UDP");
        assert_eq!(
            port.mappings("ipv6".parse().unwrap())[0].listen_address,
            "::"
        );
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for text in [
            "",
            "80",
            ":80:80",
            "80:80/icmp",
            "::1:80:80",
            "0:80",
            "80:0",
            "+80:80",
            "80:70000",
            "[::1]:80",
        ] {
            assert!(
                text.parse::<PublishedPort>().is_err(),
                "`{text}` was accepted"
            );
        }
    }

    proptest! {
        #[test]
        fn the_text_form_round_trips(listen: Option<IpAddr>, host in 1_u16.., container in 1_u16..) {
            let port = PublishedPort { listen, host, container, protocol: Protocol::Sctp };
            prop_assert_eq!(port.to_string().parse(), Ok(port));
        }

        #[test]
        fn arbitrary_text_never_panics(text in "\\PC{0,30}") {
            drop(text.parse::<PublishedPort>());
        }
    }
}
