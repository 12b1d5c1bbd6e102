//! Kernel settings, now and at boot.

use super::Recipe;
use crate::doctor::{Facts, fix::action::Action};

/// The device behind this word is the one of the default route.
const UPLINK: &str = "uplink";

/// Checks and the settings that satisfy them, as paths below `/proc/sys`.
const WANTED: &[(&str, &[(&str, &str)])] = &[
    (
        "ipv6-disable-all",
        &[("net/ipv6/conf/all/disable_ipv6", "0")],
    ),
    (
        "ipv6-disable-default",
        &[("net/ipv6/conf/default/disable_ipv6", "0")],
    ),
    ("ipv6-disable-lo", &[("net/ipv6/conf/lo/disable_ipv6", "0")]),
    (
        "ipv6-disable-uplink",
        &[("net/ipv6/conf/uplink/disable_ipv6", "0")],
    ),
    ("ipv6-accept-ra-forwarding", &[ACCEPT_RA]),
    ("ipv6-forwarding-all", FORWARDING),
    ("ipv6-forwarding-default", FORWARDING),
    ("docker-ip-forward", ALL_FORWARDING),
    ("docker-firewall-backend", ALL_FORWARDING),
    ("ipv6-bindv6only", &[("net/ipv6/bindv6only", "0")]),
    ("ipv4-forwarding", &[("net/ipv4/ip_forward", "1")]),
    (
        "nf-conntrack-max",
        &[("net/netfilter/nf_conntrack_max", "262144")],
    ),
    ("inotify-instances", INOTIFY),
    ("inotify-watches", INOTIFY),
    ("vm-max-map-count", &[("vm/max_map_count", "262144")]),
    (
        "ipv6-route-max-size",
        &[("net/ipv6/route/max_size", "2147483647")],
    ),
    // The upper limits first: the kernel takes the others only below them in newer releases.
    (
        "neigh-gc-thresh6",
        &[
            ("net/ipv6/neigh/default/gc_thresh3", "8192"),
            ("net/ipv6/neigh/default/gc_thresh2", "4096"),
            ("net/ipv6/neigh/default/gc_thresh1", "1024"),
            ("net/ipv4/neigh/default/gc_thresh3", "8192"),
            ("net/ipv4/neigh/default/gc_thresh2", "4096"),
            ("net/ipv4/neigh/default/gc_thresh1", "1024"),
        ],
    ),
    (
        "unprivileged-port-start",
        &[("net/ipv4/ip_unprivileged_port_start", "80")],
    ),
    ("pids-limit", &[("kernel/pid_max", "4194304")]),
];

const ACCEPT_RA: (&str, &str) = ("net/ipv6/conf/uplink/accept_ra", "2");
const FORWARDING: &[(&str, &str)] = &[
    ("net/ipv6/conf/all/forwarding", "1"),
    ("net/ipv6/conf/default/forwarding", "1"),
];
const ALL_FORWARDING: &[(&str, &str)] = &[
    ("net/ipv4/ip_forward", "1"),
    ("net/ipv6/conf/all/forwarding", "1"),
    ("net/ipv6/conf/default/forwarding", "1"),
];
/// Gardener's own limits; one without the other only moves the error.
const INOTIFY: &[(&str, &str)] = &[
    ("fs/inotify/max_user_instances", "8192"),
    ("fs/inotify/max_user_watches", "524288"),
];
/// Keys of the kernel's key rings, for an engine with root's rights and for one without.
const KEYS: &[(&str, &str)] = &[
    ("kernel/keys/root_maxkeys", "1000000"),
    ("kernel/keys/root_maxbytes", "25000000"),
];
const ROOTLESS_KEYS: &[(&str, &str)] = &[
    ("kernel/keys/maxkeys", "2000"),
    ("kernel/keys/maxbytes", "2000000"),
];

/// The recipe of a check about kernel settings.
pub(super) fn recipe(id: &str, facts: &Facts) -> Option<Recipe> {
    if id == "sysctl-persistence" {
        return at_boot(facts);
    }
    let rootless = facts
        .docker
        .info
        .known()
        .is_some_and(|info| info.has_security_option("rootless"));
    let wanted = match id {
        "kernel-keys" if rootless => ROOTLESS_KEYS,
        "kernel-keys" => KEYS,
        _ => WANTED.iter().find(|(check, _)| *check == id)?.1,
    };
    let mut settings: Vec<(&str, &str)> = Vec::new();
    let forwards = wanted
        .iter()
        .any(|(key, _)| key.ends_with("conf/all/forwarding"));
    if forwards && learns_its_route(facts) {
        // A host that forwards ignores routers unless it was told otherwise before.
        settings.push(ACCEPT_RA);
    }
    settings.extend(wanted);
    let uplink = uplink(facts);
    let mut actions = Vec::new();
    for (key, value) in settings {
        if is_enough(facts, key, value) {
            continue;
        }
        let key = if key.contains(UPLINK) {
            key.replace(UPLINK, uplink?)
        } else {
            key.to_owned()
        };
        let value = value.to_owned();
        actions.push(Action::Sysctl {
            key: key.clone(),
            value: value.clone(),
        });
        actions.push(Action::SysctlLine { key, value });
    }
    let recipe = Recipe::of(actions)?;
    Some(if id == "ipv6-disable-all" {
        recipe.noting("setting `all` to 0 switches IPv6 on for every interface")
    } else {
        recipe
    })
}

/// Lines for what is so now and would not be after the next boot.
fn at_boot(facts: &Facts) -> Option<Recipe> {
    let machine = &facts.host;
    let uplink = uplink(facts);
    let lines = machine.sysctl_at_boot.known()?.keys().filter_map(|key| {
        let path = key.replace('.', "/");
        let known = WANTED
            .iter()
            .flat_map(|(_, settings)| settings.iter())
            .chain(KEYS)
            .any(|(other, _)| *other == path);
        let value = machine.sysctl.get(key)?.known()?;
        let path = if path.contains(UPLINK) {
            path.replace(UPLINK, uplink?)
        } else {
            path
        };
        known.then(|| Action::SysctlLine {
            key: path,
            value: value.to_string(),
        })
    });
    Recipe::of(lines)
}

/// Whether the kernel learned its way out from a router, so that forwarding would make it forget.
fn learns_its_route(facts: &Facts) -> bool {
    let view = &facts.host.view;
    let learned = view.routes6.known().is_some_and(|routes| {
        routes
            .iter()
            .any(|route| route.is_default() && route.kernel_ra)
    });
    let accepts = facts
        .host
        .sysctl
        .get("net.ipv6.conf.uplink.accept_ra")
        .and_then(|fact| fact.known()?.number());
    learned && accepts == Some(1)
}

fn uplink(facts: &Facts) -> Option<&str> {
    let view = &facts.host.view;
    let known = view.uplink6.known().or(view.uplink4.known());
    known.map(String::as_str)
}

/// Whether a limit is as high already. Switches are compared by the check itself.
fn is_enough(facts: &Facts, key: &str, value: &str) -> bool {
    let is_limit = [
        "fs/",
        "vm/",
        "kernel/",
        "net/netfilter/",
        "net/ipv6/neigh/",
        "net/ipv4/neigh/",
        "net/ipv6/route/",
    ]
    .iter()
    .any(|start| key.starts_with(start));
    let now = facts.host.sysctl.get(&key.replace('/', "."));
    let now = now.and_then(|fact| fact.known()?.number());
    is_limit
        && now
            .zip(value.parse::<i64>().ok())
            .is_some_and(|(now, wanted)| now >= wanted)
}
