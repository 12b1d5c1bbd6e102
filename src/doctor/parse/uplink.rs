//! Which device leads out, and which belongs to a VPN.

use crate::doctor::facts::{HostRoute, Vpn};

/// Names of devices that tunnels get.
const TUNNELS: [&str; 7] = ["tun", "tap", "wg", "ppp", "tailscale", "utun", "zt"];

/// The device of the default route with the lowest metric. A Mac has default routes over each of
/// its tunnels, with a link-local router: those lead nowhere.
pub fn uplink(routes: &[HostRoute]) -> Option<&str> {
    routes
        .iter()
        .filter(|route| route.is_default() && !route.reject && route.dev != "lo")
        .filter(|route| !is_scoped_tunnel(route))
        .min_by_key(|route| route.metric)
        .map(|route| route.dev.as_str())
}

fn is_scoped_tunnel(route: &HostRoute) -> bool {
    let link_local = route
        .via
        .as_ref()
        .is_some_and(|via| via.starts_with("fe80:"));
    link_local && route.dev.starts_with("utun")
}

/// Whether a device is a tunnel, by its name.
pub fn is_tunnel(dev: &str) -> bool {
    TUNNELS.iter().any(|prefix| {
        dev.strip_prefix(prefix).is_some_and(|rest| {
            rest.chars()
                .all(|letter| letter.is_ascii_alphanumeric() || letter == '-')
        })
    })
}

/// The VPN among the devices that routes lead to: the one with a default route, else the one with
/// most routes.
pub fn vpn(routes4: &[HostRoute], routes6: &[HostRoute]) -> Option<Vpn> {
    let leads = |route: &&HostRoute| is_tunnel(&route.dev) && !is_scoped_tunnel(route);
    let (out4, out6) = (uplink(routes4), uplink(routes6));
    let mut devices: Vec<&str> = routes4
        .iter()
        .chain(routes6)
        .filter(leads)
        .filter(|route| {
            route
                .prefix()
                .is_none_or(|prefix| !is_link_local(prefix.network()))
        })
        .map(|route| route.dev.as_str())
        .collect();
    devices.sort_unstable();
    let weight = |dev: &&str| {
        let default = out4 == Some(*dev) || out6 == Some(*dev);
        (
            default,
            devices.iter().filter(|other| *other == dev).count(),
        )
    };
    let dev = devices.iter().copied().max_by_key(weight)?;
    Some(Vpn {
        dev: dev.to_owned(),
        default4: out4 == Some(dev),
        default6: out6 == Some(dev),
        rejects6: routes6
            .iter()
            .any(|route| route.is_default() && route.reject),
    })
}

fn is_link_local(address: std::net::IpAddr) -> bool {
    match address {
        std::net::IpAddr::V6(address) => address.is_unicast_link_local(),
        std::net::IpAddr::V4(address) => address.is_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes(texts: &[&str]) -> Vec<HostRoute> {
        texts
            .iter()
            .map(|text| serde_yaml::from_str(text).unwrap())
            .collect()
    }

    #[test]
    fn the_tunnels_of_a_mac_lead_nowhere() {
        let mac = routes(&[
            "{dst: default, dev: utun0, via: 'fe80::%utun0'}",
            "{dst: default, dev: en0, via: 'fe80::1%en0'}",
        ]);
        assert_eq!(uplink(&mac), Some("en0"));
        assert_eq!(vpn(&[], &mac), None);
    }

    #[test]
    fn a_tunnel_with_routes_is_a_vpn() {
        let v4 = routes(&["default wg0", "10.0.0.0/8 wg0", "192.168.1.0/24 wlp2s0"]);
        let v6 = routes(&["default wlp2s0"]);
        let found = vpn(&v4, &v6).unwrap();
        assert_eq!(
            (found.dev.as_str(), found.default4, found.default6),
            ("wg0", true, false)
        );
        let split = vpn(&routes(&["default eth0", "172.16.0.0/12 tun0"]), &[]).unwrap();
        assert!(!split.default4);
        assert_eq!(
            vpn(&routes(&["default eth0", "10.0.0.0/8 tunnel_x"]), &[]),
            None
        );
    }

    #[test]
    fn the_lowest_metric_wins_and_refusing_routes_never_do() {
        let all = routes(&[
            "{dst: default, dev: wlan0, metric: 600}",
            "{dst: default, dev: eth0, metric: 100}",
            "{dst: default, dev: lo, reject: true}",
        ]);
        assert_eq!(uplink(&all), Some("eth0"));
    }
}
