//! Linux: `/proc/net/if_inet6`, `ip -o address`, `/proc/net/fib_trie`.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, Ipv6Addr},
};

use crate::doctor::facts::InterfaceAddress;

/// Addresses by device.
pub type Addresses = BTreeMap<String, Vec<InterfaceAddress>>;

/// Flags of an IPv6 address (`IFA_F_*`) that say that it cannot be used as it is.
const FLAGS: [(u32, &str); 4] = [
    (0x04, "optimistic"),
    (0x08, "dadfailed"),
    (0x20, "deprecated"),
    (0x40, "tentative"),
];

/// Reads `/proc/net/if_inet6`.
pub fn if_inet6(text: &str) -> Addresses {
    let mut found = Addresses::new();
    for line in text.lines() {
        if let Some((dev, address)) = if_inet6_line(line) {
            found.entry(dev).or_default().push(address);
        }
    }
    found
}

fn if_inet6_line(line: &str) -> Option<(String, InterfaceAddress)> {
    let columns: Vec<&str> = line.split_whitespace().collect();
    let &[address, _, prefix_len, _, flags, dev] = columns.as_slice() else {
        return None;
    };
    let address = Ipv6Addr::from(u128::from_str_radix(address, 16).ok()?);
    let prefix_len = u8::from_str_radix(prefix_len, 16).ok()?;
    let bits = u32::from_str_radix(flags, 16).ok()?;
    let mut address = InterfaceAddress::new(address.into(), prefix_len);
    address.on_link()?;
    let set = FLAGS.iter().filter(|(bit, _)| bits & bit != 0);
    address.flags = set.map(|(_, name)| (*name).to_owned()).collect();
    Some((dev.to_owned(), address))
}

/// Reads `ip -o address` (`-4`, `-6` or both).
pub fn ip_address(text: &str) -> Addresses {
    let mut found = Addresses::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let &[_, dev, "inet" | "inet6", address, ..] = words.as_slice() else {
            continue;
        };
        // A peer's address stands without a length: `10.0.0.1 peer 10.0.0.2/32`.
        let address = if address.contains('/') {
            address.to_owned()
        } else {
            let bits = if address.contains(':') { 128 } else { 32 };
            format!("{address}/{bits}")
        };
        if let Ok(mut address) = address.parse::<InterfaceAddress>() {
            let flags = ["dadfailed", "deprecated", "optimistic", "tentative"];
            let set = flags.iter().filter(|flag| words.contains(*flag));
            address.flags = set.map(|flag| (*flag).to_owned()).collect();
            let dev = dev.trim_end_matches(':');
            let dev = dev.split('@').next().unwrap_or(dev);
            found.entry(dev.to_owned()).or_default().push(address);
        }
    }
    found
}

/// The machine's own IPv4 addresses out of `/proc/net/fib_trie`, without their devices.
pub fn fib_trie(text: &str) -> Vec<Ipv4Addr> {
    let mut found = Vec::new();
    let mut leaf: Option<Ipv4Addr> = None;
    for line in text.lines().map(str::trim) {
        if let Some(address) = line.strip_prefix("|-- ") {
            leaf = address.trim().parse().ok();
        } else if line.starts_with("/32") && line.ends_with("LOCAL") {
            found.extend(leaf);
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(addresses: &Addresses) -> Vec<String> {
        let all = addresses
            .iter()
            .flat_map(|(dev, list)| list.iter().map(move |address| format!("{dev} {address}")));
        all.collect()
    }

    #[test]
    fn ipv6_addresses_come_with_the_flags_that_matter() {
        let text = "\
00000000000000000000000000000001 01 80 10 80       lo
20010db8000100000000000000000010 02 40 00 08     eth0
fe800000000000000000000000000010 02 40 20 c0     eth0
fe80 02
";
        assert_eq!(
            shown(&if_inet6(text)),
            [
                "eth0 2001:db8:1::10/64 dadfailed",
                "eth0 fe80::10/64 tentative",
                "lo ::1/128"
            ]
        );
    }

    #[test]
    fn the_ip_program_is_read_in_both_families() {
        let text = "\
1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever
2: eth0    inet6 fd00::1/64 scope global tentative dadfailed \\       valid_lft forever
5: ppp0    inet 10.9.0.2 peer 10.9.0.1/32 scope global ppp0
7: veth1@if6    inet6 fe80::1/64 scope link
";
        assert_eq!(
            shown(&ip_address(text)),
            [
                "eth0 fd00::1/64 dadfailed tentative",
                "lo 127.0.0.1/8",
                "ppp0 10.9.0.2/32",
                "veth1 fe80::1/64"
            ]
        );
    }

    #[test]
    fn local_leaves_of_the_trie_are_the_machines_addresses() {
        let text = "\
Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
Local:
     |-- 127.0.0.1
        /32 host LOCAL
     |-- 192.0.2.10
        /32 host LOCAL
     |-- 192.0.2.255
        /32 link BROADCAST
";
        let found: Vec<String> = fib_trie(text).iter().map(ToString::to_string).collect();
        assert_eq!(found, ["127.0.0.1", "192.0.2.10"]);
    }
}
