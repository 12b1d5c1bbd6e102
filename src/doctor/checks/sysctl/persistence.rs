//! Settings that the next boot takes back.

use super::{super::prelude::*, BASE};

pub(super) const CHECKS: &[Check] = &[Check {
    id: "sysctl-persistence",
    title: "Settings that the next boot takes back",
    ceiling: Ceiling([W, W, W]),
    reads: "the files of sysctl.d, /etc/sysctl.conf and ufw in the order of the boot, compared with the values at work",
    rule: "a value that is good now and will not be after the next boot warns, with the file that sets it",
    why: "it works until the machine restarts, and nobody looks there",
    remedies: &[Remedy::any(
        "change the file that wins, or give the good value in one that is read later",
        &[
            "sudo editor /etc/sysctl.d/FILE",
            "sudo systemd-analyze cat-config sysctl.d",
        ],
    )],
    run: persistence,
    ..BASE
}];

#[derive(Clone, Copy)]
enum Good {
    AtLeast(i64),
    Exactly(i64),
    Not(i64),
}

/// What other checks of this folder want of a key.
const WANTED: [(&str, Good); 17] = [
    ("fs.inotify.max_user_instances", Good::AtLeast(512)),
    ("fs.inotify.max_user_watches", Good::AtLeast(524_288)),
    ("kernel.keys.root_maxkeys", Good::AtLeast(10_000)),
    ("kernel.pid_max", Good::AtLeast(32_768)),
    ("net.ipv4.ip_forward", Good::Exactly(1)),
    ("net.ipv6.bindv6only", Good::Exactly(0)),
    ("net.ipv6.conf.all.disable_ipv6", Good::Exactly(0)),
    ("net.ipv6.conf.all.forwarding", Good::Exactly(1)),
    ("net.ipv6.conf.default.disable_ipv6", Good::Exactly(0)),
    ("net.ipv6.conf.default.forwarding", Good::Exactly(1)),
    ("net.ipv6.conf.lo.disable_ipv6", Good::Exactly(0)),
    ("net.ipv6.conf.uplink.accept_ra", Good::Not(1)),
    ("net.ipv6.conf.uplink.disable_ipv6", Good::Exactly(0)),
    ("net.ipv6.neigh.default.gc_thresh3", Good::AtLeast(1024)),
    ("net.ipv6.route.max_size", Good::AtLeast(4097)),
    ("net.netfilter.nf_conntrack_max", Good::AtLeast(131_072)),
    ("user.max_user_namespaces", Good::AtLeast(1)),
];

fn is_good(good: Good, value: i64) -> bool {
    match good {
        Good::AtLeast(wanted) => value >= wanted,
        Good::Exactly(wanted) => value == wanted,
        Good::Not(unwanted) => value != unwanted,
    }
}

fn persistence(ask: &Ask<'_>) -> Verdict {
    let fact = &ask.machine(Scope::Engine)?.sysctl_at_boot;
    let boot = match fact {
        crate::doctor::Fact::Known(boot) => boot,
        crate::doctor::Fact::NotRecorded => {
            return Err(Gap::NotRecorded {
                scope: Scope::Engine,
                key: "sysctl_at_boot".to_owned(),
            });
        }
        _ => return Err(unknown("the files that set sysctls at boot cannot be read")),
    };
    for (key, good) in WANTED {
        let Some(next) = boot.get(key) else {
            continue;
        };
        let now = if_known(ask.sysctl(key));
        let (Some(now), Some(value)) = (now, next.value.number()) else {
            continue;
        };
        if is_good(good, now) && !is_good(good, value) {
            let place = next
                .file
                .as_deref()
                .map_or(String::new(), |file| format!(" ({file})"));
            return Ok(warn(format!(
                "{key} is {now} now and will be {value} after the next boot{place}"
            ))
            .values(value, now));
        }
    }
    Ok(pass("good values outlive the next boot"))
}
