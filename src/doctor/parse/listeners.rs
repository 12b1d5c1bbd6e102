//! Listening sockets: `/proc/net/{tcp,tcp6,udp,udp6}`, and `lsof` of macOS.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::doctor::facts::{Listener, Protocol};

/// State LISTEN of a TCP socket.
const TCP_LISTEN: &str = "0A";
/// State of a UDP socket that is not connected.
const UDP_UNCONNECTED: &str = "07";

/// Reads `/proc/net/tcp` and its three siblings; the width of the addresses tells the family.
pub fn proc_net(protocol: Protocol, text: &str) -> Vec<Listener> {
    text.lines()
        .filter_map(|line| proc_line(protocol, line))
        .collect()
}

fn proc_line(protocol: Protocol, line: &str) -> Option<Listener> {
    let columns: Vec<&str> = line.split_whitespace().collect();
    let &[_, local, _, state, ..] = columns.as_slice() else {
        return None;
    };
    let waiting = match protocol {
        Protocol::Tcp => TCP_LISTEN,
        Protocol::Udp => UDP_UNCONNECTED,
    };
    if state != waiting {
        return None;
    }
    let (address, port) = local.rsplit_once(':')?;
    Some(Listener {
        protocol,
        address: address_of(address)?,
        port: u16::from_str_radix(port, 16).ok()?,
        process: None,
    })
}

/// An address as one or four numbers of 32 bits in the machine's byte order.
fn address_of(text: &str) -> Option<IpAddr> {
    let word = |index: usize| {
        let digits = text.get(index * 8..index * 8 + 8)?;
        Some(u32::from_str_radix(digits, 16).ok()?.swap_bytes())
    };
    match text.len() {
        8 => Some(IpAddr::V4(Ipv4Addr::from(word(0)?))),
        32 => {
            let mut bits = 0_u128;
            for index in 0..4 {
                bits = bits << 32 | u128::from(word(index)?);
            }
            Some(IpAddr::V6(Ipv6Addr::from(bits)))
        }
        _ => None,
    }
}

/// Reads `lsof -nP -iTCP -sTCP:LISTEN -iUDP`. A socket on `*` is one on all addresses of the
/// family in its fifth column.
pub fn lsof(text: &str) -> Vec<Listener> {
    text.lines().filter_map(lsof_line).collect()
}

fn lsof_line(line: &str) -> Option<Listener> {
    let columns: Vec<&str> = line.split_whitespace().collect();
    let family = columns
        .iter()
        .position(|word| matches!(*word, "IPv4" | "IPv6"))?;
    let protocol = columns[family..]
        .iter()
        .position(|word| matches!(*word, "TCP" | "UDP"))?
        + family;
    let name = columns.get(protocol + 1)?;
    // Connected sockets show both ends.
    if name.contains("->") {
        return None;
    }
    let (address, port) = name.rsplit_once(':')?;
    let address = match (address, columns[family]) {
        ("*", "IPv6") => Ipv6Addr::UNSPECIFIED.into(),
        ("*", _) => IpAddr::V4(Ipv4Addr::from(0)),
        (address, _) => {
            let bare = address.trim_start_matches('[').trim_end_matches(']');
            bare.split('%').next()?.parse().ok()?
        }
    };
    Some(Listener {
        protocol: if columns[protocol] == "TCP" {
            Protocol::Tcp
        } else {
            Protocol::Udp
        },
        address,
        port: port.parse().ok()?,
        process: columns.first().map(|name| name.replace("\\x20", " ")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(listeners: &[Listener]) -> Vec<String> {
        listeners.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn only_waiting_sockets_are_listed() {
        let tcp = "\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 3500007F:0035 00000000:0000 0A 00000000:00000000 00:00000000 00000000   101        0 1 1
   1: 0100007F:9C40 0100007F:0035 01 00000000:00000000 00:00000000 00000000   101        0 1 1
";
        assert_eq!(shown(&proc_net(Protocol::Tcp, tcp)), ["tcp 127.0.0.53 53"]);
        let tcp6 = "\
   0: 00000000000000000000000001000000:1389 00000000000000000000000000000000:0000 0A 0:0 00:0 0 0 0 1
   1: 00000000000000000000000000000000:0016 00000000000000000000000000000000:0000 0A 0:0 00:0 0 0 0 1
";
        assert_eq!(
            shown(&proc_net(Protocol::Tcp, tcp6)),
            ["tcp ::1 5001", "tcp :: 22"]
        );
        let udp =
            "  1: 00000000:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 2 2";
        assert_eq!(shown(&proc_net(Protocol::Udp, udp)).len(), 1);
    }

    #[test]
    fn lsof_names_the_program() {
        let text = "\
COMMAND     PID USER   FD   TYPE             DEVICE SIZE/OFF NODE NAME
ControlCe   600  dev    9u  IPv4 0x1234567890abcdef      0t0  TCP *:5000 (LISTEN)
ControlCe   600  dev   10u  IPv6 0x1234567890abcdef      0t0  TCP *:5000 (LISTEN)
kube\\x20x   700  dev   10u  IPv6 0x1234567890abcdef      0t0  TCP [::1]:6443 (LISTEN)
mDNSRespo   300  dev   11u  IPv4 0x1234567890abcdef      0t0  UDP *:5353
curl        800  dev   11u  IPv4 0x1234567890abcdef      0t0  TCP 127.0.0.1:50000->127.0.0.1:80 (ESTABLISHED)
";
        assert_eq!(
            shown(&lsof(text))[1..],
            [
                "tcp :: 5000 ControlCe",
                "tcp ::1 6443 kube x",
                "udp 0.0.0.0 5353 mDNSRespo"
            ]
        );
    }
}
