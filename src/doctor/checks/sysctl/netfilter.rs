//! Bridges under the packet filter, and the table of connections.

use super::{super::prelude::*, BASE, set, write};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "bridge-nf-call-ip6tables",
        title: "Packet filter on bridges",
        ceiling: Ceiling([W, W, N]),
        reads: "`net.bridge.bridge-nf-call-ip6tables`, the FORWARD policy, the keys `userland-proxy` and `icc`",
        rule: "missing passes; 1 warns beside a FORWARD policy DROP without the engine's chains; 0 warns where the engine relies on it",
        why: "it pulls what nodes say to each other through the host's packet filter, where foreign rules drop it",
        remedies: &set(
            "restart the engine after changing userland-proxy or icc; unload br_netfilter when nothing needs it",
            &["sudo systemctl restart docker"],
        ),
        run: bridge,
        ..BASE
    },
    Check {
        id: "nf-conntrack-max",
        title: "Room for connections",
        platforms: EVERYWHERE,
        ceiling: Ceiling([W, W, W]),
        reads: "`net.netfilter.nf_conntrack_max`",
        rule: "below 131072 warns; missing passes, the module is not loaded yet",
        why: "the host's table carries the translated traffic of all nodes",
        remedies: &set(
            "set it to 262144",
            &["sudo sysctl -w net.netfilter.nf_conntrack_max=262144"],
        ),
        run: conntrack_max,
        ..BASE
    },
    Check {
        id: "nf-conntrack-usage",
        title: "Connections in use",
        fix: FixClass::None,
        reads: "`nf_conntrack_count` and `nf_conntrack_max`",
        rule: "above 80 % warns, above 95 % fails",
        why: "a full table drops new connections of every cluster at once, in both families",
        remedies: &[Remedy::any(
            "raise the maximum, and look for what opens so many connections",
            &[
                "sudo sysctl -w net.netfilter.nf_conntrack_max=524288",
                "sudo conntrack -S",
            ],
        )],
        run: conntrack_usage,
        ..BASE
    },
];

fn bridge(ask: &Ask<'_>) -> Verdict {
    let key = "net.bridge.bridge-nf-call-ip6tables";
    match ask.sysctl(key)? {
        None => Ok(pass("br_netfilter is not loaded")),
        Some(0) => {
            let off = |key: &str| Ok(ask.daemon_switch(key)? == Some(false));
            Ok(if off("userland-proxy")? || off("icc")? {
                warn("the engine relies on the packet filter seeing bridges, which is off")
                    .values(0, 1)
                    .command(write(key, 1))
            } else {
                pass("the packet filter does not see bridges, and need not")
            })
        }
        Some(_) => {
            let policy = if_known(ask.command(Scope::Engine, "ip6tables -S FORWARD"));
            let drops = policy.is_some_and(|answer| {
                answer.out.contains("-P FORWARD DROP") && !answer.out.contains("-j DOCKER")
            });
            Ok(if drops {
                warn("nodes' packets pass a FORWARD chain that drops them")
                    .values("FORWARD DROP", "FORWARD ACCEPT or the engine's chains")
            } else {
                pass("the packet filter sees bridges and lets them pass")
            })
        }
    }
}

const MAX: &str = "net.netfilter.nf_conntrack_max";
const WANTED: i64 = 131_072;

fn conntrack_max(ask: &Ask<'_>) -> Verdict {
    Ok(match ask.sysctl(MAX)? {
        None => pass("nf_conntrack is not loaded yet"),
        Some(max) if max < WANTED => warn(format!("the table has room for {max} connections"))
            .values(max, WANTED)
            .command(write(MAX, 262_144)),
        Some(max) => pass(format!("the table has room for {max} connections")),
    })
}

fn conntrack_usage(ask: &Ask<'_>) -> Verdict {
    let count = ask.sysctl("net.netfilter.nf_conntrack_count")?;
    let (Some(count), Some(max)) = (count, ask.sysctl(MAX)?) else {
        return Ok(pass("nf_conntrack is not loaded yet"));
    };
    let text = format!("{count} of {max} connections are in use");
    let above = |percent: i64| count.saturating_mul(100) > max.saturating_mul(percent);
    Ok(if above(95) {
        fail(text).values(count, format!("below {max}"))
    } else if above(80) {
        warn(text).values(count, format!("below {max}"))
    } else {
        pass(text)
    })
}
