//! Limits that all containers share.

use semver::Version;

use super::{super::prelude::*, BASE, set, write};

pub(super) const CHECKS: &[Check] = &[
    Check {
        id: "inotify-instances",
        title: "Watchers of files",
        platforms: EVERYWHERE,
        reads: "`fs.inotify.max_user_instances`, the planned nodes",
        rule: "below 512 warns; 128 or fewer fail with three nodes or Gardener",
        why: "each node starts systemd, kubelet and containerd, each log that is followed takes one, and the default is 128 for all together: \
              the symptom is \"too many open files\" in nodes that never get ready",
        remedies: &set(
            "set it to 8192",
            &["sudo sysctl -w fs.inotify.max_user_instances=8192"],
        ),
        link: Some(
            "https://kind.sigs.k8s.io/docs/user/known-issues/#pod-errors-due-to-too-many-open-files",
        ),
        run: instances,
        ..BASE
    },
    Check {
        id: "inotify-watches",
        title: "Watched files",
        platforms: EVERYWHERE,
        reads: "`fs.inotify.max_user_watches`",
        rule: "below 524288 warns, 8192 or fewer fail",
        why: "the default grows with memory on new kernels and is 8192 on old ones",
        remedies: &set(
            "set it to 524288 or more, together with the watchers",
            &["sudo sysctl -w fs.inotify.max_user_watches=1048576"],
        ),
        run: watches,
        ..BASE
    },
    Check {
        id: "vm-max-map-count",
        title: "Memory maps",
        platforms: EVERYWHERE,
        ceiling: Ceiling([I, I, I]),
        reads: "`vm.max_map_count`",
        rule: "below 262144 is told",
        why: "only search and log stores in the cluster need more",
        remedies: &set(
            "set it to 262144 when such a store is planned",
            &["sudo sysctl -w vm.max_map_count=262144"],
        ),
        run: map_count,
        ..BASE
    },
    Check {
        id: "kernel-keys",
        title: "Keys of the kernel",
        ceiling: Ceiling([W, W, W]),
        reads: "`kernel.keys.root_maxkeys`; for a rootless engine `kernel.keys.maxkeys`",
        rule: "below 10000 for root and up to 200 for a rootless user warn",
        why: "every container takes a key; one larger cluster uses a user's 200 up",
        remedies: &set(
            "set root_maxkeys to 1000000 (maxkeys to 2000)",
            &["sudo sysctl -w kernel.keys.root_maxkeys=1000000"],
        ),
        run: keys,
        ..BASE
    },
    Check {
        id: "ipv6-route-max-size",
        title: "Room for IPv6 routes",
        platforms: EVERYWHERE,
        ceiling: Ceiling([W, W, N]),
        reads: "`net.ipv6.route.max_size`, the kernel's release, the planned nodes",
        rule: "4096 or less on kernels before 6.3 is told, and warns with Gardener or ten nodes",
        why: "old kernels count every cached copy: when they are used up, only IPv6 gets \"network is unreachable\", now and then",
        remedies: &set(
            "set it to 2147483647, the default of later kernels",
            &["sudo sysctl -w net.ipv6.route.max_size=2147483647"],
        ),
        run: route_max_size,
        ..BASE
    },
    Check {
        id: "neigh-gc-thresh6",
        title: "Room for IPv6 neighbours",
        ceiling: Ceiling([W, W, N]),
        reads: "`net.ipv6.neigh.default.gc_thresh3`",
        rule: "below 1024 warns",
        why: "many pods overflow the table, and new ones are not reached",
        remedies: &set(
            "set it to 8192",
            &["sudo sysctl -w net.ipv6.neigh.default.gc_thresh3=8192"],
        ),
        run: neighbours,
        ..BASE
    },
    Check {
        id: "fs-nr-open",
        title: "The ceiling of open files",
        ceiling: Ceiling([I, I, I]),
        fix: FixClass::None,
        reads: "`fs.nr_open`",
        rule: "1073741816, the kernel's maximum, is told",
        why: "with an unlimited service, programs that close every possible file at start spin for minutes",
        remedies: &[Remedy::any(
            "limit the services instead of lifting the ceiling",
            &["sudo systemctl edit docker"],
        )],
        run: nr_open,
        ..BASE
    },
];

