//! What the outside world answers, for `--online` only.

use std::{
    net::{IpAddr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use futures_util::future::join_all;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpStream, lookup_host},
    time::timeout,
};

use crate::{doctor::facts::Online, net::IpFamily};

/// Hosts with addresses of both families that answer on [`WEB`].
pub const DUAL_HOSTS: [&str; 2] = ["registry-1.docker.io", "www.debian.org"];
/// Registries that nodes pull from.
pub const REGISTRIES: [&str; 4] = [
    "registry-1.docker.io",
    "registry.k8s.io",
    "quay.io",
    "ghcr.io",
];
/// A name with IPv4 addresses only, by which a translator shows itself (RFC 7050).
pub const IPV4_ONLY: &str = "ipv4only.arpa";
/// The well-known addresses of that name.
const WELL_KNOWN: [u32; 2] = [0xc000_00aa, 0xc000_00ab];

/// The port of HTTPS, and of HTTP for the answer that fills packets.
const WEB: u16 = 443;
const PLAIN: u16 = 80;
/// Time for one name, one connection.
const TIME_OUT: Duration = Duration::from_secs(4);
/// More than one packet of a path with the smallest MTU carries.
const LARGE: usize = 2800;

/// Asks.
pub(super) async fn ask() -> Online {
    let (names, registries, synthesised) = tokio::join!(
        join_all(DUAL_HOSTS.map(|host| addresses(host, WEB))),
        join_all(REGISTRIES.map(|host| addresses(host, WEB))),
        addresses(IPV4_ONLY, WEB),
    );
    let found: Vec<SocketAddr> = names.into_iter().flatten().collect();
    let of = |family| {
        found
            .iter()
            .copied()
            .filter(move |one| family_of(*one) == family)
    };
    let (v4, v6, v6_large) = tokio::join!(
        any_connects(of(IpFamily::V4)),
        any_connects(of(IpFamily::V6)),
        any_fills_packets(of(IpFamily::V6)),
    );
    let without = |found: &Vec<SocketAddr>| !found.iter().any(SocketAddr::is_ipv6);
    Online {
        v4,
        v6,
        v6_large,
        a: of(IpFamily::V4).next().is_some(),
        aaaa: of(IpFamily::V6).next().is_some(),
        nat64: synthesised.iter().find_map(|address| prefix(address.ip())),
        registries_without_aaaa: REGISTRIES
            .iter()
            .zip(&registries)
            .filter(|(_, found)| !found.is_empty() && without(found))
            .map(|(host, _)| (*host).to_owned())
            .collect(),
    }
}

fn family_of(address: SocketAddr) -> IpFamily {
    if address.is_ipv6() {
        IpFamily::V6
    } else {
        IpFamily::V4
    }
}

async fn addresses(host: &str, port: u16) -> Vec<SocketAddr> {
    match timeout(TIME_OUT, lookup_host((host, port))).await {
        Ok(Ok(found)) => found.collect(),
        _ => Vec::new(),
    }
}

async fn any_connects(addresses: impl Iterator<Item = SocketAddr>) -> bool {
    let tries = addresses.map(|address| async move {
        matches!(
            timeout(TIME_OUT, TcpStream::connect(address)).await,
            Ok(Ok(_))
        )
    });
    join_all(tries).await.contains(&true)
}

/// Whether somebody answers with more than one full packet: a path that loses large packets hangs
/// here although connecting worked.
async fn any_fills_packets(addresses: impl Iterator<Item = SocketAddr>) -> bool {
    let tries = addresses.map(|mut address| async move {
        address.set_port(PLAIN);
        let transfer = async {
            let mut stream = TcpStream::connect(address).await?;
            let host = DUAL_HOSTS[1];
            let request = format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
            stream.write_all(request.as_bytes()).await?;
            let mut answer = Vec::new();
            stream.take(64 * 1024).read_to_end(&mut answer).await?;
            std::io::Result::Ok(answer.len())
        };
        matches!(timeout(TIME_OUT, transfer).await, Ok(Ok(length)) if length >= LARGE)
    });
    join_all(tries).await.contains(&true)
}

/// The prefix that a synthesised address starts with (RFC 6052, lengths of 96 bits).
fn prefix(address: IpAddr) -> Option<String> {
    let IpAddr::V6(address) = address else {
        return None;
    };
    let bits = address.to_bits();
    let last = u32::try_from(bits & u128::from(u32::MAX)).unwrap_or_default();
    WELL_KNOWN
        .contains(&last)
        .then(|| format!("{}/96", Ipv6Addr::from_bits(bits & !u128::from(u32::MAX))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_translator_shows_its_prefix() {
        let of = |text: &str| prefix(text.parse().unwrap());
        assert_eq!(of("64:ff9b::c000:aa").as_deref(), Some("64:ff9b::/96"));
        assert_eq!(
            of("2001:db8:64::c000:ab").as_deref(),
            Some("2001:db8:64::/96")
        );
        assert_eq!(of("64:ff9b::808:808"), None);
        assert_eq!(of("192.0.0.170"), None);
    }
}
