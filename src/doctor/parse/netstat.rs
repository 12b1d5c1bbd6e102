//! macOS: `netstat -rn -f inet` and `netstat -rn -f inet6`.

use std::net::{IpAddr, Ipv4Addr};

use crate::{
    doctor::facts::{Destination, HostRoute},
    net::{Cidr, IpFamily},
};

/// Reads the routes of one family.
pub fn routes(text: &str, family: IpFamily) -> Vec<HostRoute> {
    text.lines()
        .filter_map(|line| route(line, family))
        .collect()
}

fn route(line: &str, family: IpFamily) -> Option<HostRoute> {
    let mut columns = line.split_whitespace();
    let dst = destination(columns.next()?, family)?;
    let gateway = columns.next()?;
    let flags = columns.next()?;
    let dev = columns.next()?;
    // `H` marks single hosts, `W` copies for one destination: neither says where networks lead.
    if !flags.starts_with('U') || flags.contains('H') || flags.contains('W') {
        return None;
    }
    Some(HostRoute {
        via: (!gateway.starts_with("link#")).then(|| gateway.to_owned()),
        reject: flags.contains('R') || flags.contains('B'),
        ..HostRoute::new(dst, dev)
    })
}

fn destination(text: &str, family: IpFamily) -> Option<Destination> {
    if text == "default" {
        return Some(Destination::Default);
    }
    let (address, length) = match text.split_once('/') {
        Some((address, length)) => (address, Some(length.parse().ok()?)),
        None => (text, None),
    };
    let address = address.split('%').next().unwrap_or_default();
    let (address, natural) = match family {
        IpFamily::V6 => (IpAddr::V6(address.parse().ok()?), 128),
        IpFamily::V4 => shortened(address)?,
    };
    let cidr = Cidr::containing(address, length.unwrap_or(natural))?;
    Some(if cidr.prefix_len() == 0 {
        Destination::Default
    } else {
        Destination::Prefix(cidr)
    })
}

/// IPv4 networks are printed without the zeros at their end: `192.168.178` is a /24.
fn shortened(text: &str) -> Option<(IpAddr, u8)> {
    let octets: Vec<u8> = text
        .split('.')
        .map(|octet| octet.parse().ok())
        .collect::<Option<_>>()?;
    let bits = u8::try_from(octets.len()).ok()?.checked_mul(8)?;
    let mut whole = [0; 4];
    whole.get_mut(..octets.len())?.copy_from_slice(&octets);
    Some((Ipv4Addr::from(whole).into(), bits))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, family: IpFamily) -> Vec<String> {
        routes(text, family)
            .iter()
            .map(|route| {
                let via = route.via.as_deref().unwrap_or("-");
                format!("{} {} {via}", route.dst, route.dev)
            })
            .collect()
    }

    #[test]
    fn ipv4_networks_are_completed() {
        let text = "\
Routing tables

Internet:
Destination        Gateway            Flags               Netif Expire
default            192.168.178.1      UGScg                 en0
127                127.0.0.1          UCS                   lo0
127.0.0.1          127.0.0.1          UH                    lo0
172.16/12          utun4              USc                 utun4
192.168.178        link#11            UCS                   en0      !
192.168.178.1/32   link#11            UCS                   en0      !
224.0.0/4          link#11            UmCS                  en0      !
";
        assert_eq!(
            shown(text, IpFamily::V4),
            [
                "default en0 192.168.178.1",
                "127.0.0.0/8 lo0 127.0.0.1",
                "172.16.0.0/12 utun4 utun4",
                "192.168.178.0/24 en0 -",
                "192.168.178.1/32 en0 -",
                "224.0.0.0/4 en0 -"
            ]
        );
    }

    #[test]
    fn every_tunnel_of_a_mac_has_a_default_route() {
        let text = "\
Internet6:
Destination                             Gateway                                 Flags               Netif Expire
default                                 fe80::1%en0                             UGcg                  en0
default                                 fe80::%utun0                            UGcIg               utun0
::1                                     ::1                                     UHL                   lo0
2001:db8:3::/64                         link#11                                 UC                    en0
fe80::%lo0/64                           fe80::1%lo0                             UcI                   lo0
";
        assert_eq!(
            shown(text, IpFamily::V6),
            [
                "default en0 fe80::1%en0",
                "default utun0 fe80::%utun0",
                "2001:db8:3::/64 en0 -",
                "fe80::/64 lo0 fe80::1%lo0"
            ]
        );
    }
}