fn at_least(ask: &Ask<'_>, key: &str, wanted: i64) -> Result<Option<i64>, Gap> {
    Ok(ask.sysctl(key)?.filter(|value| *value < wanted))
}

fn instances(ask: &Ask<'_>) -> Verdict {
    let key = "fs.inotify.max_user_instances";
    let Some(value) = at_least(ask, key, 512)? else {
        return Ok(pass("512 or more"));
    };
    let crowd = ask.plan().nodes >= 3 || ask.is_gardener();
    let text = format!("a user may have {value} watchers");
    let finding = if value <= 128 && crowd {
        fail(text)
    } else {
        warn(text)
    };
    Ok(finding.values(value, 8192).command(write(key, 8192)))
}

fn watches(ask: &Ask<'_>) -> Verdict {
    let key = "fs.inotify.max_user_watches";
    let Some(value) = at_least(ask, key, 524_288)? else {
        return Ok(pass("524288 or more"));
    };
    let text = format!("a user may watch {value} files");
    let finding = if value <= 8192 {
        fail(text)
    } else {
        warn(text)
    };
    Ok(finding
        .values(value, 524_288)
        .command(write(key, 1_048_576)))
}

fn map_count(ask: &Ask<'_>) -> Verdict {
    let key = "vm.max_map_count";
    Ok(match at_least(ask, key, 262_144)? {
        Some(value) => info(format!("a process may have {value} memory maps"))
            .values(value, 262_144)
            .command(write(key, 262_144)),
        None => pass("262144 or more"),
    })
}

fn keys(ask: &Ask<'_>) -> Verdict {
    let key = "kernel.keys.root_maxkeys";
    if let Some(value) = at_least(ask, key, 10_000)? {
        return Ok(warn(format!("root may have {value} keys"))
            .values(value, 1_000_000)
            .command(write(key, 1_000_000)));
    }
    let key = "kernel.keys.maxkeys";
    if ask.is_rootless()
        && let Some(value) = at_least(ask, key, 201)?
    {
        return Ok(warn(format!("the engine's user may have {value} keys"))
            .values(value, 2000)
            .command(write(key, 2000)));
    }
    Ok(pass("enough keys for many containers"))
}

/// First kernel that does not count cached routes.
const UNCOUNTED: Version = Version::new(6, 3, 0);

fn route_max_size(ask: &Ask<'_>) -> Verdict {
    let key = "net.ipv6.route.max_size";
    let Some(value) = ask.sysctl(key)? else {
        return skip("the kernel has no IPv6, see ipv6-kernel-enabled");
    };
    if value > 4096 || ask.kernel()? >= UNCOUNTED {
        return Ok(pass("enough for every cluster"));
    }
    let text = format!("the kernel keeps {value} IPv6 routes, cached copies included");
    let finding = if ask.is_gardener() || ask.plan().nodes >= 10 {
        warn(text)
    } else {
        info(text)
    };
    Ok(finding
        .values(value, i32::MAX)
        .command(write(key, i32::MAX.into())))
}

fn neighbours(ask: &Ask<'_>) -> Verdict {
    let key = "net.ipv6.neigh.default.gc_thresh3";
    Ok(match ask.sysctl(key)? {
        None => return skip("the kernel has no IPv6, see ipv6-kernel-enabled"),
        Some(value) if value < 1024 => warn(format!("the kernel keeps {value} IPv6 neighbours"))
            .values(value, 1024)
            .command(write(key, 8192)),
        Some(value) => pass(format!("the kernel keeps {value} IPv6 neighbours")),
    })
}

/// The kernel's maximum on 64-bit machines.
const MAXIMUM: i64 = 1_073_741_816;

fn nr_open(ask: &Ask<'_>) -> Verdict {
    Ok(match ask.sysctl("fs.nr_open")? {
        Some(value) if value >= MAXIMUM => {
            info("a process may have as many open files as the kernel can count")
                .values(value, 1_048_576)
        }
        _ => pass("bounded"),
    })
}
