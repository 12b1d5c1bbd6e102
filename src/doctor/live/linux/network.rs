//! Routes, addresses and sockets.

use std::collections::BTreeMap;

use crate::doctor::{
    Fact,
    facts::{HostRoute, Protocol, View},
    live::source::Source,
    parse::{addresses, listeners, routes, uplink},
};

/// The tables of sockets.
pub(crate) const SOCKETS: [(Protocol, &str); 4] = [
    (Protocol::Tcp, "/proc/net/tcp"),
    (Protocol::Tcp, "/proc/net/tcp6"),
    (Protocol::Udp, "/proc/net/udp"),
    (Protocol::Udp, "/proc/net/udp6"),
];

/// The routes of both families.
#[derive(Clone, Debug)]
pub(crate) struct Routes {
    v4: Fact<Vec<HostRoute>>,
    v6: Fact<Vec<HostRoute>>,
}

impl Routes {
    /// Reads them.
    pub(crate) fn read(source: &dyn Source) -> Self {
        Self {
            v4: source
                .read("/proc/net/route")
                .map(|text| routes::ipv4(&text)),
            v6: or_none(source.read("/proc/net/ipv6_route")).map(|text| routes::ipv6(&text)),
        }
    }

    /// The device that leads out, per family.
    pub(crate) fn uplinks(&self) -> (Option<&str>, Option<&str>) {
        (out(&self.v4), out(&self.v6))
    }
}

fn out(routes: &Fact<Vec<HostRoute>>) -> Option<&str> {
    uplink::uplink(routes.known()?)
}

/// A kernel without IPv6 has no such file, and nothing that could be in it.
fn or_none(text: Fact<String>) -> Fact<String> {
    match text {
        Fact::Absent => Fact::Known(String::new()),
        other => other,
    }
}

/// Fills in what the network looks like.
pub(super) fn read(source: &dyn Source, routes: &Routes, view: &mut View) {
    let device = |routes: &Fact<Vec<HostRoute>>| match routes {
        Fact::Known(_) => Fact::from_option(out(routes).map(str::to_owned)),
        other => other.clone().map(|_| String::new()),
    };
    view.uplink4 = device(&routes.v4);
    view.uplink6 = device(&routes.v6);
    view.vpn = match (&routes.v4, &routes.v6) {
        (Fact::Known(v4), Fact::Known(v6)) => Fact::from_option(uplink::vpn(v4, v6)),
        (Fact::Known(_), other) | (other, _) => match other.clone() {
            Fact::Unavailable(reason) => Fact::Unavailable(reason),
            _ => Fact::Unavailable("the routes cannot be read".to_owned()),
        },
    };
    view.routes4 = routes.v4.clone();
    view.routes6 = routes.v6.clone();
    view.addrs6 = or_none(source.read("/proc/net/if_inet6")).map(|text| addresses::if_inet6(&text));
    view.mtu = source.list("/sys/class/net").map(|devices| {
        devices
            .into_iter()
            .filter_map(|device| {
                let text = source.text(&format!("/sys/class/net/{device}/mtu"))?;
                Some((device, text.trim().parse().ok()?))
            })
            .collect::<BTreeMap<String, u32>>()
    });
    let mut sockets = Fact::Known(Vec::new());
    for (protocol, path) in SOCKETS {
        match (source.read(path), &mut sockets) {
            (Fact::Known(text), Fact::Known(found)) => {
                found.extend(listeners::proc_net(protocol, &text));
            }
            // A kernel without the family has no sockets of it.
            (Fact::Absent, _) if path.ends_with('6') => {}
            (other, _) => sockets = other.map(|_| Vec::new()),
        }
    }
    view.listen = sockets;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::live::source::tests::Texts;

    const ROUTE: &str = "Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n\
        eth0 00000000 0102A8C0 0003 0 0 100 00000000 0 0 0\n";

    #[test]
    fn a_kernel_without_ipv6_has_no_routes_and_no_addresses_of_it() {
        let source = Texts::of([
            ("/proc/net/route", ROUTE),
            (
                "/proc/net/tcp",
                "sl local\n 0: 00000000:0016 00000000:0000 0A\n",
            ),
            ("/proc/net/udp", ""),
            ("/sys/class/net/eth0/mtu", "1450\n"),
            ("/sys/class/net/bonding_masters", "\n"),
        ]);
        let mut view = View::default();
        read(&source, &Routes::read(&source), &mut view);
        assert_eq!(view.uplink4, Fact::Known("eth0".to_owned()));
        assert_eq!(view.uplink6, Fact::Absent);
        assert_eq!(view.routes6, Fact::Known(Vec::new()));
        assert_eq!(view.addrs6, Fact::Known(BTreeMap::new()));
        assert_eq!(view.mtu, Fact::Known([("eth0".to_owned(), 1450)].into()));
        assert_eq!(
            view.listen.known().unwrap()[0].to_string(),
            "tcp 0.0.0.0 22"
        );
        assert_eq!(view.vpn, Fact::Absent);
    }
}
