//! `/proc/net/route` and `/proc/net/ipv6_route`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::{
    doctor::facts::{Destination, HostRoute},
    net::Cidr,
};

/// The route refuses packets (`RTF_REJECT`).
const REJECT: u32 = 0x0000_0200;
/// The kernel learned the route from a router advertisement (`RTF_ADDRCONF`).
const LEARNED: u32 = 0x0004_0000;
/// The kernel's own copy of a route for one destination (`RTF_CACHE`).
const CACHED: u32 = 0x0100_0000;
/// An address of the machine itself (`RTF_LOCAL`) or of a group (`RTF_ANYCAST`).
const OWN: u32 = 0x8000_0000 | 0x0010_0000;

/// Reads `/proc/net/route`. Lines that are no routes, such as the heading, are left out.
pub fn ipv4(text: &str) -> Vec<HostRoute> {
    text.lines().filter_map(ipv4_route).collect()
}

fn ipv4_route(line: &str) -> Option<HostRoute> {
    let columns: Vec<&str> = line.split_whitespace().collect();
    let &[dev, dst, gateway, flags, _, _, metric, mask, ..] = columns.as_slice() else {
        return None;
    };
    let hex = |text: &str| u32::from_str_radix(text, 16).ok();
    // Addresses are printed as numbers of the machine's byte order.
    let address = |text: &str| Some(Ipv4Addr::from(hex(text)?.swap_bytes()));
    let prefix_len = u8::try_from(hex(mask)?.count_ones()).ok()?;
    let gateway = address(gateway)?;
    let flags = hex(flags)?;
    Some(HostRoute {
        via: (!gateway.is_unspecified()).then(|| gateway.to_string()),
        reject: flags & REJECT != 0,
        metric: metric.parse().ok()?,
        ..HostRoute::new(destination(address(dst)?.into(), prefix_len)?, dev)
    })
}

/// Reads `/proc/net/ipv6_route`. The machine's own addresses, groups, links and the kernel's
/// built-in last resort are left out.
pub fn ipv6(text: &str) -> Vec<HostRoute> {
    text.lines().filter_map(ipv6_route).collect()
}

/// Metric of the kernel's own entry that refuses what nothing else leads to.
const LAST_RESORT: u32 = u32::MAX;

fn ipv6_route(line: &str) -> Option<HostRoute> {
    let columns: Vec<&str> = line.split_whitespace().collect();
    let &[dst, length, _, _, gateway, metric, _, _, flags, dev] = columns.as_slice() else {
        return None;
    };
    let address = |text: &str| Some(Ipv6Addr::from(u128::from_str_radix(text, 16).ok()?));
    let hex = |text: &str| u32::from_str_radix(text, 16).ok();
    let (flags, metric) = (hex(flags)?, hex(metric)?);
    let (dst, gateway) = (address(dst)?, address(gateway)?);
    let prefix_len = u8::from_str_radix(length, 16).ok()?;
    let scoped = dst.is_multicast() || (dst.is_unicast_link_local() && prefix_len > 0);
    if flags & (OWN | CACHED) != 0 || metric == LAST_RESORT || scoped {
        return None;
    }
    Some(HostRoute {
        via: (!gateway.is_unspecified()).then(|| gateway.to_string()),
        kernel_ra: flags & LEARNED != 0,
        reject: flags & REJECT != 0,
        metric,
        ..HostRoute::new(destination(dst.into(), prefix_len)?, dev)
    })
}

fn destination(address: IpAddr, prefix_len: u8) -> Option<Destination> {
    if prefix_len == 0 {
        return Some(Destination::Default);
    }
    Cidr::containing(address, prefix_len).map(Destination::Prefix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ipv4_routes_come_with_gateway_and_metric() {
        let text = "\
Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\r
eth0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\r
docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
wg0\t0000000A\t00000000\t0201\t0\t0\t0\t000000FF\t0\t0\t0
eth0\t0000
";
        let routes = ipv4(text);
        assert_eq!(routes.len(), 3);
        assert!(routes[0].is_default());
        assert_eq!(routes[0].via.as_deref(), Some("192.0.2.1"));
        assert_eq!(routes[0].metric, 100);
        assert_eq!(routes[1].dst.to_string(), "172.17.0.0/16");
        assert!(routes[2].reject);
    }

    #[test]
    fn ipv6_routes_tell_who_learned_them() {
        let zero = "0".repeat(32);
        let router = "fe800000000000000000000000000001";
        let line = |dst: &str, length: &str, via: &str, metric: &str, flags: &str, dev: &str| {
            format!("{dst} {length} {zero} 00 {via} {metric} 00000001 00000000 {flags} {dev}\n")
        };
        let text = [
            line(&zero, "00", router, "00000400", "00450003", "ens3"),
            line(
                "20010db8000100000000000000000000",
                "40",
                &zero,
                "00000100",
                "00000001",
                "ens3",
            ),
            line(
                "20010db8000100000000000000000010",
                "80",
                &zero,
                "00000000",
                "80200001",
                "lo",
            ),
            line(
                "fe800000000000000000000000000000",
                "40",
                &zero,
                "00000100",
                "00000001",
                "ens3",
            ),
            line(
                "ff000000000000000000000000000000",
                "08",
                &zero,
                "00000100",
                "00000001",
                "ens3",
            ),
            line(
                "fd000000000000000000000000000000",
                "08",
                &zero,
                "00000400",
                "00200200",
                "lo",
            ),
            line(&zero, "00", &zero, "ffffffff", "00200200", "lo"),
        ]
        .concat();
        let routes = ipv6(&text);
        let shown: Vec<_> = routes
            .iter()
            .map(|route| format!("{} {}", route.dst, route.dev))
            .collect();
        assert_eq!(
            shown,
            ["default ens3", "2001:db8:1::/64 ens3", "fd00::/8 lo"]
        );
        assert!(routes[0].kernel_ra && !routes[1].kernel_ra && routes[2].reject);
        assert_eq!(routes[0].via.as_deref(), Some("fe80::1"));
    }
}
