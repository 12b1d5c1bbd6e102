//! Sockets that wait for clients.

use std::{fmt, net::IpAddr, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A transport protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    /// TCP, in state LISTEN.
    Tcp,
    /// UDP, not connected.
    Udp,
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        })
    }
}

/// A listening socket: `tcp :: 5001`, or `tcp :: 5001 registry` where its program is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Listener {
    /// The protocol.
    pub protocol: Protocol,
    /// The address it is bound to; the unspecified one means all.
    pub address: IpAddr,
    /// The port.
    pub port: u16,
    /// The program, where this user may know.
    pub process: Option<String>,
}

/// A text that is not a listening socket.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{text}` is not PROTOCOL ADDRESS PORT")]
pub struct InvalidListener {
    /// What was written.
    pub text: String,
}

impl FromStr for Listener {
    type Err = InvalidListener;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidListener {
            text: text.to_owned(),
        };
        let mut words = text.splitn(4, ' ');
        let protocol = match words.next() {
            Some("tcp") => Protocol::Tcp,
            Some("udp") => Protocol::Udp,
            _ => return Err(invalid()),
        };
        let address = words.next().and_then(|word| word.parse().ok());
        let port = words.next().and_then(|word| word.parse().ok());
        Ok(Self {
            protocol,
            address: address.ok_or_else(invalid)?,
            port: port.ok_or_else(invalid)?,
            process: words
                .next()
                .map(|word| word.trim().to_owned())
                .filter(|word| !word.is_empty()),
        })
    }
}

impl fmt::Display for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.protocol, self.address, self.port)?;
        self.process
            .iter()
            .try_for_each(|process| write!(f, " {process}"))
    }
}

impl TryFrom<String> for Listener {
    type Error = InvalidListener;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Listener> for String {
    fn from(listener: Listener) -> Self {
        listener.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listeners_round_trip_with_and_without_their_program() {
        for text in [
            "tcp :: 5001",
            "udp 127.0.0.53 53",
            "tcp ::1 6443 kube-apiserver -v",
        ] {
            assert_eq!(text.parse::<Listener>().unwrap().to_string(), text);
        }
        assert!("tcp [::]:5001".parse::<Listener>().is_err());
    }
}
