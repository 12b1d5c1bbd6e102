//! What the outside world answers. Nothing of this runs without `--online`.

use super::{super::prelude::*, BASE};

const ONLINE: Check = Check {
    scope: Scope::Both,
    ceiling: Ceiling([W, W, N]),
    needs: &[Need::Online],
    ..BASE
};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "dns-aaaa-resolution",
        title: "IPv6 addresses of names",
        scope: Scope::Host,
        reads: "both records of a name that has both",
        rule: "IPv4 without IPv6 warns",
        why: "a resolver that leaves IPv6 addresses out makes every name look like IPv4",
        remedies: &[
            Remedy::any("use a resolver that does not filter", &[]),
            Remedy::provider(
                Provider::Colima,
                "switch IPv6 on for lima's host resolver",
                &["colima start --edit"],
            ),
            Remedy::provider(
                Provider::Desktop,
                "switch DNS filtering off in Settings → Network",
                &[],
            ),
        ],
        run: aaaa,
        ..ONLINE
    },
    Check {
        id: "ipv6-internet",
        title: "The Internet over IPv6",
        per_target: &[(Target::Gardener, Ceiling([F, F, N]))],
        reads: "connections over IPv6 to two hosts, one of them with packets of full size",
        rule: "none fails for Gardener and warns otherwise; small packets that pass where large ones hang warn",
        why: "an address and a route do not prove a path",
        remedies: &[Remedy::any(
            "let ICMPv6 \"packet too big\" through, and lower the MTU behind tunnels",
            &["ping -6 -M do -s 1452 HOST"],
        )],
        run: ipv6,
        ..ONLINE
    },
    Check {
        id: "ipv4-internet",
        title: "The Internet over IPv4",
        ceiling: Ceiling([W, W, F]),
        reads: "connections over IPv4 to two hosts",
        rule: "none warns, and fails where only IPv4 is wanted",
        why: "some registries have no IPv6 address at all",
        remedies: &[Remedy::any(
            "use mirrors or a proxy, or NAT64",
            &["garden6 images mirror --help"],
        )],
        run: ipv4,
        ..ONLINE
    },
    Check {
        id: "nat64-dns64",
        title: "IPv4 behind IPv6",
        fix: FixClass::None,
        reads: "the IPv6 address of ipv4only.arpa (RFC 7050)",
        rule: "a prefix is told; none warns where there is no IPv4 either",
        why: "it decides whether pods with IPv6 only can pull from registries with IPv4 only",
        remedies: &[Remedy::any(
            "mirror what is needed where there is none",
            &["garden6 images mirror --help"],
        )],
        run: nat64,
        ..ONLINE
    },
    Check {
        id: "registries-ipv6",
        title: "Registries over IPv6",
        ceiling: Ceiling([F, I, N]),
        fix: FixClass::None,
        reads: "IPv6 addresses of the plan's registries",
        rule: "a registry without one fails where there is neither IPv4 nor NAT64, and is told otherwise",
        why: "pulling an image is the first thing that a node does outside",
        remedies: &[Remedy::any(
            "mirror these images into the local registry",
            &["garden6 images mirror --help"],
        )],
        run: registries,
        ..ONLINE
    },
];

fn aaaa(ask: &Ask<'_>) -> Verdict {
    let online = ask.online()?;
    Ok(if online.a && !online.aaaa {
        warn("the resolver leaves IPv6 addresses out").values("A without AAAA", "both")
    } else {
        pass("the resolver does not filter")
    })
}

fn ipv6(ask: &Ask<'_>) -> Verdict {
    let online = ask.online()?;
    Ok(if !online.v6 {
        fail("no host answers over IPv6").values("no answer", "an answer")
    } else if online.v6_large {
        pass("hosts answer over IPv6")
    } else {
        warn("small packets pass over IPv6, large ones do not: a \"packet too big\" is lost on the way").values("large packets lost", "all pass")
    })
}

fn ipv4(ask: &Ask<'_>) -> Verdict {
    Ok(if ask.online()?.v4 {
        pass("hosts answer over IPv4")
    } else {
        fail("no host answers over IPv4").values("no answer", "an answer")
    })
}

fn nat64(ask: &Ask<'_>) -> Verdict {
    let online = ask.online()?;
    Ok(match &online.nat64 {
        Some(prefix) => info(format!("{prefix} leads to IPv4 hosts")),
        None if online.v4 => pass("IPv4 hosts are reached directly"),
        None => warn("IPv4 hosts are reached neither directly nor over NAT64")
            .values("none", "IPv4 or NAT64"),
    })
}

fn registries(ask: &Ask<'_>) -> Verdict {
    let online = ask.online()?;
    let list = online.registries_without_aaaa.join(", ");
    Ok(if list.is_empty() {
        pass("all registries of the plan have IPv6 addresses")
    } else if !online.v4 && online.nat64.is_none() {
        fail(format!(
            "{list} cannot be reached: no IPv6 address there, no IPv4 here"
        ))
        .values(list, "IPv6 addresses")
    } else {
        info(format!("{list} is reached over IPv4 only"))
    })
}
