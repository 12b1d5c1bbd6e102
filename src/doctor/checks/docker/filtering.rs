//! Packet filters that the engine makes.

use super::{super::prelude::*, BASE, key};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "docker-ip6tables",
        title: "IPv6 packet filters of the engine",
        ceiling: Ceiling([F, F, N]),
        reads: "the keys `ip6tables` and `experimental`, the release; with `--probe` a temporary network with IPv6",
        rule: "since 27 it is on unless switched off, which warns; before 27 both keys are needed, and it warns without them; \
               a probe that ip6tables refuses fails",
        why: "without it nodes with private IPv6 addresses have no way out, and nothing shields containers with global ones",
        remedies: &key(
            "drop `\"ip6tables\": false`; before 27 set `\"experimental\": true` and `\"ip6tables\": true`, or upgrade",
        ),
        link: Some("https://docs.docker.com/engine/daemon/ipv6/"),
        run: ip6tables,
        ..BASE
    },
    Check {
        id: "docker-iptables",
        title: "IPv4 packet filters of the engine",
        reads: "the key `iptables`",
        rule: "switched off fails",
        why: "nothing masquerades and nothing publishes ports then; people switch it off to protect ufw and lose the network",
        remedies: &key(
            "drop `\"iptables\": false`; restrict what is published in the chain DOCKER-USER, or publish on loopback addresses",
        ),
        link: Some("https://docs.docker.com/engine/network/packet-filtering-firewalls/"),
        run: iptables,
        ..BASE
    },
    Check {
        id: "docker-userland-proxy",
        title: "Publishing on loopback addresses",
        platforms: LINUX_AND_WSL,
        ceiling: Ceiling([F, I, I]),
        reads: "the key `userland-proxy`, `/info` FirewallBackend (29.5 and later), the planned address of the API server",
        rule: "switched off fails where the API server is published on `::1`, and is told otherwise",
        why: "the kernel can translate to loopback for IPv4 only: without the proxy nothing answers on `[::1]`, where kind publishes the API server",
        remedies: &key("drop `\"userland-proxy\": false`, or publish the API server on 127.0.0.1"),
        run: userland_proxy,
        ..BASE
    },
    Check {
        id: "docker-firewall-backend",
        title: "The packet filter backend",
        platforms: LINUX_AND_WSL,
        engine: EngineNeed::Free,
        reads: "`/info` FirewallBackend or the key `firewall-backend`, the forwarding sysctls, the FORWARD policy, swarm",
        rule: "iptables passes; nftables fails while forwarding is off and the engine may not be told to leave that alone, \
               warns beside a FORWARD policy DROP or a swarm, and is told otherwise",
        why: "with nftables the engine demands forwarding instead of switching it on, and refuses to create networks",
        remedies: &key(
            "switch forwarding on for good, or go back to `\"firewall-backend\": \"iptables\"`",
        ),
        link: Some("https://docs.docker.com/engine/network/firewall-nftables/"),
        run: backend,
        ..BASE
    },
];

fn ip6tables(ask: &Ask<'_>) -> Verdict {
    if ask.provider() == Provider::Podman {
        return skip("Podman filters packets on its own");
    }
    if let Some(answer) = ask
        .probe()
        .and_then(|probe| probe.create_v6_network.as_deref())
        && answer.contains("ip6tables")
    {
        return Ok(
            fail(format!("creating a network with IPv6 failed: {answer}")).values(answer, "ok"),
        );
    }
    // Where the machine cannot be read, the configuration still can.
    if ask.kernel_has_ipv6() == Ok(false) {
        return skip("the kernel has no IPv6, see ipv6-kernel-enabled");
    }
    let release = ask.engine()?.major;
    let switch = ask.daemon_switch("ip6tables")?;
    if release >= 27 {
        return Ok(if switch == Some(false) {
            warn("IPv6 packet filters are switched off (`ip6tables: false`)")
                .values("false", "true")
        } else {
            pass(format!("on, as is the default of Docker {release}"))
        });
    }
    let experimental = ask.daemon_switch("experimental")? == Some(true);
    Ok(if switch == Some(true) && experimental {
        pass("on, as an experimental feature")
    } else {
        warn(format!(
            "Docker {release} makes no IPv6 packet filters unless told to"
        ))
        .values("off", "on")
    })
}

fn iptables(ask: &Ask<'_>) -> Verdict {
    if ask.daemon_switch("iptables")? != Some(false) {
        return Ok(pass("on"));
    }
    let both = ask.daemon_switch("ip6tables")? == Some(true) && ask.engine()?.major < 27;
    let more = if both {
        "; with `ip6tables: true` the engine does not start"
    } else {
        ""
    };
    Ok(fail(format!(
        "packet filters are switched off (`iptables: false`){more}"
    ))
    .values("false", "true"))
}

fn userland_proxy(ask: &Ask<'_>) -> Verdict {
    let told = ask.info()?.userland_proxy;
    let on = match told {
        Some(on) => on,
        None => ask.daemon_switch("userland-proxy")?.unwrap_or(true),
    };
    if on {
        return Ok(pass("docker-proxy publishes on loopback addresses"));
    }
    let loopback = ask
        .plan()
        .api_addr
        .as_deref()
        .is_none_or(|address| address == "::1");
    Ok(if ask.profile() == Profile::Ipv6 && loopback {
        fail("docker-proxy is off, so nothing answers on [::1], where the API server is published")
            .values("false", "true")
    } else {
        info("docker-proxy is off: nothing can be published on ::1").values("false", "true")
    })
}

/// The sysctls without which the nftables backend refuses networks.
pub(super) const FORWARDING: [&str; 3] = [
    "net.ipv4.ip_forward",
    "net.ipv6.conf.all.forwarding",
    "net.ipv6.conf.default.forwarding",
];

/// The first forwarding sysctl that is off.
pub(super) fn not_forwarding(ask: &Ask<'_>) -> Result<Option<&'static str>, Gap> {
    for key in FORWARDING {
        if ask.sysctl(key)? == Some(0) {
            return Ok(Some(key));
        }
    }
    Ok(None)
}

fn backend(ask: &Ask<'_>) -> Verdict {
    if !ask.uses_nftables()? {
        return Ok(pass("iptables"));
    }
    let managed = ask.daemon_switch("ip-forward")? != Some(false);
    if let Some(key) = not_forwarding(ask)?.filter(|_| managed) {
        return Ok(fail(format!(
            "the nftables backend creates no network while {key} is 0"
        ))
        .values(format!("{key} = 0"), "1")
        .command(format!("sudo sysctl -w {key}=1")));
    }
    let policy = if_known(ask.command(Scope::Engine, "ip6tables -S FORWARD"));
    if policy.is_some_and(|answer| answer.out.contains("-P FORWARD DROP")) {
        return Ok(warn(
            "iptables still drops what is forwarded, and the nftables backend does not see that",
        )
        .values("FORWARD DROP", "FORWARD ACCEPT"));
    }
    Ok(if ask.info().is_ok_and(|info| info.swarm == "active") {
        warn("the nftables backend does not work with the swarm that is active")
    } else {
        info("the nftables backend is an experiment of the engine, and has no chain DOCKER-USER")
    })
}
