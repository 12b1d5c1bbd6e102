//! macOS: `ifconfig`.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, Ipv6Addr},
};

use super::addresses::Addresses;
use crate::doctor::facts::InterfaceAddress;

/// What `ifconfig` tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interfaces {
    /// IPv4 addresses by device.
    pub addrs4: Addresses,
    /// IPv6 addresses by device.
    pub addrs6: Addresses,
    /// MTU by device.
    pub mtu: BTreeMap<String, u32>,
}

/// Reads `ifconfig` (all interfaces or one).
pub fn interfaces(text: &str) -> Interfaces {
    let mut found = Interfaces::default();
    let mut dev = String::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        if !line.starts_with(char::is_whitespace) {
            let Some((name, _)) = line.split_once(':') else {
                continue;
            };
            name.clone_into(&mut dev);
            let mtu = words.windows(2).find(|pair| pair[0] == "mtu");
            if let Some(mtu) = mtu.and_then(|pair| pair[1].parse().ok()) {
                found.mtu.insert(dev.clone(), mtu);
            }
        } else if let Some(address) = ipv4(&words) {
            found.addrs4.entry(dev.clone()).or_default().push(address);
        } else if let Some(address) = ipv6(&words) {
            found.addrs6.entry(dev.clone()).or_default().push(address);
        }
    }
    found
}

fn after<'a>(words: &[&'a str], word: &str) -> Option<&'a str> {
    let index = words.iter().position(|other| *other == word)?;
    words.get(index + 1).copied()
}

fn ipv4(words: &[&str]) -> Option<InterfaceAddress> {
    let address: Ipv4Addr = after(words, "inet")?.parse().ok()?;
    let mask = after(words, "netmask")?.strip_prefix("0x")?;
    let mask = u32::from_str_radix(mask, 16).ok()?;
    let prefix_len = u8::try_from(mask.leading_ones()).ok()?;
    Some(InterfaceAddress::new(address.into(), prefix_len))
}

fn ipv6(words: &[&str]) -> Option<InterfaceAddress> {
    let text = after(words, "inet6")?;
    let address: Ipv6Addr = text.split('%').next()?.parse().ok()?;
    let prefix_len = after(words, "prefixlen")?.parse().ok()?;
    let mut address = InterfaceAddress::new(address.into(), prefix_len);
    address.on_link()?;
    let flags = [
        ("deprecated", "deprecated"),
        ("detached", "detached"),
        ("duplicated", "dadfailed"),
        ("tentative", "tentative"),
    ];
    let set = flags.iter().filter(|(printed, _)| words.contains(printed));
    address.flags = set.map(|(_, name)| (*name).to_owned()).collect();
    Some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_addresses_and_mtu_are_read() {
        let text = "\
lo0: flags=8049<UP,LOOPBACK,RUNNING,MULTICAST> mtu 16384
\toptions=1203<RXCSUM,TXCSUM,TXSTATUS,SW_TIMESTAMP>
\tinet 127.0.0.1 netmask 0xff000000
\tinet6 ::1 prefixlen 128
\tinet6 fe80::1%lo0 prefixlen 64 scopeid 0x1
en0: flags=8863<UP,BROADCAST,SMART,RUNNING,SIMPLEX,MULTICAST> mtu 1500
\tether 00:00:5e:00:53:01
\tinet6 2001:db8:3::10 prefixlen 64 deprecated autoconf temporary
\tinet 192.168.178.20 netmask 0xffffff00 broadcast 192.168.178.255
";
        let found = interfaces(text);
        assert_eq!(found.mtu["en0"], 1500);
        assert_eq!(found.addrs4["en0"][0].to_string(), "192.168.178.20/24");
        assert_eq!(found.addrs6["lo0"].len(), 2);
        let deprecated = "2001:db8:3::10/64 deprecated";
        assert_eq!(found.addrs6["en0"][0].to_string(), deprecated);
    }
}
