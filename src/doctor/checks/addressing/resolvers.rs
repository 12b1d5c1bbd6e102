//! Who answers for names, for the host and for pods.

use std::net::{IpAddr, Ipv6Addr};

use super::{
    super::{docker::configured_resolvers, macos::provider_has_ipv6, prelude::*},
    BASE,
    uplink::default_route,
};
use crate::doctor::parse::resolvers;

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "dns-resolver-families",
        title: "Families of the resolvers",
        scope: Scope::Both,
        ceiling: Ceiling([I, I, N]),
        fix: FixClass::None,
        reads: "`/etc/resolv.conf`, the servers behind systemd-resolved, `scutil --dns`",
        rule: "only IPv4 servers, and servers with a zone, are told",
        why: "a pod with IPv6 only could not ask them",
        remedies: &[Remedy::any(
            "nothing by itself; see ipv6-cluster-upstream-dns",
            &[],
        )],
        run: families,
        ..BASE
    },
    Check {
        id: "ipv6-cluster-upstream-dns",
        title: "External names in an IPv6 cluster",
        scope: Scope::Both,
        ceiling: Ceiling([W, N, N]),
        fix: FixClass::Safe,
        reads: "resolvers of the engine's configuration and of the host, the IPv6 default route where the engine runs",
        rule: "a resolver with a global or private IPv6 address that the engine's machine can reach passes; anything else warns; \
               Gardener brings a server of its own",
        why: "CoreDNS asks what nodes ask, and kind points them at the bridge's IPv4 address: pods without IPv4 never get an answer",
        remedies: &[Remedy::any(
            "forward CoreDNS to a resolver with an IPv6 address when the cluster is made",
            &["kubectl -n kube-system edit configmap coredns"],
        )],
        link: Some("https://github.com/kubernetes-sigs/kind/issues/3114"),
        run: upstream,
        ..BASE
    },
];

/// The servers that answer in the end: behind a local one, those that it asks.
fn servers(ask: &Ask<'_>) -> Result<Vec<String>, Gap> {
    if ask.platform() == Platform::Macos {
        let list = ask.view(Scope::Host, "resolvers", |view| &view.resolvers)?;
        return Ok(list.cloned().unwrap_or_default());
    }
    let own = resolvers::resolv_conf(
        ask.file(Scope::Host, "/etc/resolv.conf")?
            .unwrap_or_default(),
    );
    let local = own.iter().all(|server| {
        server
            .parse()
            .is_ok_and(|address: IpAddr| address.is_loopback())
    });
    if !local {
        return Ok(own);
    }
    let behind = ask.file(Scope::Host, "/run/systemd/resolve/resolv.conf")?;
    Ok(behind.map_or(own, resolvers::resolv_conf))
}

/// IPv6 addresses that pods could reach: neither loopback nor bound to a link.
fn reachable(servers: &[String]) -> Vec<Ipv6Addr> {
    let addresses = servers
        .iter()
        .filter_map(|server| server.parse::<Ipv6Addr>().ok());
    addresses
        .filter(|address| !address.is_loopback() && !address.is_unicast_link_local())
        .collect()
}

fn families(ask: &Ask<'_>) -> Verdict {
    let servers = servers(ask)?;
    let list = servers.join(", ");
    if let Some(scoped) = servers.iter().find(|server| server.contains('%')) {
        return Ok(info(format!(
            "the resolver {scoped} is bound to a link: containers cannot ask it"
        )));
    }
    Ok(if reachable(&servers).is_empty() {
        info(format!(
            "the resolvers ({list}) have no IPv6 address that pods could ask"
        ))
    } else {
        pass(format!("resolvers: {list}"))
    })
}

fn upstream(ask: &Ask<'_>) -> Verdict {
    if ask.is_gardener() {
        return skip("Gardener's local setup gives nodes a server with both families");
    }
    let configured = if_known(configured_resolvers(ask).map(Some)).unwrap_or_default();
    let mut servers = servers(ask)?;
    servers.extend(configured.iter().map(ToString::to_string));
    let usable = reachable(&servers);
    let Some(first) = usable.first() else {
        return Ok(warn(
            "no resolver has an IPv6 address: pods with IPv6 only resolve no external name",
        )
        .values(servers.join(", "), "a global or private IPv6 address"));
    };
    let out = match leads_out(ask) {
        Ok(out) => out,
        // Nothing of the machine can be read: the Mac stands for it where the provider has IPv6.
        Err(Gap::Unknown(_)) => {
            provider_has_ipv6(ask) && default_route(ask, Scope::Host)?.is_some()
        }
        Err(gap) => return Err(gap),
    };
    let near = if_known(ask.view(Scope::Engine, "routes6", |view| &view.routes6));
    let on_link = near.into_iter().flatten().any(|route| {
        route.via.is_none()
            && route.prefix().is_some_and(|prefix| {
                usable
                    .iter()
                    .any(|server| prefix.contains((*server).into()))
            })
    });
    Ok(if out || on_link {
        pass(format!("pods can ask {first}"))
    } else {
        warn(format!(
            "pods cannot reach the resolver {first}: the engine's machine has no IPv6 default route"
        ))
        .values("no IPv6 default route", "a route to the resolver")
    })
}

fn leads_out(ask: &Ask<'_>) -> Result<bool, Gap> {
    Ok(default_route(ask, Scope::Engine)?.is_some())
}
