//! Both ends of a packet's way: programs that cases run in pods to see what gets through.
//!
//! A caller sends a payload, a listener says who it is, who called and how much arrived. So a case
//! learns which pod answered and whether addresses were translated on the way.

mod call;
mod listen;

use std::{fmt, net::IpAddr, str::FromStr};

use serde::{Deserialize, Serialize};

pub use call::{Call, CallError, call};
pub use listen::listen;

/// The port that listeners take in cases.
pub const PORT: u16 = 7000;
/// The largest payload that is read: more than any case sends.
const PAYLOAD_MAX: u64 = 1024 * 1024;

/// How a payload travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Transport {
    /// One connection per call.
    Tcp,
    /// One datagram per call.
    Udp,
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        })
    }
}

impl FromStr for Transport {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "tcp" => Ok(Self::Tcp),
            "udp" => Ok(Self::Udp),
            other => Err(format!("`{other}` is neither tcp nor udp")),
        }
    }
}

/// What a listener says to a caller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The name that the listener was given: that of its pod.
    pub listener: String,
    /// Who called, as the listener saw it.
    pub caller: IpAddr,
    /// How many bytes of payload arrived.
    pub bytes: u64,
}

#[cfg(test)]
mod tests {
    use std::{net::SocketAddr, time::Duration};

    use super::*;

    #[tokio::test]
    async fn a_listener_tells_both_transports_who_called_and_how_much_arrived() {
        let (address, listener) = listen(0, "pod-a".to_owned()).await.unwrap();
        tokio::spawn(listener);
        for (host, transport, bytes) in [
            ("::1", Transport::Tcp, 1),
            ("::1", Transport::Tcp, 8192),
            ("::1", Transport::Udp, 1200),
            ("127.0.0.1", Transport::Tcp, 1400),
            ("127.0.0.1", Transport::Udp, 1),
        ] {
            let host: IpAddr = host.parse().unwrap();
            let call = Call {
                target: SocketAddr::new(host, address.port()),
                transport,
                bytes,
                timeout: Duration::from_secs(5),
            };
            let expected = Answer {
                listener: "pod-a".to_owned(),
                caller: host,
                bytes: bytes.try_into().unwrap(),
            };
            assert_eq!(super::call(&call).await.unwrap(), expected);
        }
    }

    #[tokio::test]
    async fn nobody_listening_is_an_error_that_names_the_target() {
        let call = Call {
            target: "[::1]:1".parse().unwrap(),
            transport: Transport::Tcp,
            bytes: 1,
            timeout: Duration::from_millis(50),
        };
        let error = super::call(&call).await.unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("no answer from [::1]:1 over tcp"),
            "{error}"
        );
    }
}
