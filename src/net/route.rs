//! Routes of a host, as the kernel lists them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{Cidr, SpecialUse};

/// Flag of a destination that packets are refused for, not sent to (`RTF_REJECT`).
const REJECT: u32 = 0x0200;
/// Flag of an address of the host itself (`RTF_LOCAL`).
const LOCAL: u32 = 0x8000_0000;

/// A destination and the interface that leads there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// Where it leads.
    pub destination: Cidr,
    /// The interface.
    pub interface: String,
}

impl Route {
    /// Whether it leads everywhere that nothing else leads to.
    pub const fn is_default(&self) -> bool {
        self.destination.prefix_len() == 0
    }

    /// Whether it leads to somebody whose range must not be used here: not everywhere, not to a range with a special
    /// use, and not to one of `bridged`, the container networks whose routes come and go with their engine.
    pub fn is_of_others(&self, bridged: &[Cidr]) -> bool {
        !self.is_default()
            && SpecialUse::of(self.destination).is_none()
            && !bridged.contains(&self.destination)
    }
}

/// Reads `/proc/net/route`. Lines that are no routes are left out: the first is a heading.
pub fn from_proc_ipv4(text: &str) -> Vec<Route> {
    text.lines().filter_map(ipv4_route).collect()
}

fn ipv4_route(line: &str) -> Option<Route> {
    let columns: Vec<&str> = line.split_whitespace().collect();
    let &[interface, destination, _, flags, _, _, _, mask, ..] = columns.as_slice() else {
        return None;
    };
    let hex = |text: &str| u32::from_str_radix(text, 16).ok();
    // The kernel prints the bytes of both in memory order.
    let address = Ipv4Addr::from(hex(destination)?.swap_bytes());
    let prefix_len = hex(mask)?.count_ones();
    let reject = hex(flags)? & REJECT != 0;
    let destination = Cidr::containing(IpAddr::V4(address), u8::try_from(prefix_len).ok()?)?;
    (!reject).then(|| Route {
        destination,
        interface: interface.to_owned(),
    })
}

/// Reads `/proc/net/ipv6_route`; the host's own addresses and refused destinations are left out.
pub fn from_proc_ipv6(text: &str) -> Vec<Route> {
    text.lines().filter_map(ipv6_route).collect()
}

fn ipv6_route(line: &str) -> Option<Route> {
    let columns: Vec<&str> = line.split_whitespace().collect();
    let &[destination, prefix_len, _, _, _, _, _, _, flags, interface] = columns.as_slice() else {
        return None;
    };
    let address = Ipv6Addr::from(u128::from_str_radix(destination, 16).ok()?);
    let prefix_len = u8::from_str_radix(prefix_len, 16).ok()?;
    let flags = u32::from_str_radix(flags, 16).ok()?;
    let destination = Cidr::containing(IpAddr::V6(address), prefix_len)?;
    (flags & (REJECT | LOCAL) == 0).then(|| Route {
        destination,
        interface: interface.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(routes: &[Route]) -> Vec<String> {
        routes
            .iter()
            .map(|route| format!("{} {}", route.destination, route.interface))
            .collect()
    }

    #[test]
    fn ipv4_routes_are_read_in_network_order() {
        let text = "\
Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
wg0\t0000000A\t00000000\t0201\t0\t0\t0\t000000FF\t0\t0\t0
";
        let routes = from_proc_ipv4(text);
        assert_eq!(shown(&routes), ["0.0.0.0/0 eth0", "172.17.0.0/16 docker0"]);
        assert!(routes[0].is_default());
    }

    #[test]
    fn ipv6_routes_leave_out_local_addresses_and_refused_destinations() {
        let zero = "0".repeat(32);
        let line = |destination: &str, length: &str, flags: &str, device: &str| {
            format!(
                "{destination} {length} {zero} 00 {zero} 00000100 00000001 00000000 {flags} {device}\n"
            )
        };
        let text = [
            line("fd000010000000000000000000000000", "40", "00000001", "br-1"),
            line("fd000010000000000000000000000001", "80", "80200001", "lo"),
            line(&zero, "00", "00200200", "lo"),
            "rubbish\n".to_owned(),
        ]
        .concat();
        assert_eq!(shown(&from_proc_ipv6(&text)), ["fd00:10::/64 br-1"]);
    }
}
