//! Errors of docker, kind and what runs in nodes, mapped back to the checks that explain them.

/// A known error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Texts that all have to be there, in lower case.
    pub parts: &'static [&'static str],
    /// The checks that explain it, the likeliest first.
    pub checks: &'static [&'static str],
    /// What it means.
    pub meaning: &'static str,
}

/// Known errors, the more particular ones first.
pub const SIGNATURES: &[Signature] = &[
    signature(
        &["disable_ipv6", "no such file"],
        &["ipv6-kernel-enabled"],
        "the kernel has no IPv6, so its sysctls cannot be set for a node",
    ),
    signature(
        &["cannot read ipv6 setup for bridge"],
        &["ipv6-kernel-enabled"],
        "the kernel has no IPv6",
    ),
    signature(
        &["missing ipv6 address"],
        &["kind-network-ipv6"],
        "the node network has no IPv6",
    ),
    signature(
        &["non-overlapping", "address pool"],
        &["docker-address-pools", "vpn-active"],
        "no prefix is free for a network",
    ),
    signature(
        &["could not find an available", "pool"],
        &["docker-address-pools", "vpn-active"],
        "no prefix is free for a network",
    ),
    signature(
        &["pool overlaps with other one"],
        &["subnet-overlap-routes", "kind-network-subnet"],
        "another network has the prefix",
    ),
    signature(
        &["[::1]", "cannot assign requested address"],
        &["ipv6-disable-lo", "loopback-v6"],
        "::1 does not exist on this host",
    ),
    signature(
        &["ip6tables", "can't initialize"],
        &["kmod-ip6-tables", "dind-modprobe"],
        "the kernel's IPv6 packet filter cannot be used",
    ),
    signature(
        &["ip6tables", "table does not exist"],
        &["kmod-ip6table-nat", "kmod-ip6-tables"],
        "a table of the IPv6 packet filter is missing",
    ),
    signature(
        &["missing kernel module"],
        &["kmod-xt-matches", "kernel-modules-dir"],
        "a match of a rule is not in the kernel",
    ),
    signature(
        &["revision 0 not supported"],
        &["kmod-xt-matches", "kernel-modules-dir"],
        "a match of a rule is not in the kernel",
    ),
    signature(
        &["ipv6 global forwarding is disabled"],
        &["docker-firewall-backend", "ipv6-forwarding-all"],
        "the engine demands forwarding",
    ),
    signature(
        &["ipv6 forwarding is disabled"],
        &["docker-firewall-backend", "ipv6-forwarding-default"],
        "the engine demands forwarding",
    ),
    signature(
        &["client version", "is too old"],
        &["docker-api-version"],
        "the engine refuses old clients",
    ),
    signature(
        &["client version", "is too new"],
        &["docker-api-version"],
        "the client is newer than the engine",
    ),
    signature(
        &["permission denied", "docker.sock"],
        &["docker-socket-permission"],
        "this user may not ask the engine",
    ),
    signature(
        &["cannot connect to the docker daemon"],
        &["docker-socket-reachable", "docker-context-resolved"],
        "no engine answers",
    ),
    signature(
        &["unable to apply caps"],
        &["privileged-containers"],
        "the machine withholds a capability that privileged containers ask for",
    ),
    signature(
        &["failed to create fsnotify watcher"],
        &["inotify-instances"],
        "the watchers of files are used up",
    ),
    signature(
        &["too many open files"],
        &["inotify-instances", "docker-default-ulimits"],
        "the watchers of files are used up",
    ),
    signature(
        &["nf_conntrack_max", "read-only file system"],
        &["tool-kind", "nf-conntrack-max"],
        "an old kube-proxy wants to write a sysctl that nodes cannot",
    ),
    signature(
        &["nf_conntrack_max", "permission denied"],
        &["tool-kind", "nf-conntrack-max"],
        "an old kube-proxy wants to write a sysctl that nodes cannot",
    ),
    signature(
        &["cgroup v1", "not supported"],
        &["cgroup-version"],
        "this kubelet needs cgroup v2",
    ),
    signature(
        &["cgroup v1", "unsupported"],
        &["cgroup-version"],
        "this kubelet needs cgroup v2",
    ),
    signature(
        &["detected cgroup v1"],
        &["cgroup-version"],
        "this kubelet needs cgroup v2",
    ),
    signature(
        &["\"cpu\" controller"],
        &["cgroup-delegation"],
        "the user's manager does not hand the controller on",
    ),
    signature(
        &["certificate", "not yet valid"],
        &["clock-sync"],
        "clocks differ",
    ),
    signature(
        &["server gave http response to https client"],
        &["docker-insecure-registry-loopback"],
        "a registry without TLS is not in the engine's list",
    ),
    signature(
        &["content digest", "not found"],
        &["docker-image-store"],
        "the archive refers to other platforms' layers",
    ),
    signature(
        &[".0.1:53", "i/o timeout"],
        &["ipv6-cluster-upstream-dns"],
        "pods without IPv4 ask an IPv4 resolver",
    ),
    signature(
        &["network is unreachable", "["],
        &["ipv6-accept-ra-forwarding", "ipv6-default-route"],
        "there is no IPv6 route any more",
    ),
    signature(
        &["tls handshake timeout"],
        &["docker-mtu", "ipv6-internet"],
        "large packets are lost on the way",
    ),
    signature(
        &["port is already allocated"],
        &["port-api-server"],
        "somebody has the port",
    ),
    signature(
        &["address already in use"],
        &["port-api-server", "port-registry"],
        "somebody has the port",
    ),
    signature(
        &["no space left on device"],
        &["disk-free", "inotify-watches"],
        "the disk is full, or watches are used up",
    ),
];

