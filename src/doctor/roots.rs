//! Which findings follow from which: the reader should see one cause, not eleven consequences.

use super::{Status, report::Item};

/// Findings and what they may follow from, the likeliest first.
const CAUSES: &[(&str, &[&str])] = &[
    ("cgroup-delegation", &["systemd-version"]),
    ("cgroupns", &["cgroup-version"]),
    ("dind-modprobe", &["kernel-modules-dir"]),
    ("docker-cgroup-driver", &["systemd-version"]),
    ("docker-firewall-backend", &["ipv6-forwarding-all"]),
    (
        "docker-info-warnings",
        &["cgroup-delegation", "cgroup-controllers", "systemd-version"],
    ),
    ("docker-ip-forward", &["ipv6-forwarding-all"]),
    (
        "docker-ip6tables",
        &[
            "docker-engine-version",
            "kmod-ip6-tables",
            "kernel-modules-dir",
        ],
    ),
    (
        "ipv6-cluster-upstream-dns",
        &[
            "ipv6-kernel-enabled",
            "vm-provider-ipv6",
            "wsl-networking-mode",
            "ipv6-disable-all",
            "ipv6-default-route",
        ],
    ),
    (
        "ipv6-default-route",
        &[
            "ipv6-kernel-enabled",
            "vm-provider-ipv6",
            "wsl-networking-mode",
            "ipv6-disable-all",
            "ipv6-disable-uplink",
        ],
    ),
    ("ipv6-forwarding-default", &["ipv6-forwarding-all"]),
    (
        "ipv6-global-address",
        &[
            "ipv6-kernel-enabled",
            "vm-provider-ipv6",
            "wsl-networking-mode",
            "ipv6-disable-all",
            "ipv6-disable-uplink",
            "ipv6-default-route",
        ],
    ),
    ("ipv6-internet", &["ipv6-default-route", "vm-provider-ipv6"]),
    ("ipv6-disable-lo", &["ipv6-disable-all"]),
    ("kernel-modules-dir", &["wsl-kernel-modules"]),
    ("kind-network-duplicate", &["kind-network-ipv6"]),
    ("kind-network-ipv6", &["ipv6-kernel-enabled"]),
    ("kind-network-masquerade", &["kind-network-subnet"]),
    ("kind-network-ipv4-disabled", &["kind-network-subnet"]),
    ("kmod-br-netfilter", &["kernel-modules-dir"]),
    ("kmod-conntrack", &["kernel-modules-dir"]),
    ("kmod-fuse", &["kernel-modules-dir"]),
    ("kmod-gardener-vpn", &["kernel-modules-dir"]),
    ("kmod-ip6-tables", &["kernel-modules-dir"]),
    ("kmod-ip6table-filter-mangle", &["kernel-modules-dir"]),
    ("kmod-ip6table-nat", &["kernel-modules-dir"]),
    ("kmod-ip6table-raw", &["kernel-modules-dir"]),
    ("kmod-ipset", &["kernel-modules-dir"]),
    ("kmod-ipvs", &["kernel-modules-dir"]),
    ("kmod-nf-tables", &["kernel-modules-dir"]),
    ("kmod-overlay", &["kernel-modules-dir"]),
    ("kmod-tunnels", &["kernel-modules-dir"]),
    ("kmod-veth-bridge", &["kernel-modules-dir"]),
    ("kmod-vxlan", &["kernel-modules-dir"]),
    ("kmod-xt-matches", &["kernel-modules-dir"]),
    ("loopback-v6", &["ipv6-disable-all", "ipv6-disable-lo"]),
    ("rootless-modules-preloaded", &["kernel-modules-dir"]),
    ("vm-provider-ipv6", &["desktop-networking-mode"]),
];

/// Marks findings that follow from another one, through to the first cause.
pub(super) fn assign(items: &mut [Item]) {
    let found = |id: &str| {
        items
            .iter()
            .any(|item| item.id == id && matches!(item.status, Status::Warn | Status::Fail))
    };
    let direct = |id: &str| {
        let (_, causes) = CAUSES.iter().find(|(effect, _)| *effect == id)?;
        causes.iter().copied().find(|cause| found(cause))
    };
    let mut pairs = Vec::new();
    for item in items.iter() {
        let effect = matches!(item.status, Status::Info | Status::Warn | Status::Fail);
        let mut cause = if effect { direct(&item.id) } else { None };
        while let Some(deeper) = cause.and_then(direct) {
            cause = Some(deeper);
        }
        pairs.extend(cause.map(|cause| (item.id.clone(), cause)));
    }
    for (effect, cause) in pairs {
        for item in items.iter_mut() {
            if item.id == effect {
                item.caused_by = Some(cause.to_owned());
            }
        }
    }
    // Checks that were skipped for want of an engine know their cause already.
    let known: Vec<(String, String)> = items
        .iter()
        .filter_map(|item| Some((item.caused_by.clone()?, item.id.clone())))
        .collect();
    for item in items.iter_mut() {
        let own = known.iter().filter(|(cause, _)| *cause == item.id);
        item.causes = own.map(|(_, effect)| effect.clone()).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::catalogue;

    #[test]
    fn causes_and_effects_are_checks() {
        for (effect, causes) in CAUSES {
            for id in std::iter::once(effect).chain(*causes) {
                assert!(catalogue::find(id).is_some(), "there is no check {id}");
            }
        }
    }

    #[test]
    fn no_finding_is_its_own_cause() {
        for (effect, _) in CAUSES {
            let mut reached = vec![*effect];
            let mut index = 0;
            while let Some(id) = reached.get(index).copied() {
                let causes = CAUSES.iter().find(|(other, _)| *other == id);
                for cause in causes.into_iter().flat_map(|(_, causes)| *causes) {
                    assert_ne!(cause, effect, "{effect} follows from itself");
                    if !reached.contains(cause) {
                        reached.push(cause);
                    }
                }
                index += 1;
            }
        }
    }
}
