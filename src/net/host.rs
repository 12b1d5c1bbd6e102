//! Hosts and host:port pairs: the one place that knows about brackets around IPv6 literals.

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    str::FromStr,
};

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// An address or a DNS name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Host {
    /// An IP address.
    Ip(IpAddr),
    /// A DNS name, lower case.
    Name(String),
}

/// A host and a port, as written in URLs, `certs.d` folder names and image references.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct HostPort {
    /// The host.
    pub host: Host,
    /// The port.
    pub port: u16,
}

/// Why a text is not a host or a host and a port.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum HostError {
    /// Neither an address nor a DNS name (RFC 1123).
    #[error("`{text}` is neither an IP address nor a DNS name")]
    Host {
        /// What was written.
        text: String,
    },
    /// An IPv6 literal next to a port must stand in brackets (RFC 3986 section 3.2.2).
    #[error("`{text}` is ambiguous, write an IPv6 address with a port as `[ADDRESS]:PORT`")]
    Brackets {
        /// What was written.
        text: String,
    },
    /// No port, or not a port.
    #[error("`{text}` needs a port from 1 to 65535 after the host")]
    Port {
        /// What was written.
        text: String,
    },
}

impl Host {
    /// This host with a port.
    pub fn port(self, port: u16) -> HostPort {
        HostPort { host: self, port }
    }
}

impl HostPort {
    /// The origin of a URL: `https://[fd00::1]:5001`.
    pub fn url(&self, scheme: &str) -> String {
        format!("{scheme}://{self}")
    }
}

impl FromStr for Host {
    type Err = HostError;

    /// Reads an address (IPv6 with or without brackets) or a DNS name.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || HostError::Host {
            text: text.to_owned(),
        };
        if let Some(inner) = text.strip_prefix('[') {
            let inner = inner.strip_suffix(']').ok_or_else(invalid)?;
            let address: Ipv6Addr = inner.parse().map_err(|_| invalid())?;
            return Ok(Self::Ip(address.into()));
        }
        if let Ok(address) = text.parse() {
            return Ok(Self::Ip(address));
        }
        if is_dns_name(text) {
            return Ok(Self::Name(text.to_ascii_lowercase()));
        }
        Err(invalid())
    }
}

/// RFC 1123 host name. All-numeric last labels are refused: they are misspelt IPv4 addresses.
fn is_dns_name(text: &str) -> bool {
    let label_ok = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last_is_number = text
        .rsplit('.')
        .next()
        .is_some_and(|label| label.bytes().all(|byte| byte.is_ascii_digit()));
    text.len() <= 253 && text.split('.').all(label_ok) && !last_is_number
}

impl FromStr for HostPort {
    type Err = HostError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let no_port = || HostError::Port {
            text: text.to_owned(),
        };
        if text.parse::<Ipv6Addr>().is_ok() {
            return Err(HostError::Brackets {
                text: text.to_owned(),
            });
        }
        let (host, port) = text.rsplit_once(':').ok_or_else(no_port)?;
        if host.contains(':') && !host.starts_with('[') {
            return Err(HostError::Brackets {
                text: text.to_owned(),
            });
        }
        let digits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
        let port = port
            .parse()
            .ok()
            .filter(|port| digits && *port != 0)
            .ok_or_else(no_port)?;
        Ok(host.parse::<Host>()?.port(port))
    }
}

impl fmt::Display for Host {
    /// The form for URLs: IPv6 in brackets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(IpAddr::V6(address)) => write!(f, "[{address}]"),
            Self::Ip(address) => write!(f, "{address}"),
            Self::Name(name) => f.write_str(name),
        }
    }
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl From<SocketAddr> for HostPort {
    fn from(address: SocketAddr) -> Self {
        Host::Ip(address.ip()).port(address.port())
    }
}

impl From<HostPort> for String {
    fn from(pair: HostPort) -> Self {
        pair.to_string()
    }
}

impl TryFrom<String> for HostPort {
    type Error = HostError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ipv6_literals_stand_in_brackets_exactly_where_a_port_follows() {
        let pair = Host::Ip("fd00::1".parse().unwrap()).port(5001);
        assert_eq!(pair.to_string(), "[fd00::1]:5001");
        assert_eq!(pair.url("https"), "https://[fd00::1]:5001");
        assert_eq!("fd00::1".parse(), Ok(pair.host.clone()));
        assert_eq!("[fd00::1]".parse(), Ok(pair.host));
    }

    #[test]
    fn refuses_ambiguous_and_malformed_pairs() {
        for text in [
            "::1",
            "fd00::1:5001",
            "registry",
            "registry:",
            "registry:0",
            "registry:65536",
            "registry:+1",
            "[fd00::1]",
            "[fd00::1:5001",
            "[10.0.0.1]:5001",
            "[fe80::1%eth0]:1",
            "re_gistry:5001",
            "300.1.2.3:80",
            ":80",
        ] {
            assert!(text.parse::<HostPort>().is_err(), "`{text}` was accepted");
        }
    }

    #[test]
    fn names_compare_without_case() {
        assert_eq!(
            "Registry.Local:5001".parse::<HostPort>(),
            "registry.local:5001".parse()
        );
    }

    proptest! {
        #[test]
        fn any_socket_address_round_trips(address: IpAddr, port in 1_u16..) {
            let pair = Host::Ip(address).port(port);
            prop_assert_eq!(pair.to_string().parse::<HostPort>(), Ok(pair.clone()));
            prop_assert_eq!(pair.to_string().parse::<SocketAddr>(), Ok(SocketAddr::new(address, port)));
        }

        #[test]
        fn arbitrary_text_never_panics(text in "\\PC{0,40}") {
            drop(text.parse::<HostPort>());
        }
    }
}