const fn signature(
    parts: &'static [&'static str],
    checks: &'static [&'static str],
    meaning: &'static str,
) -> Signature {
    Signature {
        parts,
        checks,
        meaning,
    }
}

/// The known errors in a text, the more particular ones first.
pub fn explain(text: &str) -> Vec<&'static Signature> {
    let text = text.to_lowercase();
    SIGNATURES
        .iter()
        .filter(|signature| signature.parts.iter().all(|part| text.contains(part)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::catalogue;

    #[test]
    fn every_signature_leads_to_checks_that_exist_and_is_written_in_lower_case() {
        for signature in SIGNATURES {
            assert!(
                !signature.parts.is_empty() && !signature.checks.is_empty(),
                "{signature:?}"
            );
            for part in signature.parts {
                assert_eq!(*part, part.to_lowercase());
            }
            for check in signature.checks {
                assert!(
                    catalogue::find(check).is_some(),
                    "there is no check {check}"
                );
            }
        }
    }

    #[test]
    fn errors_that_people_meet_lead_to_their_checks() {
        for (text, check) in [
            (
                "runc create failed: open /proc/sys/net/ipv6/conf/all/disable_ipv6: no such file or directory",
                "ipv6-kernel-enabled",
            ),
            (
                "Error response from daemon: could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network",
                "docker-address-pools",
            ),
            (
                "listen tcp6 [::1]:6443: bind: cannot assign requested address",
                "ipv6-disable-lo",
            ),
            (
                "ip6tables v1.8.9 (legacy): can't initialize ip6tables table `nat': Table does not exist (do you need to insmod?)",
                "kmod-ip6-tables",
            ),
            (
                "Warning: Extension conntrack revision 0 not supported, missing kernel module?",
                "kmod-xt-matches",
            ),
            (
                "IPv6 global forwarding is disabled",
                "docker-firewall-backend",
            ),
            (
                "Error response from daemon: client version 1.40 is too old. Minimum supported API version is 1.44",
                "docker-api-version",
            ),
            (
                "permission denied while trying to connect to unix:///var/run/docker.sock",
                "docker-socket-permission",
            ),
            (
                "failed to create fsnotify watcher: too many open files",
                "inotify-instances",
            ),
            (
                "kubelet is configured to not run on a host using cgroup v1. cgroup v1 support is unsupported",
                "cgroup-version",
            ),
            (
                "x509: certificate has expired or is not yet valid: current time 2026-01-01",
                "clock-sync",
            ),
            (
                "read udp 10.244.0.2:1->172.18.0.1:53: i/o timeout",
                "ipv6-cluster-upstream-dns",
            ),
            (
                "http: server gave HTTP response to HTTPS client",
                "docker-insecure-registry-loopback",
            ),
            (
                "ctr: content digest sha256:abc: not found",
                "docker-image-store",
            ),
            (
                "OCI runtime create failed: unable to apply caps: operation not permitted",
                "privileged-containers",
            ),
            (
                "failed to add node: missing IPv6 address in node network",
                "kind-network-ipv6",
            ),
        ] {
            let found = explain(text);
            let first = found
                .first()
                .unwrap_or_else(|| panic!("nothing explains: {text}"));
            assert_eq!(first.checks[0], check, "{text}");
        }
    }

    #[test]
    fn an_unknown_error_explains_nothing() {
        assert!(explain("something else").is_empty());
        assert!(explain("").is_empty());
    }
}
